"""Gives every test the fixtures of `tests.fixtures`, hypothesis its profile, and an environment free of any portal."""

import os

from hypothesis import settings

SETTINGS_OF_TESTS = {"PORTAL_REQUIRE_SERVICES", "PORTAL_TEST_CHROMIUM"}

# What others import stands before them: pytest wants to see a plugin first.
pytest_plugins = [
    "tests.fixtures.missing_services",
    "tests.fixtures.servers",
    "tests.fixtures.stores",
    "tests.fixtures.signer",
    "tests.fixtures.databases",
    "tests.fixtures.application",
    "tests.fixtures.sites",
]

# A shell in which somebody runs a portal must not lend the tests, or a program they start, its database and its keys.
for name in [name for name in os.environ if name.startswith("PORTAL_") and name not in SETTINGS_OF_TESTS]:
    del os.environ[name]

# No deadline: a slow machine is no defect of the portal. In CI the examples are the same each time, so that a red run
# is about the change and can be repeated.
settings.register_profile("portal", deadline=None, print_blob=True, derandomize="CI" in os.environ)
settings.register_profile("fuzz", parent=settings.get_profile("portal"), max_examples=25_000, derandomize=False)
settings.load_profile("portal")
