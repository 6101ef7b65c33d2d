"""House rules for every template of the portal, those of the features too."""

import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

import portal.web
from portal.web.assets import FOLDER

WEB = Path(portal.web.__file__).parent
TEMPLATES = sorted(WEB.glob("**/templates/**/*.html"))
SHARED = WEB / "templates"
HEADING_OWNERS = {SHARED / "base.html", SHARED / "errors/_failure.html", SHARED / "errors/wrong_host.html"}

FORBIDDEN = {
    "inline style": r"\sstyle=|<style\b",
    "inline script": r"<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:|hx-on|\bjs:",
    "address of another host": r"(?:href|src|action)=[\"'](?:https?:)?//",
    "unescaped text": r"\|\s*safe\b|autoescape",
    "English or missing alternative text": r"<img(?![^>]*\salt=)",
}

every_template = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))


def _is_page(path: Path) -> bool:
    """A template that is rendered by itself: not a base, a macro file or a part (with a leading underscore)."""
    return not (path.name.startswith("_") or path.parent.name == "macros" or path.name in {"base.html", "layout.html"})


@every_template
def test_it_compiles(bare_app: Flask, path: Path) -> None:
    bare_app.jinja_env.compile(path.read_text(encoding="utf-8"), filename=str(path))


@every_template
def test_it_holds_nothing_that_the_content_security_policy_or_a_reader_forbids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = {rule: re.search(pattern, text) for rule, pattern in FORBIDDEN.items()}
    broken = {rule: match.group() for rule, match in found.items() if match}
    assert not broken, f"{path.relative_to(WEB)}: {broken}"


@every_template
def test_its_heading_comes_from_its_title(bare_app: Flask, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path in HEADING_OWNERS:
        assert text.count("<h1") == 1, f"{path.relative_to(WEB)}: one h1"
        return
    assert "<h1" not in text, f"{path.relative_to(WEB)}: the base makes the h1 from block title"
    if _is_page(path) and "{% extends" in text:
        blocks = {block.name for block in bare_app.jinja_env.parse(text).find_all(nodes.Block)}
        assert "title" in blocks, f"{path.relative_to(WEB)}: block title is missing"


@every_template
def test_its_icons_and_assets_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (FOLDER / "icons.svg").read_text(encoding="utf-8")))
    icons = set(re.findall(r"\bicon(?:_name)?(?:\(|=)\s*[\"']([\w-]+)", text))
    assets = set(re.findall(r"asset_url\([\"']([^\"']+)", text))
    assert icons <= sprite, f"{path.relative_to(WEB)}: not in icons.svg: {icons - sprite}"
    assert assets <= {file.name for file in FOLDER.iterdir()}, f"{path.relative_to(WEB)}: no such asset among {assets}"
