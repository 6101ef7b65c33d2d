"""How long the pages take that everybody opens, for each role: the 95th percentile, beside a page that does nothing.

The database is that of a large plan in the middle of its year: 400 indicators with approved evidence, and 400 items in
the queue. Run it with
`uv run python -m bench.pages [--json] [--quick]`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

from flask import Flask

from bench.office import local_settings, portal_in, scratch_folder
from bench.report import Result, options, publish
from portal.domain.roles import Role
from portal.web.guards import public
from tests.builders.crowd import build_crowd
from tests.web.stories.people import Person, add_account, sign_in

PAGES = {
    Role.UPLOADER: {"home": "/tugas", "list": "/indikator", "indicator": "{indicator}"},
    Role.TPI_MEMBER: {"home": "/tugas", "list": "/indikator", "queue": "/antrean", "indicator": "{indicator}"},
    Role.TPI_LEAD: {"home": "/tugas", "queue": "/antrean"},
    Role.AUDITOR: {"home": "/tugas", "list": "/indikator", "indicator": "{indicator}"},
    Role.LEADER: {"home": "/tugas", "list": "/indikator"},
    Role.ADMIN: {"home": "/tugas", "list": "/indikator", "indicator": "{indicator}"},
}
LIMIT_MS = 500.0
"""What a person still takes for at once, on one core of an office PC."""


def measure(*, quick: bool) -> list[Result]:
    """Open every page so many times, one after another, in this process."""
    rounds = 8 if quick else 40
    with scratch_folder() as folder:
        settings = local_settings(folder)
        with portal_in(settings) as app:
            app.add_url_rule("/kosong", "empty", public("measured as the limit")(lambda: "kosong"))
            build_crowd(40 if quick else 400)
        for role in PAGES:
            add_account(app, _email(role), role)
        return _results(app, rounds)


def _results(app: Flask, rounds: int) -> list[Result]:
    named = {"indicator": _full_indicator(sign_in(app, _email(Role.TPI_MEMBER)))}
    empty = app.test_client()
    results = [Result("a page that does nothing", _p95(partial(empty.get, "/kosong"), rounds), "ms")]
    for role, pages in PAGES.items():
        client = sign_in(app, _email(role)).client
        for name, path in pages.items():
            address = path.format(**named)
            took = _p95(partial(client.get, address), rounds)
            results.append(Result(f"{role.value}: {name}", took, "ms", LIMIT_MS))
    return results


def _full_indicator(reviewer: Person) -> str:
    """The address of the indicator whose evidence waits in the queue."""
    reviewer.open("/antrean")
    reviewer.open(reviewer.link("/periksa/"))
    return reviewer.link("/indikator/")


def _email(role: Role) -> str:
    return f"{role.value}@contoh.go.id"


def _p95(request: Callable[[], object], rounds: int) -> float:
    """Milliseconds within which 95 of 100 answers come."""
    request()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        request()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    chosen = options(__doc__)
    publish(measure(quick=chosen.quick), as_json=chosen.as_json)
