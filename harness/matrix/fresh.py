"""Stacks of one series each and nothing else pinned: what people get who just install. Pure."""

from collections.abc import Iterator

from packaging.requirements import Requirement

from harness.matrix.config import Matrix
from harness.matrix.field import Field, in_order
from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.matrix.question import make_requirement
from harness.model import Installer, Stack


def fresh_stacks(plan: str, matrix: Matrix, field: Field) -> Iterator[Stack]:
    """Those of the plan called so: each series of its axis on each Python that the field does not forbid.

    A name says all of it: `fresh-3.12-5.2-celery+redis`, and `-pip` behind it where pip chooses.
    """
    table = matrix.plans[plan]
    if table.each is None:
        return
    for python in field.axes["python"]:
        for series in field.axes[table.each]:
            pair = in_order({"python": python, table.each: series}, field.axes)
            if pair in field.forbidden:
                continue
            for style, requirements in table.styles.items():
                for installer in table.installers:
                    yield _stack(
                        f"{plan}-{python}-{series}-{style}",
                        {"python": python, table.each: series},
                        requirements,
                        installer,
                        matrix,
                    )


def _stack(
    name: str, asked: dict[str, str], requirements: tuple[str, ...], installer: Installer, matrix: Matrix
) -> Stack:
    beside = [Requirement(each) for each in requirements]
    left_open = {each.name: UNPINNED for each in beside}
    axis, series = list(asked.items())[-1]
    command = " ".join((make_requirement(axis, series), *requirements))
    return Stack(
        name=name if installer is Installer.UV else f"{name}-{installer}",
        reason=f"what {installer} gives on Python {asked['python']} for {command}",
        pins={axis: asked.get(axis, left_open.get(axis, UNASKED)) for axis in matrix.axes},
        extras={each.name: tuple(sorted(each.extras)) for each in beside if each.extras},
        installer=installer,
    )
