"""What is asked for, from words: `django==4.2.*`, `python>=3.10`. All mistakes are told at once. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import canonicalize_name

from harness.answers.stack import PYTHON, Demands
from harness.errors import UsageError
from harness.matrix.question import is_series
from harness.matrix.select import nearest

# What people call a package of the axes.
_ALSO = {
    "beat": "django-celery-beat",
    "results": "django-celery-results",
    "redis-py": "redis",
    "py": "python",
    "cpython": "python",
}
_HOW = 'write it as in "django==4.2.*" or "python>=3.10"'


@dataclass(frozen=True, kw_only=True)
class Read:
    """Demands, and how words were read that say something else by the letter."""

    demands: Demands
    readings: tuple[str, ...] = ()


class _Unreadable(Exception):
    """A word is no demand."""


def read_demands(words: Iterable[str], axes: Sequence[str]) -> Read:
    """The demands of some words; several of one package hold together.

    `==4.2` is read as the series 4.2, as people mean it, where PEP 440 means the release 4.2 itself;
    `==4.2.0` is that release.

    Raises:
        UsageError: with every word that is no demand, and what was probably meant.
    """
    demands: dict[str, SpecifierSet] = {}
    readings: list[str] = []
    mistakes: list[str] = []
    for word in words:
        try:
            axis, specifiers = _read(word, axes)
        except _Unreadable as mistake:
            mistakes.append(str(mistake))
            continue
        as_read = SpecifierSet(",".join(_series(axis, each) for each in specifiers))
        if as_read != specifiers and axis != PYTHON:
            readings.append(f"{axis}{specifiers} is read as {axis}{as_read}")
        demands[axis] = demands.get(axis, SpecifierSet()) & as_read
    if mistakes:
        raise UsageError("\n".join(mistakes), hint=f"{_HOW}; quote it in the shell")
    return Read(demands=demands, readings=tuple(readings))


def _read(word: str, axes: Sequence[str]) -> tuple[str, SpecifierSet]:
    try:
        requirement = Requirement(word)
    except InvalidRequirement:
        raise _Unreadable(f"{word!r} is no requirement") from None
    if requirement.marker or requirement.url or requirement.extras:
        raise _Unreadable(f"{word!r} says more than a package and its versions")
    name = canonicalize_name(requirement.name)
    axis = _ALSO.get(name, name)
    if axis not in axes:
        raise _Unreadable(f"{word!r}: nothing is measured of {name}{nearest(name, axes)}")
    return axis, requirement.specifier


def _series(axis: str, specifier: Specifier) -> str:
    """A bound on a series as people mean it: `==4.2` is every 4.2, and `<=3.11` has Python 3.11.9."""
    if not is_series(specifier.version):
        return str(specifier)
    if specifier.operator in ("==", "!="):
        return f"{specifier.operator}{specifier.version}.*"
    if axis == PYTHON and specifier.operator in ("<=", ">"):
        major, minor = specifier.version.split(".")
        return f"{'<' if specifier.operator == '<=' else '>='}{major}.{int(minor) + 1}"
    return str(specifier)
