"""The same tuples in fewer rows. Pure.

A row is left out, and what it alone had is put into the others, one tuple at a time: into the row that loses
least by it and was not changed just before. What that row had alone is put elsewhere in its turn, and so on,
until nothing is left over (then it was a row too many, and the next is left out) or patience ends. After
K. Nurmela, "Upper bounds for covering arrays by tabu search" (Discrete Applied Mathematics 138, 2004), but
nothing is left to chance.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from harness.matrix.bits import BitField, Bits, each
from harness.matrix.filling import OpenGoals

# A row that was changed stays as it is for so many changes.
_TENURE = 4
# When to stop: after so many changes per row with no row less, or so many looks at a tuple of a row in all.
_PATIENCE = 20
_LOOKS = 4_000_000


def fewer(rows: Sequence[Bits], goals: Mapping[Bits, Bits], bits: BitField, filler: OpenGoals) -> list[Bits]:
    """Rows that have all the goals (given with their axes), as few as are found; `filler` has none open."""
    enough = least(goals, bits)
    search = _Search(rows, goals, bits, filler)
    best = list(rows)
    changes = looks = 0
    while len(best) > enough and changes <= _PATIENCE * len(best) and looks <= _LOOKS:
        if search.homeless:
            search.change()
            changes += 1
            looks += len(best) * len(search.blocks)
        else:
            search.leave_out()
            changes = 0
        if not search.homeless:
            best = list(search.rows)
    return best


def least(goals: Mapping[Bits, Bits], bits: BitField) -> int:
    """So many rows are needed at least.

    A row has one value of each axis, and one tuple of the same axes. So a value needs as many rows as it has
    tuples of the same axes, and the values of one axis need different rows.
    """
    most = 0
    for axis in bits.axes.values():
        tuples = Counter((goal & axis, axes) for goal, axes in goals.items() if axes & axis)
        needs: dict[Bits, int] = {}
        for (value, _axes), number in tuples.items():
            needs[value] = max(needs.get(value, 0), number)
        most = max(most, sum(needs.values()))
    return most


class _Search:
    """Rows that are changed until they have all goals."""

    def __init__(
        self, rows: Sequence[Bits], goals: Mapping[Bits, Bits], bits: BitField, filler: OpenGoals
    ) -> None:
        self.rows = list(rows)
        self.blocks = list(dict.fromkeys(goals.values()))
        # Goals that no row has; the one that waits longest comes first.
        self.homeless: dict[Bits, None] = {}
        self._goals = goals
        self._bits = bits
        self._filler = filler
        self._had = [self._goals_of(row) for row in rows]
        self._rows_with = Counter(goal for had in self._had for goal in had)
        self._changed = [-_TENURE] * len(rows)
        self._now = 0

    def leave_out(self) -> None:
        """Leave out the row that has fewest goals alone."""
        number = min(range(len(self.rows)), key=lambda row: len(self._alone(row)))
        self._take_away(number)
        for rows in (self.rows, self._had, self._changed):
            del rows[number]

    def change(self) -> None:
        """Put the goal that waits longest into the row that loses least by it."""
        self._now += 1
        goal = next(iter(self.homeless))
        axes, room = self._goals[goal], self._bits.room(goal)
        best: tuple[int, int] | None = None
        chosen, changed = -1, 0
        for number, row in enumerate(self.rows):
            kept = row & ~axes
            if kept & room != kept or self._changed[number] > self._now - _TENURE:
                continue
            lost = sum(alone & ~(kept | goal) != 0 for alone in self._alone(number))
            won = sum(other & ~(kept | goal) == 0 for other in self.homeless)
            if best is None or (lost - won, self._changed[number]) < best:
                best = (lost - won, self._changed[number])
                chosen, changed = number, kept | goal
        if best is None:
            chosen = min(range(len(self.rows)), key=self._changed.__getitem__)
            changed = self._fitted(self.rows[chosen], goal)
        self._take_away(chosen)
        self._put(chosen, changed)

    def _fitted(self, row: Bits, goal: Bits) -> Bits:
        """A row with the goal and what goes with it of the other pins of `row`."""
        room = self._bits.room(goal)
        for bit in each(row & ~self._goals[goal]):
            if room & bit and self._bits.has_row(room & self._bits.goes_with[bit]):
                goal |= bit
                room &= self._bits.goes_with[bit]
        return self._filler.fill(goal)

    def _goals_of(self, row: Bits) -> list[Bits]:
        return [row & axes for axes in self.blocks if row & axes in self._goals]

    def _alone(self, number: int) -> list[Bits]:
        return [goal for goal in self._had[number] if self._rows_with[goal] == 1]

    def _take_away(self, number: int) -> None:
        for goal in self._had[number]:
            self._rows_with[goal] -= 1
            if not self._rows_with[goal]:
                self.homeless[goal] = None

    def _put(self, number: int, row: Bits) -> None:
        self.rows[number] = row
        self._had[number] = self._goals_of(row)
        self._changed[number] = self._now
        for goal in self._had[number]:
            self.homeless.pop(goal, None)
            self._rows_with[goal] += 1
