"""The figures that scripts read from a benchmark."""

import json

import pytest

from bench import limits
from bench.report import Options, Result, options, publish

RESULTS = [Result("sha256", 2000.0, "MB/s"), Result("put", 150.12345, "MB/s", 200.0)]


def test_json_carries_every_figure_with_its_limit_and_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    publish(RESULTS, as_json=True)

    assert json.loads(capsys.readouterr().out) == [
        {"name": "sha256", "value": 2000.0, "unit": "MB/s", "limit": None, "ratio": None},
        {"name": "put", "value": 150.123, "unit": "MB/s", "limit": 200.0, "ratio": 0.751},
    ]


def test_the_table_has_a_line_for_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    publish(RESULTS, as_json=False)

    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["value", "unit", "limit", "ratio"],
        ["sha256", "2,000.0", "MB/s"],
        ["put", "150.1", "MB/s", "200.0", "0.75"],
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [([], Options(as_json=False, quick=False)), (["--json", "--quick"], Options(as_json=True, quick=True))],
)
def test_the_two_options(arguments: list[str], expected: Options) -> None:
    assert options("a benchmark", arguments) == expected


def test_the_limits_are_measured_in_one_run_with_what_stands_beside_them() -> None:
    results = {each.name: each for each in limits.measure_limits(quick=True)}

    for name in ("hashing reader", "sqlite commit", "local store: put", "local store: memory of a put"):
        assert results[name].limit, f"{name} stands without its limit"
    assert all(each.value >= 0 for each in results.values())
