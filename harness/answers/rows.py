"""Rows that nobody has tried and that promise most: what to run when the records do not know. Pure."""

import heapq
from collections.abc import Iterator

from harness.answers.facts import Facts
from harness.answers.stack import Demands
from harness.answers.why import admits_series
from harness.matrix.field import Field, Pins, in_order

_LOOKED_AT = 20_000  # rows, of millions


def promising_rows(field: Field, demands: Demands, facts: Facts) -> Iterator[Pins]:
    """Rows that meet demands and that no declaration forbids, the newest first, then step by step older ones.

    Without those that are known to fail: as a whole, or by an older row of which nothing but patches differs.
    """
    values = {
        axis: [each for each in reversed(series) if admits_series(demands.get(axis), each)]
        for axis, series in field.axes.items()
    }
    if not all(values.values()):
        return
    first = (0,) * len(values)
    waiting, seen = [(0, first)], {first}
    for _ in range(_LOOKED_AT):
        if not waiting:
            return
        back, steps = heapq.heappop(waiting)
        row = {axis: each[step] for (axis, each), step in zip(values.items(), steps, strict=True)}
        if not field.why_not(row) and not any(each.breaks for each in facts.having(row)):
            yield in_order(row, field.axes)
        for place, each in enumerate(values.values()):
            older = (*steps[:place], steps[place] + 1, *steps[place + 1 :])
            if older[place] < len(each) and older not in seen:
                seen.add(older)
                heapq.heappush(waiting, (back + 1, older))
