"""The Chromium of the machine, driven by playwright; nothing is downloaded and every start has a new profile."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Root cannot use the sandbox; the others keep the browser from calling its maker's servers at every start.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def executable() -> Path | None:
    """Return the browser named by PORTAL_TEST_CHROMIUM or found on the PATH, or None."""
    named = os.environ.get("PORTAL_TEST_CHROMIUM")
    found = named if named and Path(named).is_file() else next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


def why_missing() -> str | None:
    """Return why no browser can run here and the command that provides it, or None when one can."""
    return None if executable() else "no Chromium on this machine; `apt-get install chromium` provides it (as root)"


@contextlib.contextmanager
def running() -> Iterator["Browser"]:
    """Run a headless browser until the block ends; each test opens its own context in it."""
    from playwright.sync_api import sync_playwright  # slow to import, and only browser tests need it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), headless=True, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
