"""A trial: what one cell's record says about a row of the field."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, partial

from packaging.version import Version

from harness.matrix.field import Field, Pin, Pins
from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.matrix.question import make_requirement
from harness.model import CellResult, Resolution, Stage, Verdict
from harness.records.verdict import judging_attempts, verdict_of

# What a cell must have been asked for its passing to mean that its versions work together.
MEANING = frozenset({Stage.TASK, Stage.SCHEDULE})


class Outcome(StrEnum):
    """How a trial went."""

    PASSED = "passed"
    CAVEATS = "caveats"
    FAILED = "failed"
    UNRESOLVABLE = "unresolvable"

    @property
    def good(self) -> bool:
        """Whether what was tried works."""
        return self in (Outcome.PASSED, Outcome.CAVEATS)


OUTCOMES = {
    Verdict.WORKS: Outcome.PASSED,
    Verdict.CAVEATS: Outcome.CAVEATS,
    Verdict.BROKEN: Outcome.FAILED,
    Verdict.UNRESOLVABLE: Outcome.UNRESOLVABLE,
}


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A row that was tried. `pins` are those of its versions that are series of the field.

    `as_installed` says that it is what an installer gives today for the pins alone: neither the index of
    another day, nor a version that is not the newest of its series, nor one of `requirements` had a part.
    """

    cell: str
    pins: Pins
    outcome: Outcome
    as_installed: bool
    signature: str = ""
    requirements: tuple[str, ...] = ()


def trials_of(results: Iterable[CellResult], field: Field, *, forced: bool = False) -> Iterator[Trial]:
    """What some cells' results say of the field; flaky and undetermined ones say nothing.

    Those that were forced on an installer say nothing of what one gives: they are left out, or with `forced`
    all the others are.
    """
    # Records are many, and have few versions among them.
    pin = lru_cache(maxsize=None)(partial(pin_of, field))
    series = {axis: frozenset(values) for axis, values in field.axes.items()}
    for result in results:
        outcome = OUTCOMES.get(verdict_of(result))
        of_these = (result.resolution is Resolution.OVERRIDE) is forced
        if outcome is None or not of_these or not MEANING.issubset(result.checks):
            continue
        by_series = all(result.pins.get(axis) in values for axis, values in series.items())
        requirements = own_requirements(result)
        as_installed = by_series and result.resolution is Resolution.TODAY and not requirements
        found = {each[0]: each for each in map(pin, _chosen(result)) if each is not None}
        trial = Trial(
            cell=result.cell,
            pins=tuple([found[axis] for axis in field.axes if axis in found]),
            outcome=outcome,
            as_installed=as_installed,
            signature="" if outcome is Outcome.PASSED else _signature(result),
            requirements=requirements,
        )
        # A release that fails says nothing of the newest one of its series.
        if trial.outcome.good or by_series:
            yield trial


def series_of(version: str, series: Iterable[str]) -> str | None:
    """Which of some series a version belongs to."""
    release = Version(version).release
    for each in series:
        wanted = Version(each).release
        if release[: len(wanted)] == wanted:
            return each
    return None


def own_requirements(result: CellResult) -> tuple[str, ...]:
    """What a cell required besides what its pins stand for."""
    pinned = {_required(axis, value, result.extras.get(axis, ())) for axis, value in result.pins.items()}
    return tuple(each for each in result.requirements if each not in pinned)


_required = lru_cache(maxsize=10_000)(make_requirement)


def _chosen(result: CellResult) -> Sequence[str]:
    """What was locked, or else asked for, as `name==version`."""
    if result.lock is not None:
        return (f"python=={result.lock.python}", *result.lock.distributions)
    asked = (pin for pin in result.pins.items() if pin[1] not in (UNPINNED, UNASKED))
    return [f"{axis}=={value}" for axis, value in asked]


def pin_of(field: Field, distribution: str) -> Pin | None:
    """The pin of a `name==version`; None of what is no axis, or of no series that the field has."""
    name, _, version = distribution.partition("==")
    found = series_of(version, field.axes[name]) if name in field.axes else None
    return None if found is None else (name, found)


def _signature(result: CellResult) -> str:
    return judging_attempts(result)[-1].failures[0].signature
