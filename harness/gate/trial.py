"""What is worse is held against the baseline's own lock, run now: drift, or a regression. Pure."""

from dataclasses import replace

from harness.gate.compare import PASSED, Comparison, Difference, Point, heaviest, state
from harness.gate.entry import Entry, lock_digest
from harness.matrix.lines import MARK
from harness.model import Cell, Lock


def needs_reference(comparison: Comparison) -> bool:
    """Whether something got worse of which the baseline has a lock to try."""
    before = comparison.before
    return any(point.worse for point in comparison.points) and before is not None and before.lock is not None


def reference_cell(cell: Cell, lock: Lock) -> Cell:
    """The cell with exactly a lock, under a name of its own: that of a change by many lines."""
    stack = replace(
        cell.stack,
        name=f"{cell.stack.name}{MARK}changes-{lock_digest(lock)[:8]}",
        reason=f"{cell.id} with the lock of its baseline",
        lock=lock,
    )
    return replace(cell, stack=stack)


def tried(comparison: Comparison, reference: Entry | None) -> Comparison:
    """The comparison after the baseline's own lock was run as often as the cell itself.

    What passes with it is a regression, unless the locks are the same: then the same thing passes and fails,
    and is flaky. What does not pass with it either is drift, or the project's doing if its files are others
    than the baseline's. Where it could not be run nobody knows.
    """
    before, now = comparison.before, comparison.now
    same_lock = before is not None and now is not None and before.lock == now.lock
    other = before is not None and reference is not None and before.project != reference.project
    points = tuple(
        _tried(point, reference, same_lock=same_lock, other_project=other) if point.worse else point
        for point in comparison.points
    )
    at_fault = other and any(
        point.worse and reference is not None and state(reference, point.name) != PASSED for point in points
    )
    return replace(
        comparison,
        points=points,
        difference=heaviest(points),
        reference=reference,
        other_project=at_fault,
    )


def _tried(point: Point, reference: Entry | None, *, same_lock: bool, other_project: bool) -> Point:
    if reference is None or not reference.determined:
        return replace(point, difference=Difference.UNDETERMINED, worse=False)
    if state(reference, point.name) == PASSED:
        return replace(point, difference=Difference.FLAKY) if same_lock else point
    return point if other_project else replace(point, difference=Difference.DRIFT, worse=False)
