"""The field: every row that the axes allow, and what the declarations of packages forbid in it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

# An axis and a value of it.
Pin = tuple[str, str]
# Two pins, or more, in the order of the axes.
Pins = tuple[Pin, ...]
# A value for each axis. A row from elsewhere may lack an axis, or have values that the field does not know.
Row = Mapping[str, str]
# So many values at once, one or more, of all axes or of those named.
Strength = tuple[int, tuple[str, ...] | None]


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What a package declares that forbids a pair, in words.

    `upper_cap_only`: without the upper ends of what is declared the pair would not be forbidden.
    """

    text: str
    upper_cap_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """The axes with their series, oldest first, and the pairs of them that no installer accepts.

    `forbidden` says of such a pair, in the order of the axes, which declaration forbids it. `released` are
    the days of the series' first releases, as far as they are known, as ordinals.
    """

    axes: Mapping[str, tuple[str, ...]]
    forbidden: Mapping[Pins, Declaration]
    released: Mapping[Pin, int] = field(default_factory=dict)

    @cached_property
    def pairs(self) -> tuple[Pins, ...]:
        """Every two values of two axes, forbidden ones included."""
        return tuple(self.tuples(2))

    def tuples(self, strength: int, among: Iterable[str] | None = None) -> Iterator[Pins]:
        """Every `strength` values of as many axes, of all axes or of those named."""
        chosen = [axis for axis in self.axes if among is None or axis in set(among)]
        for axes in combinations(chosen, strength):
            yield from _products(self.axes, axes)

    def why_not(self, row: Mapping[str, str]) -> str:
        """The declaration that forbids a row, or a part of one; "" when none does."""
        pins = in_order(row, self.axes)
        return next(
            (self.forbidden[pair].text for pair in combinations(pins, 2) if pair in self.forbidden), ""
        )


def in_order(row: Mapping[str, str], axes: Iterable[str]) -> Pins:
    """A row, or a part of one, as pins in the order of the axes."""
    return tuple((axis, row[axis]) for axis in axes if axis in row)


def _products(values: Mapping[str, tuple[str, ...]], axes: tuple[str, ...]) -> Iterator[Pins]:
    if not axes:
        yield ()
        return
    for value in values[axes[0]]:
        for rest in _products(values, axes[1:]):
            yield ((axes[0], value), *rest)
