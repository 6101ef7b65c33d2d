"""Somebody in a browser: every page he comes to is looked at for what no page may have."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.web.stories.people import PASSWORD

SERIOUS = {"serious", "critical"}


class Visitor:
    """One person in a browser context of his own, `width` pixels wide. Without `scripts` a page is only awaited:
    looking at it needs scripts of ours in it.
    """

    def __init__(self, page: Page, address: str, width: int, *, scripts: bool = True) -> None:
        self.page, self.address, self.width, self.scripts = page, address, width, scripts
        self.complaints: list[str] = []
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        """An answer 422 is a refused form and no fault of the page."""
        if message.type == "error" and "status of 422" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def sign_in(self, email: str) -> None:
        self.open("/masuk")
        self.page.fill("#email", email)
        self.page.fill("#password", PASSWORD)
        self.press("Masuk")
        assert "Tugas saya" in self.page.inner_text("h1")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")
        self.look()

    def press(self, name: str) -> None:
        """Press the button of this name in the page's content."""
        self.page.locator("main").get_by_role("button", name=name, exact=True).first.click()
        self.look()

    def follow(self, name: str) -> None:
        """Follow the link of this name in the page's content."""
        self.page.locator("main").get_by_role("link", name=name).first.click()
        self.look()

    def says(self, text: str) -> bool:
        return text in self.page.inner_text("body")

    def look(self) -> None:
        """Assert what must hold on every page once it is loaded, and take its picture if asked."""
        self.page.wait_for_load_state("load")
        if self.scripts:
            self._assert_shape()
            self._check_accessibility()
        self._take_picture()

    def _assert_shape(self) -> None:
        wide = self.page.evaluate("() => document.scrollingElement.scrollWidth")
        assert wide <= self.width, f"{self.page.url} is {wide} px wide on a screen of {self.width}"
        assert self.page.locator("h1").count() == 1, f"{self.page.url} has not just one h1"
        assert not self.complaints, self.complaints

    def _check_accessibility(self) -> None:
        found = Axe().run(self.page).response["violations"]
        serious = [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in SERIOUS]
        assert not serious, f"{self.page.url}: {serious}"

    def _take_picture(self) -> None:
        folder = os.environ.get("PORTAL_TEST_SCREENSHOTS")
        if folder:
            name = self.page.url.removeprefix(self.address).strip("/").split("?")[0].replace("/", "_") or "tugas"
            self.page.screenshot(path=Path(folder) / f"{name[:60]}-{self.width}.png", full_page=True)


@contextmanager
def visiting(browser: Browser, address: str, width: int, *, scripts: bool = True) -> Iterator[Visitor]:
    """A visitor with a browser context of his own."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts, accept_downloads=True
    )
    context.set_default_timeout(60_000)
    try:
        yield Visitor(context.new_page(), address, width, scripts=scripts)
    finally:
        context.close()
