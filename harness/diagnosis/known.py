"""What the records say of a cell and of its changes."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache

from packaging.version import Version

from harness.diagnosis.change import Change, changed_name
from harness.matrix.field import Pins
from harness.matrix.lines import MARK, is_changed, lines_of
from harness.model import EXPERIMENTS, CellResult, Resolution, Settled, Stage, Verdict
from harness.records.verdict import judging_attempts, verdict_of

# What a cell must have been asked for its passing to mean that its versions work together.
_MEANING = frozenset({Stage.TASK, Stage.SCHEDULE})
_OUTCOMES = {
    Verdict.WORKS: "passes",
    Verdict.CAVEATS: "passes",
    Verdict.BROKEN: "fails",
    Verdict.UNRESOLVABLE: "unresolvable",
}


class Outcome(StrEnum):
    """What came of a cell. `silent` says nothing: flaky, or the machine kept it from being determined."""

    PASSES = "passes"
    FAILS = "fails"
    UNRESOLVABLE = "unresolvable"
    SILENT = "silent"


def outcome_of(result: CellResult) -> Outcome:
    """What came of a cell, by its record."""
    return Outcome(_OUTCOMES.get(verdict_of(result), "silent"))


def signature_of(result: CellResult) -> str:
    """What a cell that does not pass fails with: the weightiest failure of its last attempt; "" if none."""
    failures = [attempt.failures for attempt in judging_attempts(result)[-1:]]
    return failures[0][0].signature if failures and failures[0] else ""


def is_failure(result: CellResult) -> bool:
    """Whether a record is of a failure to diagnose: confirmed, as installed today, and no change itself."""
    return (
        result.resolution is Resolution.TODAY
        and not is_changed(result.cell)
        and result.settled in (Settled.REPEATED, Settled.EXPECTED, Settled.KNOWN)
        and outcome_of(result) is Outcome.FAILS
        and _MEANING.issubset(result.checks)
        and bool(signature_of(result))
    )


class Known:
    """The newest result of every cell, and how to find what was tried for another one.

    Give it each new result, or make a new one: it holds nothing that does not follow from the results.
    """

    def __init__(self, results: Iterable[CellResult] = ()) -> None:
        self._results: dict[str, CellResult] = {}
        # By pins and resolution, however it is called: a stack of matrix.toml may be another one's then.
        self._alike: dict[tuple[object, ...], dict[str, CellResult]] = {}
        # By settings, what passes as installed today: in the order in which it came to be known.
        self._passing: dict[tuple[object, ...], dict[str, CellResult]] = {}
        # The same by all pins but one, under any settings.
        self._beside: dict[Pins, dict[str, CellResult]] = {}
        # By cell and distribution, the versions that were tried.
        self._tried: dict[tuple[str, str], dict[str, None]] = {}
        self._changes: dict[str, int] = {}
        # What some lock has, as `name==version`.
        self._distributions: set[str] = set()
        for result in results:
            self.learn(result)

    def learn(self, result: CellResult) -> None:
        """Take in the newest result of its cell."""
        if not _MEANING.issubset(result.checks):
            return
        known = result.cell in self._results
        self._results[result.cell] = result
        if result.lock is not None:
            self._distributions.update(result.lock.distributions)
        stack, _, profile = result.cell.partition("@")
        if is_changed(result.cell):
            base, *parts = stack.split(MARK)
            self._changes[f"{base}@{profile}"] = self._changes.get(f"{base}@{profile}", 0) + (not known)
            for line in lines_of(parts[-1:]) or ():
                name, _, version = line.partition("==")
                if version and len(parts) == 1:
                    self._tried.setdefault((f"{base}@{profile}", name), {})[version] = None
            return
        pins = _in_order(result.pins)
        self._alike.setdefault((*pins, result.resolution), {})[result.cell] = result
        passes = result.resolution is Resolution.TODAY and outcome_of(result) is Outcome.PASSES
        if not passes and not known:
            return
        groups = [self._passing.setdefault(_circumstances(result), {})]
        groups += [self._beside.setdefault(key, {}) for key in _but_one(pins)]
        for group in groups:
            group.pop(result.cell, None)
            if passes:
                group[result.cell] = result

    def __iter__(self) -> Iterator[CellResult]:
        """The newest result of each cell."""
        return iter(self._results.values())

    def result(self, base: CellResult, change: Change) -> CellResult | None:
        """What came of a changed cell that was asked at least what `base` was asked; None if nobody tried."""
        pins = {**base.pins, **dict(change.pins)}
        resolution = Resolution.ERA if change.then else base.resolution
        named = self._results.get(changed_name(base.cell, dict(base.pins), change))
        candidates = [named] if named is not None else []
        if not change.lines:
            alike = self._alike.get((*_in_order(pins), resolution), {}).values()
            candidates += [each for each in alike if _is_alike(each, base)]
        fitting = (
            each
            for each in candidates
            if dict(each.pins) == pins and each.resolution is resolution and _is_asked_enough(each, base)
        )
        return next(fitting, None)

    def passes(self, base: CellResult, change: Change) -> bool:
        """Whether a changed cell was tried, and passes."""
        result = self.result(base, change)
        return result is not None and outcome_of(result) is Outcome.PASSES

    def versions_tried(self, base: CellResult, distribution: str) -> tuple[str, ...]:
        """The versions of a distribution of which each was tried with a cell."""
        return tuple(self._tried.get((base.cell, distribution), ()))

    def count_of_changes(self, base: CellResult) -> int:
        """How often a cell was tried with further lines."""
        return self._changes.get(base.cell, 0)

    def near(self, base: CellResult) -> CellResult | None:
        """The passing cell under the same settings whose pins differ least; None when there is none.

        Few axes that differ are nearer than many; then, versions that are near each other.
        """
        # Thousands pass, and nearly always one of them differs in one value.
        keys = _but_one(_in_order(base.pins))
        beside = [
            each for key in keys for each in self._beside.get(key, {}).values() if _is_alike(each, base)
        ]
        return _nearest(base, beside) or _nearest(base, self._passing.get(_circumstances(base), {}).values())

    def versions_that_pass(self, base: CellResult, distribution: str) -> frozenset[str]:
        """The versions of a distribution that are installed where cells on the same Python pass today."""
        passing = self._passing.get(_circumstances(base), {}).values()
        versions = (
            each.lock.version(distribution)
            for each in passing
            if each.lock is not None and each.pins["python"] == base.pins["python"]
        )
        return frozenset(version for version in versions if version is not None)

    def has_distribution(self, name: str) -> bool:
        """Whether some lock has it: what nobody has ever installed is not installed for its name."""
        return any(each.startswith(f"{name}==") for each in self._distributions)


def _circumstances(result: CellResult) -> tuple[object, ...]:
    """All that a cell is asked but for its versions. What it requires besides stands with its values."""
    return (
        tuple(sorted(result.settings.items())),
        result.database,
        result.broker,
        tuple(sorted(result.extras.items())),
    )


def _is_alike(one: CellResult, other: CellResult) -> bool:
    return _circumstances(one) == _circumstances(other)


def _in_order(pins: Mapping[str, str]) -> Pins:
    return tuple(sorted(pins.items()))


def _but_one(pins: Pins) -> list[Pins]:
    return [(*pins[:place], *pins[place + 1 :]) for place in range(len(pins))]


def _is_asked_enough(result: CellResult, base: CellResult) -> bool:
    """Whether a cell was asked what another one was; of one that ended before its checks, any of them is."""
    ended = [attempt.failure for attempt in judging_attempts(base)[-1:] if attempt.failure is not None]
    if ended and ended[0].stage not in EXPERIMENTS:
        return True
    return set(base.checks) <= set(result.checks)


def _nearest(base: CellResult, passing: Iterable[CellResult]) -> CellResult | None:
    by_number: dict[int, list[CellResult]] = {}
    pins = base.pins.items()
    for each in passing:
        by_number.setdefault(len(pins & each.pins.items()), []).append(each)
    for number in sorted(by_number, reverse=True):
        fitting = (
            each
            for each in by_number[number]
            if each.pins.keys() == base.pins.keys() and _is_asked_enough(each, base)
        )
        nearest = min(fitting, key=lambda each: (distance(base.pins, each.pins), each.cell), default=None)
        if nearest is not None:
            return nearest
    return None


def distance(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[float, ...]:
    """How far the axes that differ are apart, the furthest first; both have the same axes."""
    return tuple(sorted((_apart(value, other[axis]) for axis, value in one.items()), reverse=True))


@cache
def _apart(one: str, other: str) -> float:
    """How far two versions are from each other: a major counts as a hundred minors."""
    if one == other:
        return 0
    if "*" in (one, other):
        return float("inf")
    (a, b, *_), (c, d, *_) = (*Version(one).release, 0), (*Version(other).release, 0)
    return abs(100 * (a - c) + b - d)
