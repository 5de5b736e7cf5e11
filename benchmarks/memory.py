"""Memory of running visits: what one takes while it runs, and whether anything is left of two hundred of them."""

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from benchmarks.portal import running_portal
from benchmarks.result import Row, against
from benchmarks.stack import running_product

VISITS, ROUNDS = 50, 4
_LOOK_SECONDS = 0.2
_MEGABYTE = 2**20


class _Peak:
    """The most that the browsers of this process take together, and that in the middle of the measurements."""

    def __init__(self) -> None:
        self.browser: list[float] = []

    def look(self) -> None:
        total = 0.0
        for child in psutil.Process().children(recursive=True):
            try:
                if "chrom" in child.name().lower():
                    total += child.memory_full_info().pss / _MEGABYTE
            except psutil.Error:
                continue  # it has just ended
        if total:
            self.browser.append(total)


@contextmanager
def _watched() -> Iterator[_Peak]:
    peak, over = _Peak(), threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK_SECONDS):
            peak.look()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _own() -> float:
    gc.collect()
    return float(psutil.Process().memory_full_info().uss) / _MEGABYTE


def memory(_: bool) -> list[Row]:
    """Prepares 50 small visits, then looks into each of them three times more: 200 visits, each in a browser of its own."""
    after: list[float] = []
    with running_portal() as portal, running_product(portal.url) as users:
        visits = portal.ask("small_world", visits=VISITS, dispensers=1, grades=1)["visits"]
        user = next(users)
        user.sync()
        with _watched() as peak:
            batch = user.run_batch()
            for round_ in range(ROUNDS):
                done = user.done_visits(batch)
                if done != visits:
                    raise RuntimeError(f"{done} of {visits} visits of the benchmark are done")
                after.append(_own())
                print(f"  after {visits * (round_ + 1)} visits: {after[-1]:.0f} MB", file=sys.stderr, flush=True)
                if round_ < ROUNDS - 1:
                    batch = user.run_again(batch)
    total = visits * ROUNDS
    note = f"own memory after {visits} and after {total} visits, MB; a visit's browser takes {max(peak.browser):.0f} MB at most"
    return [
        against(f"memory-{total}-visits", after[-1], after[0], "MB", 1.05, note),
        against(
            "memory-visit",
            max(peak.browser),
            400,
            "MB",
            1.0,
            "proportional memory of the one browser of a running visit",
        ),
    ]
