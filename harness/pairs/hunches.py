"""Hunches: which values the rows with one signature seem to share, so that others need not run into it. Pure.

A hunch decides nothing. It says which rows are likely to fail, and so which to try when something else is
to be learned, and which pairs to look at by themselves. One row that works where it says none does ends it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from harness.matrix.field import Field, Pin, Pins

SIZES = (2, 3)  # a hunch is about so many axes; a value that fails with everything fails with all of another
_TWICE = 2  # one row alone shows nothing that rows share
# So many rows would have worked by chance, were the values innocent, and of so few of them some did.
_EXPECTED, _EXCEPTIONS = 2.0, 0.15


@dataclass(frozen=True, kw_only=True)
class Hunch:
    """The sets of pins that seem to fail with `signature`: of two or three axes, never seen to work."""

    signature: str
    axes: tuple[str, ...]
    pins: frozenset[Pins]

    def about(self, row: Pins) -> bool:
        """Whether a row is likely to fail so."""
        return tuple([pin for pin in row if pin[0] in self.axes]) in self.pins


def hunches(field: Field, failed: Mapping[str, Sequence[Pins]], passed: Sequence[Pins]) -> tuple[Hunch, ...]:
    """The hunch about each signature, where there is one: `failed` are the rows that have it."""
    rows_with = _rows_with(passed)
    found = (
        _hunch(field, signature, rows, rows_with, len(passed))
        for signature, rows in failed.items()
        if len(set(rows)) >= _TWICE
    )
    return tuple(hunch for hunch in found if hunch is not None)


def _rows_with(rows: Sequence[Pins]) -> dict[Pin, int]:
    """By pin, the rows that have it, as bits."""
    found: dict[Pin, int] = {}
    for number, row in enumerate(rows):
        for pin in row:
            found[pin] = found.get(pin, 0) | 1 << number
    return found


def _hunch(
    field: Field, signature: str, rows: Sequence[Pins], rows_with: Mapping[Pin, int], passed: int
) -> Hunch | None:
    """About as few axes as explain it; of equally few, those where fewest rows work against expectation."""
    seen = {axis: {pin for row in rows for pin in row if pin[0] == axis} for axis in field.axes}
    for size in SIZES:
        chosen: tuple[float, Hunch] | None = None
        for axes in combinations(field.axes, size):
            box = _box(field, {axis: seen[axis] for axis in axes}, rows_with)
            worked = _in_box(box, rows_with).bit_count()
            expected = float(passed)
            for pins in box:
                expected *= (_any(pins, rows_with).bit_count() + len(rows)) / (passed + len(rows))
            unlikely = expected < _EXPECTED or worked > _EXCEPTIONS * expected
            if unlikely or (chosen is not None and expected - worked <= chosen[0]):
                continue
            never = (pins for pins in product(*box) if not _in_box([[pin] for pin in pins], rows_with))
            hunch = Hunch(signature=signature, axes=axes, pins=frozenset(never))
            if all(hunch.about(row) for row in rows):
                chosen = (expected - worked, hunch)
        if chosen is not None:
            return chosen[1]
    return None


def _box(field: Field, seen: Mapping[str, set[Pin]], rows_with: Mapping[Pin, int]) -> list[list[Pin]]:
    """By axis the values `seen` in the rows, and those between them with which nothing in the box works."""
    spans: list[list[Pin]] = []
    for axis, own in seen.items():
        values = field.axes[axis]
        places = [values.index(value) for _, value in own]
        spans.append([(axis, value) for value in values[min(places) : max(places) + 1]])
    working = _in_box(spans, rows_with)
    return [
        [pin for pin in span if pin in own or not rows_with.get(pin, 0) & working]
        for span, own in zip(spans, seen.values(), strict=True)
    ]


def _in_box(box: Iterable[Iterable[Pin]], rows_with: Mapping[Pin, int]) -> int:
    """The rows with a pin of each axis, as bits."""
    within = -1
    for pins in box:
        within &= _any(pins, rows_with)
    return within


def _any(pins: Iterable[Pin], rows_with: Mapping[Pin, int]) -> int:
    bits = 0
    for pin in pins:
        bits |= rows_with.get(pin, 0)
    return bits
