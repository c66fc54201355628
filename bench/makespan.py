"""How long cells take on so many slots, by what cells took: simulated, with nothing run.

A slot takes the next cell as soon as it has ended one, as those of a fleet do. The cells are those that
the committed records measured, the newest of each, over and over until there are enough of them. What they
took they took on a machine with all of its slots busy; a slot here is such a slot.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from harness.model import Settled
from harness.records.store import newest_results, read_runs
from harness.report.words import duration

CELLS = 10_000
SLOTS = (1, 3, 10, 30, 100, 300, 1000)
_MEASURED_NOTHING = (Settled.SKIPPED, Settled.MACHINE, Settled.SAME)


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """On so many slots: seconds in the records' order, with the dearest first, and at the very least."""

    slots: int
    as_they_come: float
    dearest_first: float
    least: float


def measured_seconds(records: Path, count: int = CELLS) -> list[float]:
    """What `count` cells took."""
    results = newest_results(read_runs(records, outline=True)).values()
    seconds = [result.seconds for result in results if result.settled not in _MEASURED_NOTHING]
    return list(islice(cycle(seconds), count))


def makespan(seconds: Iterable[float], slots: int, *, between: float = 0.0) -> float:
    """When the last cell has ended; `between` two cells of a slot so many seconds pass."""
    free = [0.0] * slots
    for each in seconds:
        heapq.heapreplace(free, free[0] + each + between)
    return max(free)


def least(seconds: Sequence[float], slots: int) -> float:
    """What no order and no fleet can be quicker than."""
    return max(sum(seconds) / slots, *seconds)


def simulate(
    seconds: Sequence[float], slots: Sequence[int] = SLOTS, *, between: float = 0.0
) -> list[Simulated]:
    """A row for each number of slots."""
    dearest = sorted(seconds, reverse=True)
    return [
        Simulated(
            slots=count,
            as_they_come=makespan(seconds, count, between=between),
            dearest_first=makespan(dearest, count, between=between),
            least=least(seconds, count),
        )
        for count in slots
    ]


def tell(rows: Sequence[Simulated], seconds: Sequence[float], console: Console) -> None:
    """Print the table."""
    console.print(
        f"{len(seconds)} cells that took {duration(sum(seconds))} added up,"
        f" {sum(seconds) / len(seconds):.1f} s each, and {max(seconds):.0f} s the longest"
    )
    table = Table(box=None)
    for heading in ("slots", "as they come", "dearest first", "at the least", "dearest first / least"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            str(row.slots),
            duration(row.as_they_come),
            duration(row.dearest_first),
            duration(row.least),
            f"{row.dearest_first / row.least:.3f}",
        )
    console.print(table)
