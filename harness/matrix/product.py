"""How many rows a field has, and how many which declaration forbids, without making them. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from harness.matrix.field import Field

# Of each axis from some axis on, the values that are still open.
_Open = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class ProductCount:
    """Rows of the whole product, those that nothing forbids, and the others by declaration, most first.

    A row counts for one declaration only, the one that `Field.why_not` names: the numbers add up.
    """

    rows: int
    admitted: int
    forbidden: Mapping[str, int]


def count_product(field: Field) -> ProductCount:
    """Count all rows of a field, however many millions there are."""
    counter = _Counter(field)
    forbidden = counter.count(0, tuple(field.axes.values()))
    rows = prod(map(len, field.axes.values()))
    return ProductCount(rows=rows, admitted=rows - forbidden.total(), forbidden=dict(forbidden.most_common()))


class _Counter:
    """Axis after axis, each value leaves some values of the later axes open.

    What follows depends on nothing but what is still open, which is the same for most of the rows: it is
    counted once.
    """

    def __init__(self, field: Field) -> None:
        self._field = field
        self._axes = tuple(field.axes)
        self._counted: dict[tuple[int, _Open], Counter[str]] = {}

    def count(self, depth: int, open_: _Open) -> Counter[str]:
        """Rows by the declaration that forbids them first, of the rows of open values from an axis on."""
        if len(open_) < 2:  # noqa: PLR2004 - one axis alone has no pairs
            return Counter()
        known = self._counted.get((depth, open_))
        if known is None:
            known = self._counted[depth, open_] = Counter()
            for value in open_[0]:
                left = self._count_pairs(depth, value, open_[1:], known)
                known.update(self.count(depth + 1, left))
        return known

    def _count_pairs(self, depth: int, value: str, others: _Open, counted: Counter[str]) -> _Open:
        """Count what a value forbids of the later axes, one after another; returns what it leaves open."""
        pin = (self._axes[depth], value)
        left: list[tuple[str, ...]] = []
        for index, values in enumerate(others):
            # With what is open on the axes before this one, and anything on those after it.
            rows = prod(map(len, left)) * prod(map(len, others[index + 1 :]))
            admitted = []
            for other in values:
                why = self._field.forbidden.get((pin, (self._axes[depth + 1 + index], other)))
                if why is None:
                    admitted.append(other)
                elif rows:
                    counted[why.text] += rows
            left.append(tuple(admitted))
        return tuple(left)
