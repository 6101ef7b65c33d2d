"""Gives every test the fixtures of `tests.fixtures`, and hypothesis its profile."""

import os

from hypothesis import settings

pytest_plugins = ["tests.fixtures.missing_services", "tests.fixtures.servers", "tests.fixtures.stores"]

# No deadline: a slow machine is no defect of the portal. In CI the examples are the same each time, so that a red run
# is about the change and can be repeated.
settings.register_profile("portal", deadline=None, print_blob=True, derandomize="CI" in os.environ)
settings.load_profile("portal")
