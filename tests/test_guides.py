"""What the guides name exists: commands and their options, settings, files, and every button in bold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from portal.cli import main
from portal.config import PREFIX, SECRETS, Settings

ROOT = Path(__file__).parent.parent
OPERATIONS = ROOT / "docs" / "operations.md"
PANDUAN = sorted((ROOT / "docs" / "panduan").glob("*.md"))
MANUALS = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    *(ROOT / "docs" / f"{name}.md" for name in ("policy", "security", "verifying")),
    OPERATIONS,
    *PANDUAN,
]

FIELDS = {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)}
SECRET_FILES = {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
VARIABLES = FIELDS | SECRET_FILES | {f"{PREFIX}CONFIG"}

TEST_VARIABLES = {"PORTAL_REQUIRE_SERVICES", "PORTAL_TEST_CHROMIUM"}


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def commands_in(text: str) -> Iterator[list[str]]:
    """Words of each `portal …` that stands in a line of a code block or between backticks."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE))
    for line in [line.strip() for block in blocks for line in block.splitlines()] + spans:
        if found := re.match(r"(?:ExecStart=\S*/)?portal (\w.*)", line):
            yield found[1].split()


def find_command(words: list[str]) -> click.Command | None:
    """The command that the words lead to, or None when they name none."""
    command: click.Command | None = main
    for word in words:
        if not isinstance(command, click.Group):
            break
        command = command.commands.get(word)
    return None if isinstance(command, click.Group) else command


def options_of(command: click.Command) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts if option.startswith("--")}


@pytest.mark.parametrize("page", [ROOT / "README.md", OPERATIONS], ids=named)
def test_every_command_and_option_that_a_manual_names_exists(page: Path) -> None:
    found = list(commands_in(page.read_text(encoding="utf-8")))
    assert len(found) > 5, "the manual's commands were not found"
    for words in found:
        command = find_command(words)
        assert command is not None, f"{named(page)} names portal {' '.join(words)}"
        unknown = set(re.findall(r"--[\w-]+", " ".join(words))) - options_of(command)
        assert not unknown, f"{named(page)}: portal {' '.join(words)} has no {unknown}"


def test_every_message_that_the_operations_guide_explains_is_one() -> None:
    (table,) = re.findall(r"\| the message says .*?\n\n", OPERATIONS.read_text(encoding="utf-8"), re.DOTALL)
    said = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "portal").rglob("*.py"))
    messages = re.findall(r"^\| `(.+?)`", table, re.MULTILINE)
    assert messages
    assert not [message for message in messages if message not in said]


def test_every_setting_that_a_manual_names_exists() -> None:
    for page in MANUALS:
        names = set(re.findall(r"PORTAL_[A-Z0-9_]+", page.read_text(encoding="utf-8")))
        assert names <= VARIABLES | TEST_VARIABLES, f"{named(page)} names settings that there are not"


def test_every_line_of_settings_in_the_operations_guide_is_a_setting() -> None:
    toml = "".join(re.findall(r"```toml\n(.*?)```", OPERATIONS.read_text(encoding="utf-8"), re.DOTALL))
    keys = set(re.findall(r"^ *(\w+) =", toml, re.MULTILINE))
    assert keys
    assert keys <= {field.name for field in fields(Settings)}


def test_the_readme_names_every_setting_there_is() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [variable for variable in sorted(VARIABLES) if f"`{variable}`" not in text]


@pytest.mark.parametrize("page", MANUALS, ids=named)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert not [link for link in links if not (page.parent / link).exists()], f"dead links in {named(page)}"


def words_of_the_pages() -> str:
    """All that the pages can show: templates, and the modules that hold words."""
    web = ROOT / "portal" / "web"
    sources = [*web.rglob("*.html"), web / "labels.py", web / "navigation.py", *web.glob("*/forms.py")]
    sources += [*web.glob("*/words.py"), *web.glob("*/steps.py")]
    return "\n".join(source.read_text(encoding="utf-8") for source in sources)


def is_shown(text: str, pages: str) -> bool:
    """Whether the text stands whole in a page: as a string of its own, or as all that a tag holds after its icon."""
    return re.search(rf'("|>|}}}} ){re.escape(text)}("|<|\s*{{%)', pages) is not None


@pytest.mark.parametrize("page", PANDUAN, ids=named)
def test_what_a_guide_prints_bold_stands_on_a_page(page: Path) -> None:
    bold = {
        " ".join(text.split()) for text in re.findall(r"\*\*(.+?)\*\*", page.read_text(encoding="utf-8"), re.DOTALL)
    }
    assert len(bold - {"tebal"}) > 5, "the guide's buttons were not found"
    pages = words_of_the_pages()
    assert not [text for text in sorted(bold - {"tebal"}) if not is_shown(text, pages)], (
        f"{named(page)} names no such words"
    )


def test_there_is_a_guide_for_each_kind_of_user() -> None:
    assert {page.stem for page in PANDUAN} == {"pengunggah", "pemeriksa", "auditor", "admin"}
