"""Bad values for every argument of every command: exit 2 with a sentence, no traceback, and nothing in the database.

Each argument is spoiled in turn, with the rest as somebody would honestly type it; that the honest line works is
tested as well, so that no refusal comes from elsewhere. `portal serve` and `portal demo` are only spoiled where the
line itself is refused: what they do with a good one is tested with a server and with the demo.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal import create_app
from portal.cli import main
from portal.config import Settings
from portal.db import db
from portal.domain.log.checkpoint import Checkpoint
from portal.domain.roles import Role
from portal.services.checkpoints import sign_checkpoint
from portal.signer.desk import SigningDesk
from tests.builders.bad_values import BAD_VALUES, OVERSIZED
from tests.builders.hostile import bounded, hostile
from tests.fixtures.databases import settings_for, sqlite_url
from tests.servers.portal import environment_of
from tests.web.stories.office import approved_evidence, open_office
from tests.web.stories.people import add_account, set_up_phone
from tests.web.walk.contents import contents_of, hiding, restored

PLAN = str(Path(__file__).parents[2] / "portal" / "data" / "plans" / "kpu-merangin-2025.yaml")
BAD = {kind: os.fsdecode(value) for kind, value in BAD_VALUES.items() if b"\0" not in value} | {"nothing": ""}
"""As a terminal hands bytes over to Python; a NUL ends an argument, so none ever holds one."""

HONEST: dict[str, dict[str, str]] = {
    "check": {},
    "sbom": {},
    "migrate": {},
    "database roles": {"--prefix": "portal"},
    "sweep": {},
    "verify": {"--printed": f"0 {sha256(b'').hexdigest()}"},
    "import-plan": {"file": PLAN, "--unit": "KPU-1502", "--year": "2025"},
    "bundle seal": {
        "--unit": "KPU-1502", "--year": "2025", "--area": "I", "--indicator": "I.1.1",
        "--as": "agus@contoh.go.id", "--out": "paket.zip",
    },
    "unit add": {"code": "KPU-1503", "--name": "KPU Bungo", "--under": "KPU-15", "--timezone": "Asia/Jakarta"},
    "user add": {
        "email": "baru@contoh.go.id", "--name": "Orang Baru", "--role": "auditor", "--unit": "KPU-1502",
        "--area": "II", "--sponsor": "dewi@contoh.go.id", "--from": "2026-01-01", "--until": "2026-03-31",
    },
    "user grant": {
        "email": "siti@contoh.go.id", "--role": "auditor", "--unit": "KPU-1502",
        "--area": "II", "--sponsor": "dewi@contoh.go.id", "--from": "2019-01-01", "--until": "2019-03-31",
    },
    "user invite": {"email": "siti@contoh.go.id"},
    "user reset-factor": {"email": "agus@contoh.go.id"},
    "checkpoint sign": {},
    "checkpoint show": {},
    "checkpoint anchor": {},
    "checkpoint print": {"--out": "checkpoint.pdf"},
    "signer init": {"directory": "kunci-pertama", "--origin": "bukti-zi.kpu-1502/log1"},
    "signer serve": {"directory": "kunci", "--socket": "soket"},
    "signer rotate": {"directory": "kunci"},
    "signer keys": {"directory": "kunci", "--out": "kunci-publik"},
    "signer remember": {"directory": "kunci", "--note": "checkpoint.txt"},
    "signer new-log": {"directory": "kunci-baru", "--origin": "bukti-zi.kpu-1502/log2", "--after": "checkpoint.txt"},
    "serve": {"--host": "127.0.0.1", "--port": "8080"},
    "demo": {"--port": "8080"},
}  # fmt: skip
"""Every command with a value for each argument that takes one."""

SWITCHES = {"user add": ("--external",), "user grant": ("--external",)}
"""What the honest lines need besides: a sponsor is for an external auditor alone."""

RUN_ON = {
    "serve": "serves until it is stopped",
    "signer serve": "serves until it is stopped",
    "demo": "is the main job itself",
    "verify": "would find that this office was built past the trail",
    "database roles": "is for PostgreSQL, and makes roles there",
}
"""Commands whose honest line is not run here, with the reason."""

NOT_JUDGED = {
    ("serve", "--host"): "whether a host can be listened on is known when a server tries",
    ("signer serve", "--socket"): "whether a socket can be listened on is known when a server tries",
}
"""Arguments that no bad value is given here, with the reason."""

FREE = {
    ("unit add", "code"): "a code may be all digits",
    ("unit add", "--name"): "a name is what a unit is called",
    ("user add", "--name"): "a name is what somebody is called",
    ("bundle seal", "--out"): "a file may have any name that its folder takes",
    ("checkpoint print", "--out"): "a file may have any name that its folder takes",
    ("signer init", "directory"): "a folder may have any name that its place takes",
    ("signer new-log", "directory"): "a folder may have any name that its place takes",
    ("signer keys", "--out"): "a folder may have any name that its place takes",
}
"""Arguments for which some of these values are nothing bad; what is taken must not be too long or hide signs."""


def commands(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by the words it is called with."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


COMMANDS = dict(commands(main))


def takes_values(command: click.Command) -> list[click.Parameter]:
    return [each for each in command.params if not (isinstance(each, click.Option) and each.is_flag)]


def key_of(parameter: click.Parameter) -> str:
    return parameter.opts[0] if isinstance(parameter, click.Option) else str(parameter.name)


PLACES = [
    (name, key_of(each))
    for name, command in COMMANDS.items()
    for each in takes_values(command)
    if (name, key_of(each)) not in NOT_JUDGED
]


class Terminal:
    """Types commands of one installation, in a folder of its own."""

    def __init__(self, settings: Settings, app: Flask) -> None:
        self.app, self.runner = app, CliRunner(env=environment_of(settings))

    def type(self, command: str, values: dict[str, str], *further: str) -> Result:
        """Options first; then `--`, so that a value may begin with a dash."""
        options = [f"{key}={value}" for key, value in values.items() if key.startswith("--")]
        arguments = [value for key, value in values.items() if not key.startswith("--")]
        return self.runner.invoke(
            main, [*command.split(), *SWITCHES.get(command, ()), *options, *further, "--", *arguments]
        )


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """An office in which every honest line has something to do; each test leaves it as it was."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copyfile(sqlite_template, folder / "portal.sqlite3")
    (folder / "portal.sqlite3").chmod(0o600)
    installation = settings_for(sqlite_url(folder / "portal.sqlite3"), folder)
    app = create_app(installation)
    open_office(app)
    add_account(app, "agus@contoh.go.id", Role.AUDITOR)
    set_up_phone(app, "agus@contoh.go.id")
    approved_evidence(app, "I.1.1", name="SK Tim.pdf")
    with app.app_context():
        sign_checkpoint(signer=app.extensions["portal.signer"], now=datetime.now(UTC))
        db.engine.dispose()
    return Terminal(installation, app)


@pytest.fixture
def terminal(office: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    make_keys_without_memory()
    return office


def make_keys_without_memory() -> None:
    """In `kunci`, restored from a backup as it were; `checkpoint.txt` is what they signed last."""
    desk = SigningDesk.create(Path("kunci"), origin="bukti-zi.kpu-1502/log1")
    note = desk.sign_checkpoint(checkpoint=Checkpoint(desk.keys().verifier.name, 1, bytes(32)), old_size=0, proof=())
    Path("checkpoint.txt").write_text(note, encoding="utf-8")
    shutil.rmtree("kunci/signed")


ENGLISH = re.compile(r"Usage|Error|Missing|No such (option|command)|Invalid|Try '|is not|does not|requires")
"""Words of click's own sentences."""


def is_refusal(done: Result) -> bool:
    """Exit 2 in so many words of ours, and not an error that ended the program."""
    said = bool(done.stderr) and not done.stdout and not ENGLISH.search(done.stderr)
    return done.exit_code == 2 and isinstance(done.exception, SystemExit) and said


def test_every_argument_of_every_command_has_an_honest_value() -> None:
    assert {name: {key_of(each) for each in takes_values(command)} for name, command in COMMANDS.items()} == {
        name: set(values) for name, values in HONEST.items()
    }


def test_honest_lines_work(terminal: Terminal) -> None:
    for name in HONEST.keys() - RUN_ON.keys():
        with restored(terminal.app):
            done = terminal.type(name, HONEST[name])
        assert done.exit_code == 0, f"{name}: {done.output} {done.exception!r}"


@pytest.mark.parametrize(("name", "key"), PLACES, ids=lambda part: part.replace(" ", "-"))
def test_a_bad_value_is_refused_and_changes_nothing(terminal: Terminal, name: str, key: str) -> None:
    before = contents_of(terminal.app)
    for kind, value in BAD.items():
        with restored(terminal.app):
            done = terminal.type(name, {**HONEST[name], key: value})
            place = f"{name} {key}: {kind}: exit {done.exit_code}, {done.exception!r}\n{done.output[-300:]}"
            if done.exit_code == 0 and (name, key) in FREE:
                assert kind not in {OVERSIZED, "nothing"}, place
                assert not hiding(terminal.app), place
            else:
                assert is_refusal(done), place
                assert contents_of(terminal.app) == before, place


@pytest.mark.parametrize("name", HONEST)
def test_a_line_of_the_wrong_shape_is_refused(terminal: Terminal, name: str) -> None:
    """Too much, unknown, a value for a switch, and each argument that is needed left out."""
    before, values, command = contents_of(terminal.app), HONEST[name], COMMANDS[name]
    lines = {
        "an unknown option": terminal.type(name, values, "--tidak-ada"),
        "one argument more": terminal.type(name, {**values, "lebih": "lebih"}),
    }
    for each in command.params:
        key = key_of(each)
        if isinstance(each, click.Option) and each.is_flag:
            lines[f"{key} with a value"] = terminal.type(name, values, f"{key}=ya")
        elif isinstance(each, click.Option):
            lines[f"{key} at the end"] = terminal.runner.invoke(main, [*name.split(), key])
        if each.required:
            lines[f"no {key}"] = terminal.type(name, {k: value for k, value in values.items() if k != key})
    for line, done in lines.items():
        assert is_refusal(done), f"{name}, {line}: exit {done.exit_code}, {done.exception!r}\n{done.output}"
    assert contents_of(terminal.app) == before


@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
def test_an_unknown_command_is_refused(terminal: Terminal, value: str) -> None:
    for group in ([], ["user"], ["unit"], ["bundle"]):
        assert is_refusal(terminal.runner.invoke(main, [*group, "--", value])), group


REFUSABLE = [place for place in PLACES if place not in FREE]
WORDS = sorted({*COMMANDS, "user", "unit", "-", "-h", "--", "--=", "-x", ""} | {key for _, key in PLACES})
"""Parts of lines, in any order."""


@pytest.fixture(scope="module")
def untouched(office: Terminal) -> dict[str, str]:
    return contents_of(office.app)


@bounded(share=4)
@given(
    place=st.sampled_from(REFUSABLE),
    value=hostile().map(lambda made: os.fsdecode(made.replace(b"\0", b"")) + "\x1b"),
)
def test_a_generated_value_is_refused_and_changes_nothing(
    office: Terminal, untouched: dict[str, str], place: tuple[str, str], value: str
) -> None:
    """Each ends in a control character, so that none is right by chance."""
    name, key = place
    done = office.type(name, {**HONEST[name], key: value})
    assert is_refusal(done), f"{name} {key}: exit {done.exit_code}, {done.exception!r}\n{done.output[-300:]}"
    assert contents_of(office.app) == untouched


@bounded(share=2)
@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=8)), max_size=6))
def test_a_generated_line_is_refused(office: Terminal, words: list[str]) -> None:
    """Its last word is an option that no command has, or an argument that none takes."""
    line = [part for word in words for part in word.replace("\0", "").split(" ") if part != "--help"]
    done = office.runner.invoke(main, [*line, "--tidak-ada=tidak-ada"])
    assert is_refusal(done), f"{line}: exit {done.exit_code}, {done.exception!r}\n{done.output[-300:]}"
