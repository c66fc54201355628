"""What a cell asks of the resolver. Pure."""

import re
from collections.abc import Sequence

from harness.matrix.config import Matrix
from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.model import Cell, Question


def make_question(cell: Cell, matrix: Matrix) -> Question:
    """The requirements that the stack's pins stand for, in the order of the axes, and the database's."""
    stack = cell.stack
    database = matrix.databases.get(cell.profile.database)
    requirements: list[str] = []
    pinned: list[str] = []
    for axis, table in matrix.axes.items():
        value = stack.pins[axis]
        if axis != "python" and value != UNASKED:
            requirement = make_requirement(axis, value, stack.extras.get(axis, ()))
            requirements.append(requirement)
            if value != UNPINNED:
                pinned.append(requirement)
        requirements.extend(table.requirements.get(value, ()))
    return Question(
        requirements=(
            *requirements,
            *stack.requirements,
            *(database.requirements if database else ()),
        ),
        pinned=tuple(pinned),
        resolution=stack.resolution,
        as_of=stack.as_of,
        grace_days=matrix.grace_days,
    )


def make_requirement(package: str, value: str, extras: Sequence[str] = ()) -> str:
    """`package` at a value of its axis: any version ("*"), the newest of a series, or one release."""
    name = f"{package}[{','.join(extras)}]" if extras else package
    if value == UNPINNED:
        return name
    return f"{name}=={value}.*" if is_series(value) else f"{name}=={value}"


def is_series(value: str) -> bool:
    """Whether a value means "the newest patch of": two numbers, as in "4.2"."""
    return re.fullmatch(r"\d+\.\d+", value) is not None
