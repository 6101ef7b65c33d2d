"""Time and memory of one piece of work in this process."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MB = 1_000_000
_SAMPLE_SECONDS = 0.002


def seconds(*works: Callable[[], object], repeats: int = 3) -> tuple[float, ...]:
    """Return the shortest of several runs of each work: what disturbs a run only ever makes it longer.

    The works take turns, so that a busy minute of the machine falls on what is measured and on its limit alike.
    """
    runs = [[_seconds_once(work) for work in works] for _ in range(repeats)]
    return tuple(min(times) for times in zip(*runs, strict=True))


def _seconds_once(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@dataclass(slots=True)
class Memory:
    """Resident memory in MB beyond what the process had at the start; `peak` is filled while the block runs."""

    peak: float = 0.0


@contextmanager
def peak_memory() -> Iterator[Memory]:
    """Watch this process's resident memory until the block ends."""
    process, memory, is_over = psutil.Process(), Memory(), threading.Event()
    start = process.memory_info().rss

    def watch() -> None:
        while not is_over.wait(_SAMPLE_SECONDS):
            memory.peak = max(memory.peak, (process.memory_info().rss - start) / MB)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield memory
    finally:
        is_over.set()
        watcher.join()
