"""Rows of the field as cells. A cell's name says all of its row, so that it can be run again by its name."""

from collections.abc import Mapping, Sequence

from harness.matrix.field import Field, Pins
from harness.matrix.lines import MARK, lines_of, with_lines
from harness.model import Cell, Profile, Resolution, Stack


def cell_of(
    row: Pins, profile: Profile, resolution: Resolution, reason: str, mends: Sequence[str] = ()
) -> Cell:
    """A row, resolved as of today or of its era, with further requirement lines that mend it.

    Its name is like `today-3.11-4.2-5.3-2.5-2.5-5.0+packaging@startproject` (`harness.matrix.lines`).
    """
    name = with_lines("-".join((resolution, *(value for _, value in row))), mends)
    stack = Stack(name=name, reason=reason, pins=dict(row), resolution=resolution, requirements=tuple(mends))
    return Cell(stack=stack, profile=profile)


def cell_named(id_: str, field: Field, profiles: Mapping[str, Profile]) -> Cell | None:
    """The cell of a row that has this name; None when it is no row's, or does not tell its lines."""
    stack, _, profile = id_.partition("@")
    row_of, *parts = stack.split(MARK)
    mends = lines_of(parts)
    resolution, *values = row_of.split("-")
    if resolution not in list(Resolution) or profile not in profiles or len(values) != len(field.axes):
        return None
    if mends is None:
        return None
    row = tuple(zip(field.axes, values, strict=True))
    if any(value not in field.axes[axis] for axis, value in row):
        return None
    return cell_of(row, profiles[profile], Resolution(resolution), "asked for by name", mends)
