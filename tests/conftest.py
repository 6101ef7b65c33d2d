"""Gives every test the fixtures of `tests.fixtures`, and hypothesis its profile."""

import os

from hypothesis import settings

# What others import stands before them: pytest wants to see a plugin first.
pytest_plugins = [
    "tests.fixtures.missing_services",
    "tests.fixtures.servers",
    "tests.fixtures.stores",
    "tests.fixtures.databases",
    "tests.fixtures.application",
]

# No deadline: a slow machine is no defect of the portal. In CI the examples are the same each time, so that a red run
# is about the change and can be repeated.
settings.register_profile("portal", deadline=None, print_blob=True, derandomize="CI" in os.environ)
settings.load_profile("portal")
