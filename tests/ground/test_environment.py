"""The tests never touch the portal that the shell around them is set up for."""

import os
import subprocess
import sys


def test_the_settings_of_a_real_portal_do_not_reach_the_tests() -> None:
    script = "import os, tests.conftest; print(sorted(name for name in os.environ if name.startswith('PORTAL_')))"
    surroundings = os.environ | {
        "PORTAL_DATABASE_URL": "postgresql+psycopg://ministry/portal",
        "PORTAL_SECRET_KEY": "of the ministry",
        "PORTAL_REQUIRE_SERVICES": "1",
        "PORTAL_TEST_CHROMIUM": "/usr/bin/chromium",
    }
    answer = subprocess.run(
        [sys.executable, "-c", script], env=surroundings, capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout.strip() == "['PORTAL_REQUIRE_SERVICES', 'PORTAL_TEST_CHROMIUM']"
