"""The covering array: which rows to run so that every tuple that a row can have is in one of them. Pure.

Rows are made one by one: each is begun from several tuples that no row has yet, filled with what covers most,
and the best is taken. Then `harness.matrix.fewer` makes fewer of them.
"""

from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heapreplace, nlargest

from harness.matrix.bits import BitField, Bits
from harness.matrix.fewer import fewer
from harness.matrix.field import Field, Row, Strength
from harness.matrix.filling import OpenGoals

# From how many tuples a row is begun.
_BEGINNINGS = 10


def cover(
    field: Field,
    strengths: Sequence[Strength],
    *,
    seeds: Iterable[Row] = (),
    known: Iterable[Row] = (),
) -> tuple[Row, ...]:
    """The rows to run: first the seeds as they are, then new rows, those that cover most before the others.

    Together with `known`, the rows that need not be run again, they have every tuple of `strengths` that an
    allowed row can have. A seed that is known is left out. A seed or known row that is forbidden counts for
    nothing, because it cannot be installed; a pin that is not of the field counts for nothing either. Of
    values that cover as much, a row gets the one released nearest to its others.
    """
    ran = list(known)
    first: list[Row] = []
    for seed in seeds:
        if seed not in ran and seed not in first:
            first.append(seed)
    bits = BitField(field=field)
    goals = bits.goals(strengths)
    for row in (*ran, *first):
        if not field.why_not(row):
            inside = bits.bits(row)
            goals = {goal: axes for goal, axes in goals.items() if goal & inside != goal}
    days = {bits.bit[pin]: day for pin, day in field.released.items() if pin in bits.bit}
    rows = _greedy(OpenGoals(bits, days, goals))
    rows = fewer(rows, goals, bits, OpenGoals(bits, days, {}))
    return (*first, *map(bits.row, _most_first(rows, OpenGoals(bits, days, goals))))


def _greedy(goals: OpenGoals) -> list[Bits]:
    """Rows that have all goals: one by one, the best of those begun from tuples with pins needed most."""
    rows: list[Bits] = []
    while goals.blocks:
        # The axes with most open goals say how many rows are needed at least; no row can have two of these.
        block = max(goals.blocks.values(), key=len)
        begun = map(goals.fill, nlargest(_BEGINNINGS, block, key=goals.needed))
        rows.append(max(begun, key=lambda row: len(goals.within(row))))
        goals.close(rows[-1])
    return rows


def _most_first(rows: Sequence[Bits], goals: OpenGoals) -> list[Bits]:
    """The rows, next always the one that has most of the goals still open, until none is."""
    # A row's number can only have become smaller since it was counted.
    counted = [(-len(goals.within(row)), number) for number, row in enumerate(rows)]
    heapify(counted)
    ordered: list[Bits] = []
    while goals.blocks:
        then, number = counted[0]
        now = -len(goals.within(rows[number]))
        if now == then:
            heappop(counted)
            ordered.append(rows[number])
            goals.close(rows[number])
        else:
            heapreplace(counted, (now, number))
    return ordered
