"""What a project asks for, as a cell that is run when the records do not know it."""

import hashlib
from collections.abc import Iterator

from packaging.version import Version

from harness.answers.fitting import Asked
from harness.answers.settings import Settings
from harness.matrix.config import Matrix
from harness.matrix.mistakes import TRIPLE, UNPINNED
from harness.model import Cell, Profile, Stack

# The profile of who says nothing of settings.
_USUAL_PROFILE = "startproject"


def project_cell(asked: Asked, matrix: Matrix, settings: Settings | None) -> Cell:
    """The cell: its name tells whether it is the same; the record has the lines.

    A cell needs all packages of axes: those that the project does not ask for are installed at any version.
    """
    pins = {"python": asked.python, **{name: _value(asked, name) for name in asked.packages}}
    requirements = tuple(_requirements(asked))
    told = "\n".join([*(f"{axis}={value}" for axis, value in pins.items()), *requirements])
    stack = Stack(
        name=f"project-{_digest(told)}",
        reason="what a project asks for",
        pins=pins,
        extras={name: asked.allowed[name].extras for name in asked.own if asked.allowed[name].extras},
        requirements=requirements,
    )
    return Cell(stack=stack, profile=_profile(matrix, settings))


def _value(asked: Asked, name: str) -> str:
    """The value of an axis that stands for a pin: always of three numbers, as two are a series."""
    pin = asked.allowed[name].pin if name in asked.allowed else None
    if pin is None:
        return UNPINNED
    release = Version(pin).release
    return pin if len(release) >= TRIPLE else f"{pin}{'.0' * (TRIPLE - len(release))}"


def _requirements(asked: Asked) -> Iterator[str]:
    """What the pins do not say: the limits of what is left open, and everything else that is asked for."""
    for name, allowed in {**asked.allowed, **asked.limits}.items():
        if name not in asked.packages or (allowed.pin is None and str(allowed.specifier)):
            yield str(allowed)


def _profile(matrix: Matrix, settings: Settings | None) -> Profile:
    usual = matrix.profiles[_USUAL_PROFILE]
    if settings is None:
        return usual
    values = {**usual.settings, **settings.values}
    told = f"{sorted(values.items())} {settings.database}"
    return Profile(
        name=f"settings-{_digest(told)}",
        reason="a project's settings",
        settings=values,
        database=settings.database or "sqlite",
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
