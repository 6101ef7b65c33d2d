"""Dates, numbers and sizes as Indonesian offices write them."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask, render_template_string

from portal.domain.roles import Role
from portal.web import dates
from portal.web.guards import public
from tests.web.conftest import SignIn
from tests.web.people import make_person

AT = datetime(2026, 11, 23, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("timezone", "text"),
    [
        ("Asia/Jakarta", "Senin, 23 November 2026 pukul 11.05 WIB"),
        ("Asia/Makassar", "Senin, 23 November 2026 pukul 12.05 WITA"),
        ("Asia/Jayapura", "Senin, 23 November 2026 pukul 13.05 WIT"),
    ],
)
def test_a_moment_is_told_in_the_zone_of_the_readers_unit(
    bare_app: Flask, sign_in: SignIn, timezone: str, text: str
) -> None:
    view = public("test")(lambda: render_template_string("{{ at | moment }}|{{ at | short_moment }}", at=AT))
    bare_app.add_url_rule("/kapan", "when", view)
    moment, short = sign_in(make_person(Role.UPLOADER, timezone=timezone)).get("/kapan").text.split("|")
    assert moment == text
    assert short == f"23 Nov 2026, {text.split('pukul ')[1]}"


def test_without_a_reader_the_zone_is_the_installations(bare_app: Flask) -> None:
    with bare_app.test_request_context():
        assert dates.format_moment(AT) == "Senin, 23 November 2026 pukul 11.05 WIB"


def test_a_moment_without_a_zone_is_a_mistake(bare_app: Flask) -> None:
    with bare_app.test_request_context(), pytest.raises(ValueError, match="aware UTC"):
        dates.format_moment(datetime(2026, 11, 23, 4, 5))  # noqa: DTZ001  # the mistake itself


def test_days_and_months() -> None:
    day = date(2026, 8, 17)
    assert dates.format_day(day) == "Senin, 17 Agustus 2026"
    assert dates.format_short_day(day) == "17 Agu 2026"
    assert dates.format_month(day) == "Agustus 2026"


@pytest.mark.parametrize(
    ("due", "text"), [(18, "1 hari lagi"), (17, "hari ini"), (14, "lewat 3 hari"), (31, "14 hari lagi")]
)
def test_days_left(due: int, text: str) -> None:
    assert dates.format_days_left(date(2026, 8, due), date(2026, 8, 17)) == text


def test_numbers() -> None:
    assert dates.format_number(1234.5) == "1.234,5"
    assert dates.format_number(1131) == "1.131"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bita"),
        (1023, "1.023 bita"),
        (1024, "1 KB"),
        (812_345, "793 KB"),
        (1024**2 - 1, "1.024 KB"),
        (2_202_009, "2,1 MB"),
        (100 * 1024**2, "100 MB"),
        (5 * 1024**3 // 2, "2,5 GB"),
        (3000 * 1024**3, "3.000 GB"),
    ],
)
def test_file_sizes(size: int, text: str) -> None:
    assert dates.format_size(size) == text
