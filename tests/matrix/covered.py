"""Which tuples rows leave uncovered, and which no row can have. Pure.

The check on `harness.matrix.cover`, by plain enumeration: the two share nothing but the field.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from harness.matrix.field import Field, Pin, Pins, Row, Strength, in_order


def uncovered(field: Field, rows: Iterable[Row], strengths: Sequence[Strength]) -> tuple[Pins, ...]:
    """Every tuple that an allowed row of the field can have, and none of these rows has.

    A row that is forbidden covers nothing.
    """
    allowed = [in_order(row, field.axes) for row in rows if not field.why_not(row)]
    sizes = {strength for strength, _among in strengths}
    covered = {part for row in allowed for size in sizes for part in combinations(row, size)}
    enemies = _enemies(field)
    return tuple(
        part for part in _asked(field, strengths) if part not in covered and _has_row(field, part, enemies)
    )


def infeasible(field: Field, strengths: Sequence[Strength]) -> Mapping[Pins, str]:
    """Every tuple that no allowed row has, and why: the declarations that forbid it, in words."""
    enemies = _enemies(field)
    return {
        part: _why(field, part, enemies)
        for part in _asked(field, strengths)
        if not _has_row(field, part, enemies)
    }


def _asked(field: Field, strengths: Sequence[Strength]) -> Iterable[Pins]:
    return dict.fromkeys(part for strength, among in strengths for part in field.tuples(strength, among))


def _enemies(field: Field) -> Mapping[Pin, set[Pin]]:
    found: dict[Pin, set[Pin]] = {}
    for one, other in field.forbidden:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


def _open(field: Field, part: Iterable[Pin], enemies: Mapping[Pin, set[Pin]]) -> Mapping[str, list[Pin]]:
    """For each axis of which `part` has no value, the values that go with all of it."""
    has = {axis for axis, _value in part}
    barred = set().union(*(enemies.get(pin, ()) for pin in part))
    return {
        axis: [(axis, value) for value in values if (axis, value) not in barred]
        for axis, values in field.axes.items()
        if axis not in has
    }


def _has_row(field: Field, part: Pins, enemies: Mapping[Pin, set[Pin]]) -> bool:
    """Whether an allowed row has all these pins: axis by axis, the one with fewest values left first."""
    if field.why_not(dict(part)):
        return False
    choices = _open(field, part, enemies)
    if not choices:
        return True
    fewest = min(choices.values(), key=len)
    return any(_has_row(field, (*part, pin), enemies) for pin in fewest)


def _why(field: Field, part: Pins, enemies: Mapping[Pin, set[Pin]]) -> str:
    told = field.why_not(dict(part))
    if told:
        return told
    for axis, left in _open(field, part, enemies).items():
        if not left:
            rows = ({**dict(part), axis: value} for value in field.axes[axis])
            return f"no {axis} goes with it: {'; '.join(dict.fromkeys(map(field.why_not, rows)))}"
    return "each value goes with it, but no row of them is allowed"
