"""`python -m tests.matrix`: the table of docs/policy.md, or the matrix asked on a fresh SQLite database and counted."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from portal.db import db
from tests.fixtures.databases import migrate, sqlite_url
from tests.matrix.cells import Tally
from tests.matrix.expected import Outcome
from tests.matrix.policy_table import policy_table
from tests.matrix.selection import Depth
from tests.matrix.standing import open_standing


def main() -> int:
    """Exit status 1 when an answer is not as the file says."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix", description=__doc__)
    parser.add_argument("--policy", action="store_true", help="print the table of docs/policy.md and ask nothing")
    parser.add_argument("--depth", type=Depth, choices=list(Depth), default=Depth.HALF, help="how much is asked")
    parser.add_argument("--person", action="append", help="a kind of person in the file; several may be named")
    given = parser.parse_args()
    if given.policy:
        print(policy_table())  # noqa: T201  # a command's output
        return 0
    begun = perf_counter()
    tally = _ask(given.depth, given.person)
    print(table(tally))  # noqa: T201  # a command's output
    print(f"\n{sum(tally.asked.values())} cells in {perf_counter() - begun:.0f} s")  # noqa: T201  # a command's output
    if tally.complaints:
        print(tally.report, file=sys.stderr)  # noqa: T201  # a command's output
    return 1 if tally.complaints else 0


def table(tally: Tally) -> str:
    """Cells by outcome for each address, as a table of Markdown."""
    addresses = list(dict.fromkeys(address for address, _ in tally.asked))
    rows = [f"| `{a}` | {' | '.join(str(tally.asked[a, outcome]) for outcome in Outcome)} |" for a in addresses]
    sums = " | ".join(str(sum(n for (_, o), n in tally.asked.items() if o is outcome)) for outcome in Outcome)
    head = f"| address | {' | '.join(outcome.value for outcome in Outcome)} |"
    return "\n".join([head, "|---" * (len(Outcome) + 1) + "|", *rows, f"| all | {sums} |"])


def _ask(depth: Depth, people: list[str] | None) -> Tally:
    with TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "portal.sqlite3")
        migrate(url, Path(folder))
        standing = open_standing(url, Path(folder))
        tally = standing.ask(depth, people)
        with standing.app.app_context():
            db.engine.dispose()
        return tally


if __name__ == "__main__":
    sys.exit(main())
