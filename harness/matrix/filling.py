"""Tuples that no row has yet, and rows filled so that they have many of them. Pure."""

from collections import Counter
from collections.abc import Mapping
from itertools import combinations

from harness.matrix.bits import BitField, Bits, each


class OpenGoals:
    """The goals that no row has yet: `blocks` has them by their axes. Changed by `open` and `close`."""

    def __init__(self, bits: BitField, days: Mapping[Bits, int], goals: Mapping[Bits, Bits]) -> None:
        """Open these goals, each given with its axes; `days` are the dates of pins, as numbers."""
        self.blocks: dict[Bits, dict[Bits, None]] = {}
        self._bits = bits
        self._days = days
        # For all pins of an open goal but one: every pin that makes an open goal of them.
        self._missing: dict[Bits, Bits] = {}
        # In how many open goals a pin is.
        self._needed: Counter[Bits] = Counter()
        self._sizes = sorted({goal.bit_count() for goal in goals} - {1})
        for goal, axes in goals.items():
            self.blocks.setdefault(axes, {})[goal] = None
            for bit in each(goal):
                self._missing[goal ^ bit] = self._missing.get(goal ^ bit, 0) | bit
                self._needed[bit] += 1

    def within(self, row: Bits) -> list[Bits]:
        """The open goals that a row has."""
        return [row & axes for axes, goals in self.blocks.items() if row & axes in goals]

    def close(self, row: Bits) -> None:
        """A row is taken: its goals are open no more."""
        for goal in self.within(row):
            axes = self._bits.block(goal)
            del self.blocks[axes][goal]
            if not self.blocks[axes]:
                del self.blocks[axes]
            for bit in each(goal):
                self._missing[goal ^ bit] ^= bit
                self._needed[bit] -= 1

    def needed(self, part: Bits) -> int:
        """In how many open goals the pins of a tuple are, added up."""
        return sum(self._needed[bit] for bit in each(part))

    def fill(self, part: Bits) -> Bits:
        """A row with these pins, completed pin by pin with what makes most open goals of those before.

        Of pins that make as many, the one nearest in time to those before is taken; of these the most needed.
        """
        row, room = 0, self._bits.room(part)
        planes = [self._missing.get(0, 0)]
        for bit in each(part):
            self._count(planes, row, bit)
            row |= bit
        while left := room & ~self._bits.block(row):
            bit = self._nearest(_most(planes, left), row)
            if not self._bits.has_row(room & self._bits.goes_with[bit]):
                room &= ~bit
                continue
            self._count(planes, row, bit)
            row |= bit
            room &= self._bits.goes_with[bit]
        return row

    def _count(self, planes: list[Bits], row: Bits, bit: Bits) -> None:
        """Add to each pin's number of open goals that it would make those in which `bit` is.

        The numbers of all pins are added at once: `planes[0]` has the pins whose number is odd, and so on.
        """
        for size in self._sizes:
            for others in combinations(each(row), size - 2):
                carry = self._missing.get(sum(others, bit), 0)
                for place, plane in enumerate(planes):
                    planes[place], carry = plane ^ carry, plane & carry
                if carry:
                    planes.append(carry)

    def _nearest(self, pins: Bits, row: Bits) -> Bits:
        if pins.bit_count() == 1:
            return pins
        known = [self._days[bit] for bit in each(row) if bit in self._days]
        middle = sum(known) // len(known) if known else 0

        def away(bit: Bits) -> tuple[int, int]:
            days = abs(self._days[bit] - middle) if known and bit in self._days else 0
            return days, -self._needed[bit]

        return min(each(pins), key=away)


def _most(planes: list[Bits], pins: Bits) -> Bits:
    """Of the pins those with the largest number, whose binary places are in `planes`, the lowest first."""
    for plane in reversed(planes):
        if pins & plane:
            pins &= plane
    return pins
