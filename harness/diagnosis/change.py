"""A change of a cell, to see whether it passes then: other pins, further lines, or the index of its time."""

from dataclasses import dataclass, replace

from harness.matrix.field import Pins
from harness.matrix.lines import with_lines
from harness.model import Cell, Resolution

_TODAY = f"{Resolution.TODAY}-"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to be otherwise: values of axes, requirement lines besides, or resolved as of its own time."""

    pins: Pins = ()
    lines: tuple[str, ...] = ()
    then: bool = False

    @property
    def words(self) -> str:
        """`with kombu==5.5.4`."""
        if self.then:
            return "as of its own time"
        return f"with {' and '.join((*(f'{axis} {value}' for axis, value in self.pins), *self.lines))}"


def changed_cell(cell: Cell, change: Change) -> Cell:
    """The cell with the change, under a name that tells it."""
    pins = {**cell.stack.pins, **dict(change.pins)}
    requirements = (*cell.stack.requirements, *change.lines)
    stack = replace(
        cell.stack,
        name=_stack_name(cell.stack.name, dict(cell.stack.pins), change),
        reason=f"{cell.id} {change.words}",
        pins=pins,
        requirements=requirements,
        resolution=Resolution.ERA if change.then else cell.stack.resolution,
        as_of=None,
    )
    return replace(cell, stack=stack)


def changed_name(cell: str, pins: dict[str, str], change: Change) -> str:
    """The name of that cell, by the name and the pins of the cell that is changed."""
    stack, _, profile = cell.partition("@")
    return f"{_stack_name(stack, pins, change)}@{profile}"


def _stack_name(stack: str, pins: dict[str, str], change: Change) -> str:
    if change.then:
        # A row's name begins with its resolution, so this is the name of the row as of its time.
        return f"{Resolution.ERA}-{stack.removeprefix(_TODAY)}"
    if change.pins and stack == _row_name(pins):
        stack = _row_name({**pins, **dict(change.pins)})
    elif change.pins:
        # No line, so that nobody takes it for one; its record has the pins.
        stack = with_lines(stack, [f"{axis}=={value}.*" for axis, value in change.pins])
    return with_lines(stack, change.lines)


def _row_name(pins: dict[str, str]) -> str:
    return _TODAY + "-".join(pins.values())
