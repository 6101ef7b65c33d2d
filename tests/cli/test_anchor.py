"""`portal checkpoint anchor` and `print`, as cron and an operator run them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.config import Settings
from tests.servers import mail
from tests.servers.mail import MailServer
from tests.servers.portal import environment_of


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with mail.running() as server:
        yield server


@pytest.fixture
def settings(small_installation: Settings, mail_server: MailServer) -> Settings:
    """An office PC that mails its checkpoints to the inspectorate."""
    return replace(
        small_installation,
        anchors="mail",
        mail_url=mail_server.url,
        mail_from="portal@contoh.go.id",
        anchor_mail_to="apip@contoh.go.id",
    )


def portal(settings: Settings, *words: str) -> Result:
    return CliRunner(env=environment_of(settings)).invoke(main, words)


def sign(settings: Settings) -> None:
    assert portal(settings, "unit", "add", "KPU", "--name", "KPU").exit_code == 0
    assert portal(settings, "checkpoint", "sign").exit_code == 0


def test_without_signer_and_checkpoint_both_say_what_to_do(settings: Settings, tmp_path: Path) -> None:
    for words in (("anchor",), ("print", "--out", str(tmp_path / "a.pdf"))):
        result = portal(replace(settings, signer=""), "checkpoint", *words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "portal checkpoint sign" in result.stderr
    assert not (tmp_path / "a.pdf").exists()


def test_a_round_goes_out_once_and_a_failure_is_exit_1_until_it_is_made_good(
    settings: Settings, mail_server: MailServer
) -> None:
    sign(settings)
    mail_server.refused = {"apip@contoh.go.id"}
    failed = portal(settings, "checkpoint", "anchor", "--json")
    assert failed.exit_code == 1
    assert [each["outcome"] for each in json.loads(failed.stdout)["tries"]] == ["failed"]
    mail_server.refused = set()
    made_good = portal(settings, "checkpoint", "anchor")
    assert (made_good.exit_code, len(mail_server.received)) == (0, 1)
    assert "surel 127.0.0.1: tersimpan" in made_good.stdout
    again = portal(settings, "checkpoint", "anchor")
    assert (again.exit_code, len(mail_server.received)) == (0, 1)
    assert "Sudah tersimpan di semua 1 tempat" in again.stdout


def test_a_mail_server_that_cannot_be_is_named(settings: Settings) -> None:
    sign(settings)
    result = portal(replace(settings, mail_url="smtp://user:rahasia@host"), "checkpoint", "anchor")
    assert result.exit_code == 2
    assert result.stderr.startswith("PORTAL_MAIL_URL")
    assert "rahasia" not in result.stderr


def test_a_page_is_written_once_and_holds_the_checkpoint(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "checkpoint.pdf"
    result = portal(settings, "checkpoint", "print", "--out", str(out))
    assert result.exit_code == 0, result.output
    shown = json.loads(portal(settings, "checkpoint", "show", "--json").stdout)
    words = pypdfium2.PdfDocument(out)[0].get_textpage().get_text_bounded().split()
    assert str(shown["size"]) in words
    assert "".join(word for word in words if len(word) == 4 and word in shown["root"])[:64] == shown["root"]
    assert portal(settings, "checkpoint", "print", "--out", str(out)).exit_code == 2
