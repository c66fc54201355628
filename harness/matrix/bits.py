"""A field in whole numbers, for who asks much of it: each pin is a bit, a set of pins a sum of bits. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from harness.matrix.field import Field, Pin, Row, Strength

# A set of pins: one pin, an axis, a tuple, a row, or what is left to choose from.
Bits = int


def each(bits: Bits) -> Iterator[Bits]:
    """The single bits, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest
        bits ^= lowest


@dataclass(frozen=True, kw_only=True)
class BitField:
    """A field, and what is asked of it, in bits."""

    field: Field

    @cached_property
    def bit(self) -> dict[Pin, Bits]:
        """The bit of each pin, in the order of the axes."""
        pins = ((axis, value) for axis, values in self.field.axes.items() for value in values)
        return {pin: 1 << number for number, pin in enumerate(pins)}

    @cached_property
    def pin(self) -> dict[Bits, Pin]:
        """The pin of each bit."""
        return {bit: pin for pin, bit in self.bit.items()}

    @cached_property
    def axes(self) -> dict[str, Bits]:
        """All values of each axis."""
        return {
            axis: sum(self.bit[axis, value] for value in values) for axis, values in self.field.axes.items()
        }

    @cached_property
    def axis(self) -> dict[Bits, Bits]:
        """The axis of each bit."""
        return {bit: self.axes[axis] for (axis, _value), bit in self.bit.items()}

    @cached_property
    def goes_with(self) -> dict[Bits, Bits]:
        """For each bit, itself and what it may be in a row with."""
        everything = sum(self.axes.values())
        found = {bit: everything & ~axis | bit for bit, axis in self.axis.items()}
        for one, other in self.field.forbidden:
            if one in self.bit and other in self.bit:
                found[self.bit[one]] &= ~self.bit[other]
                found[self.bit[other]] &= ~self.bit[one]
        return found

    def bits(self, row: Row) -> Bits:
        """The pins of a row that are pins of the field."""
        return sum(self.bit.get(pin, 0) for pin in row.items())

    def row(self, bits: Bits) -> Row:
        """The row, in the order of the axes."""
        return dict(self.pin[bit] for bit in each(bits))

    def block(self, part: Bits) -> Bits:
        """The axes of a tuple."""
        return sum(self.axis[bit] for bit in each(part))

    def room(self, part: Bits) -> Bits:
        """What may be in a row with all of these pins, themselves included."""
        room = sum(self.axes.values())
        for bit in each(part):
            room &= self.goes_with[bit]
        return room

    def has_row(self, room: Bits) -> bool:
        """Whether an allowed row can be made of the pins of a room."""
        if room not in self._has_row:
            self._has_row[room] = self._search(room, tuple(self.axes.values()))
        return self._has_row[room]

    def goals(self, strengths: Sequence[Strength]) -> dict[Bits, Bits]:
        """Every tuple that some allowed row has, with its axes.

        A tuple that is a part of longer ones which are goals too is left out: who covers those covers it.
        """
        blocks: dict[Bits, tuple[Bits, ...]] = {}
        for strength, among in strengths:
            axes = [bits for axis, bits in self.axes.items() if among is None or axis in among]
            blocks.update({sum(block): block for block in combinations(axes, strength)})
        return {
            goal: axes
            for axes, block in blocks.items()
            if not any(axes & wider == axes for wider in blocks if wider != axes)
            for goal in self._tuples(block, 0, sum(self.axes.values()))
        }

    @cached_property
    def _has_row(self) -> dict[Bits, bool]:
        return {}

    def _search(self, room: Bits, axes: Sequence[Bits]) -> bool:
        if not axes:
            return True
        for bit in each(room & axes[0]):
            left = room & self.goes_with[bit]
            if all(left & axis for axis in axes) and self._search(left, axes[1:]):
                return True
        return False

    def _tuples(self, block: Sequence[Bits], part: Bits, room: Bits) -> Iterable[Bits]:
        if not block:
            return [part] if self.has_row(room) else []
        return [
            goal
            for bit in each(room & block[0])
            for goal in self._tuples(block[1:], part | bit, room & self.goes_with[bit])
        ]
