"""A baseline against the present. Pure; each rule has a test of its own."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from harness.gate.entry import Entry, in_order, stage_of
from harness.model import Lock, Stage, Verdict


class Difference(StrEnum):
    """How the present differs from the baseline, the weightiest first."""

    REGRESSED = "regressed"  # it passed, and fails
    DRIFT = "drift"  # so it does with the baseline's own lock: the machine, the clock or the index
    FLAKY = "flaky"  # now so, now so
    MISSING = "missing"  # nothing is known of what was known
    UNDETERMINED = "undetermined"  # the machine kept it from being known
    CHANGED = "changed"  # it fails otherwise than before
    FIXED = "fixed"  # it failed, and passes
    NEW = "new"  # the baseline does not know of it
    SAME = "same"


@dataclass(frozen=True, kw_only=True)
class Point:
    """A check, an invariant or a rung: its signatures where it failed, else a word. `worse` fails a gate."""

    name: str
    difference: Difference
    before: str
    now: str
    worse: bool = False


@dataclass(frozen=True, kw_only=True)
class LockChange:
    """A distribution that is at another version than before; "" where there was or is none."""

    name: str
    before: str
    now: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One cell. `points` are those that differ; `removed` are checks that are no more: that is no regression.

    `reference` is what came of the baseline's own lock, run now; None when there was no need. `other_project`
    says that what is worse is so with the baseline's own lock, too, and that the project's files are others.
    """

    cell: str
    difference: Difference
    before: Entry | None
    now: Entry | None
    points: tuple[Point, ...] = ()
    removed: tuple[str, ...] = ()
    lock: tuple[LockChange, ...] = ()
    reference: Entry | None = None
    other_project: bool = False

    @property
    def worse(self) -> bool:
        """Whether it fails the gate as something that got worse: drift fails it under its own name."""
        return self.difference is Difference.MISSING or any(point.worse for point in self.points)

    @property
    def drifted(self) -> bool:
        """Whether some of it is drift."""
        return any(point.difference is Difference.DRIFT for point in self.points)


PASSED, NOT_THERE, NOT_OBSERVED, FLAKY = "passed", "not there", "not observed", "flaky"
_RUNGS = [str(stage) for stage in Stage]
_WEIGHT = {difference: number for number, difference in enumerate(Difference)}


def compare_all(
    before: Mapping[str, Entry], now: Mapping[str, Entry], planned: Iterable[str]
) -> tuple[Comparison, ...]:
    """Every planned cell, in the order of the plan. What is planned no more is not compared."""
    return tuple(compare(cell, before.get(cell), now.get(cell)) for cell in planned)


def compare(cell: str, before: Entry | None, now: Entry | None) -> Comparison:
    """One cell. Who has neither is missing: it was planned, and nothing came of it."""
    if now is None:
        return Comparison(cell=cell, difference=Difference.MISSING, before=before, now=None)
    lock = lock_changes(before.lock, now.lock) if before is not None else ()
    if not now.determined:
        return Comparison(cell=cell, difference=Difference.UNDETERMINED, before=before, now=now, lock=lock)
    if before is None or not before.determined:
        return Comparison(cell=cell, difference=Difference.NEW, before=before, now=now, lock=lock)
    points = tuple(each for each in _points(before, now) if each.difference is not Difference.SAME)
    removed = () if _stopped(now) else in_order(before.checks - now.checks)
    return Comparison(
        cell=cell,
        difference=heaviest(points),
        before=before,
        now=now,
        points=points,
        removed=removed,
        lock=lock,
    )


def heaviest(points: Iterable[Point]) -> Difference:
    """What a cell is called by its points; what is worse goes before what only differs."""
    ordered = sorted(points, key=lambda point: (not point.worse, _WEIGHT[point.difference]))
    return ordered[0].difference if ordered else Difference.SAME


def state(entry: Entry, point: str) -> str:
    """A signature, or one of the words above."""
    if point in entry.flaky:
        return FLAKY
    if ":" not in point:
        return _state_of_rung(entry, point)
    if point in entry.passed:
        return PASSED
    if point in entry.unseen:
        return NOT_OBSERVED
    return entry.failed.get(point, NOT_THERE)


def _state_of_rung(entry: Entry, rung: str) -> str:
    """Below the rung that stopped it all passed, above it nothing was reached."""
    if not entry.stopped or _RUNGS.index(rung) < _RUNGS.index(stage_of(entry.stopped)):
        return PASSED
    return entry.stopped if stage_of(entry.stopped) == rung else NOT_THERE


def lock_changes(before: Lock | None, now: Lock | None) -> tuple[LockChange, ...]:
    """What differs between two locks, the Python among it, by name; nothing if there is only one."""
    if before is None or now is None:
        return ()
    was, is_ = _versions(before), _versions(now)
    return tuple(
        LockChange(name=name, before=was.get(name, ""), now=is_.get(name, ""))
        for name in sorted(was.keys() | is_.keys())
        if was.get(name) != is_.get(name)
    )


def _points(before: Entry, now: Entry) -> Iterator[Point]:
    yield from _rungs(before, now)
    for name in in_order(before.checks | now.checks):
        was, is_ = state(before, name), state(now, name)
        if is_ == NOT_THERE:
            continue  # removed, or not reached: then the rung that stopped it says so
        difference, worse = _difference(was, is_)
        yield Point(name=name, difference=difference, before=was, now=is_, worse=worse)


def _rungs(before: Entry, now: Entry) -> Iterator[Point]:
    """How the ladder ended: one point, but where attempts ended on different rungs."""
    if before.stopped and now.stopped:
        # The same rung, or an earlier or later one: it failed, and fails.
        same = before.stopped == now.stopped
        difference = Difference.SAME if same else Difference.CHANGED
        yield Point(name=stage_of(now.stopped), difference=difference, before=before.stopped, now=now.stopped)
        return
    stopped = {stage_of(each.stopped) for each in (before, now) if each.stopped}
    flaky = {each for each in before.flaky | now.flaky if ":" not in each}
    for name in in_order(stopped | flaky):
        was, is_ = state(before, name), state(now, name)
        if is_ != NOT_THERE:
            difference, worse = _difference(was, is_)
            yield Point(name=name, difference=difference, before=was, now=is_, worse=worse)


def _difference(was: str, is_: str) -> tuple[Difference, bool]:  # noqa: PLR0911 - a table, one rule a line
    """How two states of a point differ, and whether that is worse."""
    match was, is_:
        case _ if was == is_:
            return Difference.SAME, False
        case "not there" | "not observed", _:
            return Difference.NEW, False
        case _, "not observed":
            return Difference.MISSING, True
        case "passed", "flaky":
            return Difference.FLAKY, True
        case "flaky", _:
            return Difference.FLAKY, False
        case _, "flaky":
            return Difference.FLAKY, False
        case "passed", _:
            return Difference.REGRESSED, True
        case _, "passed":
            return Difference.FIXED, False
        case _:
            return Difference.CHANGED, False


def _stopped(entry: Entry) -> bool:
    """Whether some attempt ended before its checks, so that one that is not there may only not be reached."""
    return bool(entry.stopped) or entry.verdict is Verdict.FLAKY


def _versions(lock: Lock) -> dict[str, str]:
    return {"python": lock.python, **dict(each.split("==", 1) for each in lock.distributions)}
