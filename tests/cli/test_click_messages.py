"""What click itself says stands in Indonesian, all of it, and names what was wrong."""

from __future__ import annotations

import ast
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.cli.click_messages import MESSAGES

NOT_SAID = {
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}": "no command is deprecated",
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}": "no option is deprecated",
    "deprecated": "nothing is deprecated",
    "env var: {var}": "no option shows a variable",
    "(dynamic)": "no default is made by a function",
    "Choice({choices})": "told to programs alone",
    "Value must be an iterable.": "no option is given several times",
    "Takes {nargs} values but 1 was given.": "no option takes several values",
    "Takes {nargs} values but {len} were given.": "no option takes several values",
    "{len_type} values are required, but {len_value} was given.": "no option takes several values",
    "{len_type} values are required, but {len_value} were given.": "no option takes several values",
    "{value!r} is not a valid boolean. Recognized values: {states}": "switches take no value",
    "{value!r} does not match the formats {formats}.": "a date is written in one way",
    "%(prog)s, version %(version)s": "there is no --version",
    "Show the version and exit.": "there is no --version",
    "Do you want to continue?": "no command asks",
    "Confirm the action without prompting.": "no command asks",
    "Invalid start character for option ({option})": "only a programmer sees it",
    "Could not determine name for option with declarations {decls!r}": "only a programmer sees it",
    "Name '{name}' defined twice": "only a programmer sees it",
    "Boolean option {decl!r} cannot use the same flag for true/false.": "only a programmer sees it",
    "Arguments take exactly one parameter declaration, got {length}: {decls}.": "only a programmer sees it",
    "No options defined but a name was passed ({name}). Did you mean to declare an argument instead? "
    "Did you mean to pass '--{name}'?": "only a programmer sees it",
}
"""Sentences that no command of ours comes to say, with the reason."""

SPEAKING = ("core", "decorators", "exceptions", "formatting", "parser", "types")
COMPUTED = {"required": "click looks it up by the key of the extra that it stands in"}


def msgids() -> set[str]:
    """Every constant text that click asks gettext for."""
    folder, found = Path(click.__file__).parent, set[str]()
    for name in SPEAKING:
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "ngettext"}:
                found |= {
                    each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }
    return found


def test_every_sentence_of_click_has_one_of_ours() -> None:
    known = MESSAGES.keys() | NOT_SAID.keys() - COMPUTED.keys()
    assert not msgids() - known, "new in this version of click"
    assert not known - COMPUTED.keys() - msgids(), "no longer said by this version of click"


def test_a_translation_names_the_same_things() -> None:
    for msgid, sentence in MESSAGES.items():
        said = {part.split("}")[0] for part in sentence.split("{")[1:]}
        assert said <= {part.split("}")[0] for part in msgid.split("{")[1:]}, msgid


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("serve --tidak-ada", "Kesalahan: Tidak ada opsi '--tidak-ada'."),
        ("serve --prot 1", "Tidak ada opsi '--prot'. (Mungkin maksud Anda salah satu dari: '--host', '--port'?)"),
        ("tidak-ada", "Kesalahan: Tidak ada perintah 'tidak-ada'."),
        ("user ad", "Tidak ada perintah 'ad'. Mungkin maksud Anda 'add'?"),
        ("serve lebih", "Kesalahan: Ada argumen yang berlebih (lebih)."),
        ("serve satu dua", "Kesalahan: Ada argumen yang berlebih (satu dua)."),
        ("serve --port", "Kesalahan: Opsi '--port' memerlukan nilai."),
        ("verify --json=ya", "Kesalahan: Opsi '--json' tidak memakai nilai."),
        ("serve --port x", "Nilai untuk '--port' tidak dapat diterima: 'x' bukan angka yang dapat dibaca."),
        ("serve --port 0", "Nilai untuk '--port' tidak dapat diterima: 0 tidak dalam batas 1<=x<=65535."),
        ("unit add A", "Kesalahan: Opsi yang wajib belum diisi: '--name'."),
        ("user invite", "Kesalahan: Argumen yang wajib belum diisi: 'EMAIL'."),
        ("user add a --name b --role zz --unit c", "'zz' bukan salah satu dari 'uploader', 'area_coordinator',"),
        ("user add a --name b --role admin --unit c --from besok", "'besok' bukan tanggal yang ditulis sebagai"),
    ],
)  # fmt: skip
def test_a_refusal_names_what_was_wrong(line: str, sentence: str) -> None:
    done = CliRunner().invoke(main, line.split())
    assert done.exit_code == 2
    assert sentence in " ".join(done.stderr.split()), done.stderr


@pytest.mark.parametrize("line", [[], ["user"], ["serve"], ["import-plan"]])
def test_help_is_in_indonesian(line: list[str]) -> None:
    said = CliRunner().invoke(main, [*line, "--help"]).stdout
    assert said.startswith("Pemakaian: ")
    assert "Tampilkan bantuan ini." in said
    for word in ("Usage", "Options", "OPTIONS", "COMMAND", "Show this", "default"):
        assert word not in said
