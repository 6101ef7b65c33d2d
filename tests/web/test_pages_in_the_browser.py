"""The look and the script in a real browser, under the real headers: nothing overflows, nothing is blocked, every
page passes axe, and the comforts of portal.js work.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask

from portal.domain.roles import Role
from portal.web.identity import SignedIn
from tests.web.people import make_person
from tests.web.sample_pages import add_sample_pages
from tests.web.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATHS = ("/tugas", "/indikator", "/unggah", "/tidak-ada")
WIDTHS = (1280, 360)


@pytest.fixture
def address(bare_app: Flask) -> Iterator[str]:
    """Where the sample pages are served."""
    bare_app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    add_sample_pages(bare_app)
    with served(bare_app) as (url, _):
        yield url


@pytest.fixture
def page(browser: "Browser", bare_app: Flask, people: dict[str, SignedIn], address: str) -> Iterator["Page"]:
    """A page of somebody with every role; console errors other than a status end the test."""
    person = make_person(*Role)
    people[person.session_token] = person
    cookie = bare_app.session_interface.get_signing_serializer(bare_app).dumps({"_user_id": person.session_token})  # type: ignore[attr-defined]  # of the signed-cookie interface
    context = browser.new_context(base_url=address)
    context.add_cookies([{"name": "session", "value": str(cookie), "url": address}])
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert [text for text in complaints if "the server responded with a status of" not in text] == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_is_touchable_and_accessible(page: "Page", path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)
    assert page.url.endswith(path)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width, "scrolls sideways"
    small = page.evaluate(
        """() => Array.from(document.querySelectorAll("button, summary, nav a, .btn, select, input:not([type=hidden])"))
            .map((element) => element.closest(".form-check") ?? element)
            .filter((element) => element.offsetParent && element.getBoundingClientRect().height < 44)
            .map((element) => element.outerHTML)"""
    )
    assert small == [], "lower than 44 px"
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()


def test_a_rejected_form_takes_the_focus_to_its_summary_and_the_links_to_the_fields(page: "Page") -> None:
    page.goto("/unggah")
    page.get_by_role("button", name="Simpan ke indikator").click()
    page.wait_for_load_state()
    summary = page.get_by_role("alert")
    assert summary.evaluate("element => element === document.activeElement")
    page.get_by_role("link", name="Peran:").click()
    assert page.evaluate("() => document.activeElement.id") == "role-0"
    assert Axe().run(page).violations_count == 0


def test_chosen_files_are_named_with_their_sizes(page: "Page", tmp_path: Path) -> None:
    small, large = tmp_path / "kecil.pdf", tmp_path / "besar.pdf"
    small.write_bytes(b"x" * 1536)
    large.write_bytes(b"x" * 2001)
    page.goto("/unggah")
    page.get_by_label("Berkas bukti").set_input_files([small, large])
    first, second = page.locator(".chosen-files li").all_text_contents()
    assert first == "kecil.pdf · 1,5 KB"
    assert second == "besar.pdf · 2 KB – terlalu besar, batas 2 KB. Pilih berkas yang lebih kecil."


def test_a_form_is_sent_once_until_its_page_is_shown_again(page: "Page") -> None:
    page.goto("/indikator")
    # Runs after the script's own listener: notes whether that stopped the form, and keeps the page in any case.
    page.evaluate(
        """() => {
            window.stopped = [];
            window.addEventListener("submit", (event) => {
                window.stopped.push(event.defaultPrevented);
                event.preventDefault();
            });
        }"""
    )
    approve = page.get_by_role("button", name="Setujui")
    approve.click()
    assert approve.get_attribute("aria-disabled") == "true"
    approve.dispatch_event("click")
    page.evaluate("() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert approve.get_attribute("aria-disabled") is None
    approve.click()
    assert page.evaluate("() => window.stopped") == [False, True, False]


def test_the_print_button_appears_with_the_script_and_prints(page: "Page") -> None:
    page.goto("/indikator")
    page.evaluate("() => { window.print = () => { document.title = 'printed'; }; }")
    page.get_by_role("button", name="Cetak").click()
    assert page.title() == "printed"


def test_paper_has_no_buttons_and_no_menu(page: "Page") -> None:
    page.goto("/indikator")
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    for selector in (".site-nav", ".btn", ".decision-bar", ".user-menu"):
        assert not page.locator(selector).first.is_visible(), selector


def test_everything_works_without_the_script(browser: "Browser", address: str, page: "Page") -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]  # a cookie as read is one as written
    plain = context.new_page()
    plain.goto("/unggah")
    plain.get_by_label("Nomor dokumen").fill("19/2025")
    plain.get_by_role("button", name="Simpan ke indikator").click()
    assert plain.get_by_label("Nomor dokumen").input_value() == "19/2025"
    assert plain.get_by_role("alert").is_visible()
    plain.goto("/tugas")
    plain.locator(".user-menu summary").click()
    assert plain.get_by_role("button", name="Keluar").is_visible()
    context.close()
