"""`verifikasi.html` as an auditor has it: opened from disk in a real browser, without any server."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.verifiers.page_policy import PAGE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.verifiers.mutations.mutation import Mutation

_ENTRIES_AT_ONCE = 50
_VERIFY = """async (entries) => {
  const results = [];
  for (const [zip, keyText, printedText] of entries) {
    const bytes = Uint8Array.from(atob(zip), (letter) => letter.charCodeAt(0));
    results.push(await verify({ source: { zip: new File([bytes], "paket.zip") }, keyText, printedText }, () => {}));
  }
  return JSON.stringify(results);
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the page says of a bundle: the verdict and the sets of codes."""

    verdict: str
    codes: frozenset[str]
    not_established: frozenset[str]

    @classmethod
    def of(cls, told: dict[str, object]) -> Result:
        """Out of the JSON object of docs/bundle-format.md §8."""
        return cls(
            verdict=str(told["verdict"]),
            codes=_codes(told["findings"]),
            not_established=_codes(told["not_established"]),
        )


def _codes(items: object) -> frozenset[str]:
    assert isinstance(items, list)
    return frozenset(str(item["code"]) for item in items)


@contextmanager
def open_page(browser: Browser, *, width: int = 1280, page_file: Path = PAGE) -> Iterator[Page]:
    """The page; whatever it asks of a network, and every complaint of the browser, ends the test."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: None if _is_local(request.url) else complaints.append(request.url))
    page.goto(page_file.resolve().as_uri())
    yield page
    context.close()
    assert complaints == []


def _is_local(url: str) -> bool:
    return url.startswith(("file:", "blob:"))


def judge_all(page: Page, entries: Sequence[Mutation]) -> dict[str, Result]:
    """The result of each entry by its name, from the page's own code but without its buttons."""
    told = []
    for start in range(0, len(entries), _ENTRIES_AT_ONCE):
        given = [_given(entry) for entry in entries[start : start + _ENTRIES_AT_ONCE]]
        told += json.loads(page.evaluate(_VERIFY, given))
    return {entry.name: Result.of(each) for entry, each in zip(entries, told, strict=True)}


def _given(entry: Mutation) -> tuple[str, str, str]:
    return b64encode(entry.zip_bytes()).decode(), "\n".join(entry.keys), entry.printed or ""


def give(page: Page, zip_bytes: bytes, *, keys: Sequence[str] = (), printed: str = "") -> None:
    """Fill the three steps as a person does."""
    page.set_input_files("#paket", {"name": "paket.zip", "mimeType": "application/zip", "buffer": zip_bytes})
    page.fill("#kunci", "\n".join(keys))
    page.fill("#cetak", printed)


def press(page: Page) -> Result:
    """Press the button and wait for the verdict."""
    page.click("#periksa")
    page.locator("#hasil").wait_for(state="visible")
    return Result.of(json.loads(page.input_value("#json")))
