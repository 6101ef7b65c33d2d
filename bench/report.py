"""What every benchmark takes and prints: its two options, and figures that stand beside the limit of the same run."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Options:
    """How a benchmark runs: `quick` takes about a tenth of the work and gives rougher figures."""

    as_json: bool
    quick: bool


@dataclass(frozen=True, slots=True)
class Result:
    """One figure. `limit` is in the same unit and was measured or set in this run; a limit itself has none."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        """Value by limit: at speed the nearer to 1 the better, at memory the share that is used."""
        return self.value / self.limit if self.limit else None

    def as_dict(self) -> dict[str, str | float | None]:
        """The figure as `--json` prints it, rounded to three places."""
        ratio, limit = self.ratio, self.limit
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "limit": None if limit is None else round(limit, 3),
            "ratio": None if ratio is None else round(ratio, 3),
        }


def options(description: str | None, arguments: Sequence[str] | None = None) -> Options:
    """Read the command line of a benchmark."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="print a JSON list instead of a table")
    parser.add_argument("--quick", action="store_true", help="about a tenth of the work, rougher figures")
    given = parser.parse_args(arguments)
    return Options(as_json=given.json, quick=given.quick)


def publish(results: Sequence[Result], *, as_json: bool) -> None:
    """Print the figures to standard output."""
    print(json.dumps([each.as_dict() for each in results], indent=1) if as_json else _table(results))


def _table(results: Sequence[Result]) -> str:
    width = max(len(each.name) for each in results)
    lines = [f"{'':{width}}  {'value':>10} {'unit':<6} {'limit':>10} {'ratio':>6}"]
    for each in results:
        limit = "" if each.limit is None else f"{each.limit:,.1f}"
        ratio = "" if each.ratio is None else f"{each.ratio:.2f}"
        lines.append(f"{each.name:{width}}  {each.value:>10,.1f} {each.unit:<6} {limit:>10} {ratio:>6}")
    return "\n".join(lines)
