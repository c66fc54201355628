"""Whether a gate lets pass: what got worse, what is not as matrix.toml expects, and the exit code. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase

from harness.errors import ExitCode
from harness.gate.compare import Comparison, Difference
from harness.gate.entry import stage_of
from harness.model import EXPERIMENTS, CellResult, Expectation, Stage
from harness.records.verdict import judge, judging_attempts


class Trouble(StrEnum):
    """What is wrong with an expectation."""

    STALE = "stale"  # what it says fails passes
    EXPIRED = "expired"  # its day has come


@dataclass(frozen=True, kw_only=True)
class Unmet:
    """An expectation that fails the gate, with the planned cells it is about."""

    trouble: Trouble
    expectation: Expectation
    cells: tuple[str, ...]


def unmet_expectations(
    results: Mapping[str, CellResult],
    planned: Sequence[str],
    expectations: Sequence[Expectation],
    *,
    checks: Collection[Stage],
    today: date,
) -> tuple[Unmet, ...]:
    """Known failures that pass, and those that are past their day, in the order of matrix.toml."""
    stale = {cell: judge(result, expectations, today).stale for cell, result in results.items()}
    return tuple(
        Unmet(trouble=trouble, expectation=each, cells=cells)
        for each in expectations
        for trouble, cells in (
            (Trouble.EXPIRED, tuple(_expired(each, planned, checks, today))),
            (Trouble.STALE, tuple(_stale(each, results, planned, stale))),
        )
        if cells
    )


def exit_code(comparisons: Sequence[Comparison], unmet: Sequence[Unmet]) -> ExitCode:
    """0: nothing is worse; 1: something is; 4: only drift is; 3: the machine kept a known cell from it."""
    if unmet or any(each.worse for each in comparisons):
        return ExitCode.UNEXPECTED
    if any(each.drifted for each in comparisons):
        return ExitCode.DRIFT
    return ExitCode.UNDETERMINED if any(map(_lost, comparisons)) else ExitCode.OK


def _lost(comparison: Comparison) -> bool:
    """Whether the baseline knew what nobody could find out now."""
    return comparison.before is not None and (
        comparison.difference is Difference.UNDETERMINED
        or any(point.difference is Difference.UNDETERMINED for point in comparison.points)
    )


def _expired(
    expectation: Expectation, planned: Sequence[str], checks: Collection[Stage], today: date
) -> Iterator[str]:
    stage = stage_of(expectation.signature)
    if expectation.expires > today or (stage in EXPERIMENTS and stage not in checks):
        return
    for cell in planned:
        if any(fnmatchcase(cell, glob) for glob in expectation.cells):
            yield cell


def _stale(
    expectation: Expectation,
    results: Mapping[str, CellResult],
    planned: Sequence[str],
    stale: Mapping[str, Sequence[Expectation]],
) -> Iterator[str]:
    """What a cell did not come to it cannot show to pass."""
    for cell in planned:
        if cell in results and expectation in stale[cell] and _reached(expectation, results[cell]):
            yield cell


def _reached(expectation: Expectation, result: CellResult) -> bool:
    rungs = [str(stage) for stage in Stage]
    stage = stage_of(expectation.signature)
    stops = [attempt.failure.stage for attempt in judging_attempts(result) if attempt.failure is not None]
    # Of a rung that is written as a glob nobody knows where it is.
    return stage not in rungs or all(rungs.index(stage) < rungs.index(stop) for stop in stops)
