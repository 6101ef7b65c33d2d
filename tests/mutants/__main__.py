"""Puts each seeded fault into a copy of the tree, runs its tests there, and expects them to fail.

`python -m tests.mutants [NAME…]` prints a table and ends with 1 when a fault survived or could not be judged. Nothing
of the working tree is changed. At most two run at once, each in a copy of its own, and on SQLite alone.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.mutant import Mutant
from tests.mutants.seeded import MUTANTS

ROOT = Path(__file__).parents[2]
COPIED = ("portal", "tests", "migrations", "docs", "bench")
AT_ONCE = 2
SECONDS = 600

Copies = SimpleQueue[Path]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a mutant: `caught_by` names the first test that failed, `trouble` says why there is no answer."""

    mutant: Mutant
    seconds: float
    caught_by: str = ""
    trouble: str = ""

    @property
    def survived(self) -> bool:
        return not self.caught_by and not self.trouble


@dataclass(frozen=True, slots=True)
class Run:
    """One run of pytest: its exit status and its last words."""

    status: int
    words: str

    @property
    def failed(self) -> list[str]:
        """The tests that failed, or broke off before they began."""
        return re.findall(r"^(?:FAILED|ERROR) ([^\s]+)", self.words, re.MULTILINE)


def main(names: Sequence[str]) -> int:
    """Judge the named mutants, or all of them."""
    chosen = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    if len(chosen) < len(names):
        print(f"There are: {', '.join(mutant.name for mutant in MUTANTS)}", file=sys.stderr)  # noqa: T201  # it is a command
        return 2
    with tempfile.TemporaryDirectory(prefix="portal-mutants-") as folder:
        copies: Copies = SimpleQueue()
        for number in range(AT_ONCE):
            copies.put(copy_tree(Path(folder) / str(number)))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            if sick := check_health(copies, chosen):
                print(f"Without any fault: {sick}")  # noqa: T201  # it is a command
                return 1
            judgements = [tell(each) for each in pool.map(lambda mutant: judge(copies, mutant), chosen)]
    return summary(judgements)


def copy_tree(place: Path) -> Path:
    """The tree as it stands, with the same environment."""
    for name in COPIED:
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in [*ROOT.glob("*.py"), *ROOT.glob("*.toml"), *ROOT.glob("*.md"), ROOT / "Makefile", ROOT / "uv.lock"]:
        shutil.copy(file, place)
    (place / "instance").mkdir()
    (place / ".venv").symlink_to(ROOT / ".venv")
    return place


def check_health(copies: Copies, mutants: Sequence[Mutant]) -> str:
    """Empty when every named test passes in a copy without a fault; else what failed."""
    with borrowed(copies) as tree:
        run = run_tests(tree, sorted({test for mutant in mutants for test in mutant.tests}))
    return "" if run.status == 0 else ", ".join(run.failed) or run.words[-400:]


def judge(copies: Copies, mutant: Mutant) -> Judgement:
    """Put the fault in, run its tests, and take it out again."""
    began = time.monotonic()
    with borrowed(copies) as tree:
        file = tree / mutant.file
        whole = file.read_text(encoding="utf-8")
        if whole.count(mutant.before) != 1:
            return Judgement(mutant, 0.0, trouble=f"its text is in {mutant.file} {whole.count(mutant.before)} times")
        file.write_text(whole.replace(mutant.before, mutant.after), encoding="utf-8")
        try:
            run = run_tests(tree, mutant.tests)
        finally:
            file.write_text(whole, encoding="utf-8")
    seconds = time.monotonic() - began
    if run.status not in {0, 1}:  # 2 is a module that cannot even be imported: a slip in the list, and no test's merit
        return Judgement(mutant, seconds, trouble=f"pytest ended with {run.status}: {run.words[-400:]}")
    return Judgement(mutant, seconds, caught_by=run.failed[0] if run.failed else "")


@contextmanager
def borrowed(copies: Copies) -> Iterator[Path]:
    tree = copies.get()
    try:
        yield tree
    finally:
        copies.put(tree)


def run_tests(tree: Path, tests: Sequence[str]) -> Run:
    """Up to the first failure; a run that takes too long is one that was not judged."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "--tb=no",
        "-k",
        "not postgresql",
        *tests,
    ]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Run(-1, f"not done after {SECONDS} s")
    return Run(done.returncode, done.stdout[-4000:] + done.stderr[-2000:])


def tell(judgement: Judgement) -> Judgement:
    """Print a line of the table."""
    fate = judgement.trouble or judgement.caught_by.split("/")[-1] or "SURVIVED"
    print(f"| {judgement.mutant.name} | {judgement.mutant.breaks} | {fate} | {judgement.seconds:.0f} |", flush=True)  # noqa: T201  # it is a command
    return judgement


def summary(judgements: Sequence[Judgement]) -> int:
    survivors = [each for each in judgements if each.survived]
    unjudged = [each for each in judgements if each.trouble]
    print(f"{len(judgements)} mutants, {len(survivors)} survived, {len(unjudged)} could not be judged")  # noqa: T201  # it is a command
    return 1 if survivors or unjudged else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
