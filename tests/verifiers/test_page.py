"""`verifikasi.html` in the hands of an auditor: its steps, its words, its look, and that it can send nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.verifiers.bag_maker import Plan, make_bag
from tests.verifiers.corpus import MUTATIONS
from tests.verifiers.extracted import extract
from tests.verifiers.keys import SIGNER
from tests.verifiers.mutations.mutation import CANNOT_TELL, GENUINE, NOT_GENUINE, good_bag
from tests.verifiers.page_driver import give, open_page, press
from tests.verifiers.page_policy import PAGE, with_policy

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ENTRIES = {entry.name: entry for entry in MUTATIONS}
SHOWN = {
    "printed checkpoint": "Asli",
    "payload byte and all manifests": "Tidak asli",
    "no key": "Tidak dapat dipastikan",
    "no bundle at all": "Tidak dapat dipastikan",
}
SENDING = (
    *("fetch", "XMLHttpRequest", "WebSocket", "WebTransport", "EventSource", "sendBeacon", "RTCPeerConnection"),
    *("importScripts", "import", "location", "open", "submit", "serviceWorker", "BroadcastChannel", "SharedWorker"),
    *("eval", "Function", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "srcdoc", "ping"),
)
"""Words by which a script could send something, go somewhere, or run what is not in the page."""
LEADING_OUT = (
    r"<(?:a|area|base|embed|form|frame|iframe|img|link|object|audio|video|source|svg)\b"
    r"|\b(?:href|src|action|formaction)="
)
"""Elements and attributes by which a page could."""


def _script(page: str) -> str:
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return str(script)


def _without_words(script: str) -> str:
    """The script without its comments, which may name what it does not do."""
    return re.sub(r"/\*.*?\*/|(?<=\s)//[^\n]*", "", script, flags=re.DOTALL)


def sending_words(page: str) -> list[str]:
    """The ways out that the page has."""
    code = _without_words(_script(page))
    words = [word for word in SENDING if re.search(rf"\b{re.escape(word)}\b(?!\.txt)", code)]
    return words + re.findall(LEADING_OUT, page)


def test_the_page_has_no_way_to_send() -> None:
    assert sending_words(PAGE.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("word", SENDING)
def test_a_way_to_send_would_be_seen(word: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert sending_words(page.replace("new Page();", f"window.{word}('x');")) == [word]


def test_the_policy_names_the_hashes_of_script_and_style() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_policy(page), "run: python -m tests.verifiers.page_policy"
    for rule in (
        "default-src 'none'",
        "connect-src 'none'",
        "form-action 'none'",
        "base-uri 'none'",
        "worker-src blob:",
    ):
        assert rule in page
    assert "unsafe" not in page


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", SHOWN)
def test_a_verdict_is_shown(browser: Browser, name: str, width: int) -> None:
    entry = ENTRIES[name]
    with open_page(browser, width=width) as page:
        give(page, entry.zip_bytes(), keys=entry.keys, printed=entry.printed or "")
        result = press(page)
        assert (result.verdict, result.codes, result.not_established) == (
            entry.verdict,
            entry.codes,
            entry.not_established,
        )
        assert page.inner_text("#hasil h2") == SHOWN[name]
        assert page.title().startswith(SHOWN[name])
        assert not page.is_visible("#belum")
        _look(page, width)


@pytest.mark.parametrize("width", [1280, 360])
def test_the_empty_page_says_what_a_missing_verdict_means(browser: Browser, width: int) -> None:
    with open_page(browser, width=width) as page:
        assert "Belum ada putusan: paket belum diperiksa." in page.inner_text("#belum")
        _look(page, width)
        page.click("#periksa")
        assert "Pilih dahulu berkas paket" in page.inner_text("#galat")


def _look(page: Page, width: int) -> None:
    """Nothing overflows and nothing keeps anybody out."""
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    serious = [v["id"] for v in Axe().run(page).response["violations"] if v["impact"] in {"serious", "critical"}]
    assert serious == []


def test_the_facts_of_the_bundle_are_told(browser: Browser) -> None:
    bag = good_bag()
    with open_page(browser) as page:
        give(page, bytes(bag.archive()), keys=SIGNER.public, printed=bag.printed)
        press(page)
        size, root = bag.printed.split()
        told = json.loads(page.input_value("#json"))["bundle"]
        assert told == {
            "name": bag.top,
            "unit": "KPU-1502",
            "year": 2026,
            "evidence": 3,
            "files": 5,
            "bytes": sum(len(data) for path, data in bag.files.items() if path.startswith("data/")),
            "origin": SIGNER.origin,
            "size": int(size),
            "root": root,
        }
        shown = page.inner_text("#fakta")
        assert root in shown.replace(" ", "")
        assert bag.top in shown


def test_a_new_choice_takes_the_old_verdict_away(browser: Browser) -> None:
    with open_page(browser) as page:
        give(page, bytes(good_bag().archive()), keys=SIGNER.public)
        assert press(page).verdict == GENUINE
        give(page, ENTRIES["payload byte"].zip_bytes(), keys=SIGNER.public)
        assert not page.is_visible("#hasil")
        assert page.is_visible("#belum")
        assert press(page).verdict == NOT_GENUINE


def test_keys_are_taken_from_files(browser: Browser, tmp_path: Path) -> None:
    from playwright.sync_api import expect  # slow to import, and only browser tests need it

    paths = [tmp_path / f"{n}.txt" for n in range(len(SIGNER.public))]
    for path, key in zip(paths, SIGNER.public, strict=True):
        path.write_text(key, encoding="utf-8")
    with open_page(browser) as page:
        give(page, bytes(good_bag().archive()))
        page.set_input_files("#berkas-kunci", paths)
        expect(page.locator("#kunci")).to_have_value(re.compile("END PUBLIC KEY"))
        assert press(page).verdict == GENUINE


def test_a_bundle_can_be_dropped(browser: Browser) -> None:
    with open_page(browser) as page:
        dropped = page.evaluate_handle(
            """(bytes) => {
              const data = new DataTransfer();
              data.items.add(new File([Uint8Array.from(bytes)], "jatuh.zip"));
              return data;
            }""",
            list(bytes(good_bag().archive())),
        )
        page.dispatch_event("#jatuhkan", "drop", {"dataTransfer": dropped})
        assert "jatuh.zip" in page.inner_text("#paket-nama")
        assert press(page).not_established == ENTRIES["no key"].not_established


@pytest.mark.parametrize(("spoiled", "verdict"), [(False, GENUINE), (True, NOT_GENUINE)])
def test_the_folder_that_it_extracts_to_is_judged_alike(
    browser: Browser, tmp_path: Path, spoiled: bool, verdict: str
) -> None:
    bag = good_bag()
    for path, data in bag.files.items():
        file = tmp_path / bag.top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data + b" " if spoiled and path == "index.html" else data)
    with open_page(browser) as page:
        page.fill("#kunci", "\n".join(SIGNER.public))
        page.set_input_files("#folder", tmp_path / bag.top)
        result = press(page)
        assert (result.verdict, result.codes) == (verdict, frozenset({"digest"} if spoiled else ()))


def test_req_57_words_of_a_bundle_are_never_markup(browser: Browser) -> None:
    def spoil(document: object) -> None:
        assert isinstance(document, dict)
        document["areas"][0]["components"][0]["indicators"][0]["scope"] = "<img src=x onerror=alert(1)>\u202e"

    with open_page(browser) as page:
        give(page, bytes(make_bag(Plan(on_metadata=spoil)).archive()), keys=SIGNER.public)
        assert press(page).verdict == NOT_GENUINE
        assert "<img src=x onerror=alert(1)>\\u{202e}" in page.inner_text("#temuan")
        assert page.locator("img").count() == 0


SILENT_WORKER = """() => { window.Worker = class {
  constructor() { window.worker = this; }
  postMessage() {}
  terminate() { window.ended = true; }
} }"""
"""In place of the browser's: it never comes to an end."""


def test_progress_is_shown_and_a_check_can_be_called_off(browser: Browser) -> None:
    with open_page(browser, width=360) as page:
        page.evaluate(SILENT_WORKER)
        give(page, bytes(good_bag().archive()))
        page.click("#periksa")
        page.evaluate("worker.onmessage({ data: { stage: 'hash', done: 1e9, total: 2e9 } })")
        assert "1 GB dari 2 GB" in page.inner_text("#jalan")
        assert "Belum ada putusan." in page.inner_text("#jalan")
        assert page.locator("#maju").evaluate("bar => bar.value / bar.max") == 0.5
        _look(page, 360)
        page.click("#batal")
        assert page.evaluate("ended")
        assert page.is_visible("#belum")
        assert page.is_enabled("#periksa")


def test_a_check_that_breaks_off_gives_no_verdict(browser: Browser) -> None:
    with open_page(browser) as page:
        page.evaluate(SILENT_WORKER)
        give(page, bytes(good_bag().archive()), keys=SIGNER.public)
        page.click("#periksa")
        page.evaluate("worker.onerror()")
        assert page.inner_text("#hasil h2") == "Tidak dapat dipastikan"
        assert "berhenti sebelum selesai" in page.inner_text("#belum-pasti")


def test_a_changed_script_gives_no_verdict(browser: Browser, tmp_path: Path) -> None:
    forged = tmp_path / "verifikasi.html"
    page_text = PAGE.read_text(encoding="utf-8")
    forged.write_text(page_text.replace('return "not_genuine"', 'return "genuine"'), encoding="utf-8")
    assert forged.read_text(encoding="utf-8") != page_text
    context = browser.new_context()
    page = context.new_page()
    page.goto(forged.as_uri())
    assert page.is_disabled("#periksa")
    assert "tombol tetap abu-abu" in page.inner_text("#belum")
    context.close()


def test_a_file_that_changes_after_it_was_chosen_gives_no_verdict(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "paket.zip"
    path.write_bytes(bytes(good_bag().archive()))
    with open_page(browser) as page:
        page.set_input_files("#paket", path)
        path.write_bytes(ENTRIES["payload byte"].zip_bytes() + b" ")
        assert press(page).not_established == frozenset({"unreadable"})
        assert "Berkas tidak dapat dibaca" in page.inner_text("#belum-pasti")


def test_an_argument_that_cannot_be_read_says_what_to_do(browser: Browser) -> None:
    with open_page(browser) as page:
        give(page, bytes(good_bag().archive()), keys=("kunci kami",))
        assert press(page).verdict == CANNOT_TELL
        assert "Salin kunci seutuhnya dari sumber tepercaya." in page.inner_text("#belum-pasti")


def test_a_folder_that_was_renamed_or_put_into_another_is_judged_alike(browser: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "Unduhan (1)"
    extract(good_bag(), folder).rename(folder / "paket bukti")
    with open_page(browser) as page:
        page.fill("#kunci", "\n".join(SIGNER.public))
        for chosen in (folder, folder / "paket bukti"):
            page.set_input_files("#folder", chosen)
            assert press(page).verdict == "genuine", chosen
