"""What cells cost, by what they took before. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from harness.model import CellResult, Settled, Stage
from harness.records.store import Run

_NOBODY_KNOWS = 1.0  # seconds; where nothing was measured all cells are alike


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Seconds by cell. Of `guessed` nothing is known: they are taken for the middle one of the others."""

    seconds: dict[str, float]
    guessed: frozenset[str]


def costs_of(cells: Iterable[str], runs: Sequence[Run], checks: tuple[Stage, ...]) -> Costs:
    """What the newest record of each cell says that it took.

    Only what was run with the same checks counts: a day costs more than a tick.
    """
    measured: dict[str, CellResult] = {}
    for run in runs:
        for result in run.results:
            if result.checks != checks or not _says(result):
                continue
            known = measured.get(result.cell)
            if known is None or known.started <= result.started:
                measured[result.cell] = result
    wanted = tuple(cells)
    # Of the plan's own cells, if some were measured; else of whatever ran under these checks.
    like = [measured[cell].seconds for cell in wanted if cell in measured] or [
        each.seconds for each in measured.values()
    ]
    usual = median(like) if like else _NOBODY_KNOWS
    return Costs(
        seconds={cell: measured[cell].seconds if cell in measured else usual for cell in wanted},
        guessed=frozenset(wanted) - measured.keys(),
    )


def _says(result: CellResult) -> bool:
    """Whether it says what the cell takes: what was not run, or cut short by its machine, does not."""
    return result.settled not in (Settled.SKIPPED, Settled.MACHINE)
