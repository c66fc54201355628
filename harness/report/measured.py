"""What was measured, plan by plan: when, on what machine, in how long. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from harness.model import CellResult, MachineFacts
from harness.records.store import Run


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The runs of a plan that are in the records.

    `seconds` is how long cells were running, however many at a time: what lies between runs does not count.
    """

    plan: str
    runs: tuple[str, ...]
    cells: int
    began: datetime
    ended: datetime
    seconds: float
    machine: MachineFacts


def measured(runs: Sequence[Run]) -> tuple[Measured, ...]:
    """Each plan that cells were run for, in the order of their names."""
    plans: dict[str, list[Run]] = {}
    for run in runs:
        if run.results:
            plans.setdefault(run.header.plan, []).append(run)
    return tuple(_measured(plan, plans[plan]) for plan in sorted(plans))


def _measured(plan: str, runs: Sequence[Run]) -> Measured:
    results = [result for run in runs for result in run.results]
    spans = sorted(map(_span, results))
    return Measured(
        plan=plan,
        runs=tuple(run.header.run for run in runs),
        cells=len({result.cell for result in results}),
        began=spans[0][0],
        ended=max(end for _, end in spans),
        seconds=round(_covered(spans).total_seconds()),
        machine=runs[-1].header.machine,
    )


def _span(result: CellResult) -> tuple[datetime, datetime]:
    began = datetime.fromisoformat(result.started).astimezone(UTC)
    return began, began + timedelta(seconds=result.seconds)


def _covered(spans: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """How much time lies in spans, the earliest first, that may overlap."""
    covered, until = timedelta(), datetime.min.replace(tzinfo=UTC)
    for began, ended in spans:
        covered += max(timedelta(), ended - max(began, until))
        until = max(until, ended)
    return covered
