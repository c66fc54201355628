"""A picked stack as files that pip and uv read: requirements, constraints, a pyproject.toml. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import PurePath

import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from tomlkit.exceptions import ParseError

from harness.errors import UsageError
from harness.report.pick.view import ChoiceView

# What a file begins with that may be written again.
MARK = "# Picked by django-celery-matrix"


class FileKind(StrEnum):
    """What can be written, by what its name begins with."""

    REQUIREMENTS = "requirements"
    CONSTRAINTS = "constraints"
    PYPROJECT = "pyproject"


def kind_of(name: str) -> tuple[FileKind, str]:
    """The kind of a file by its name, and its whole name: `pyproject` is `pyproject.toml`.

    Raises:
        UsageError: nobody can tell what it is to be.
    """
    stem = PurePath(name).name
    if stem in (FileKind.PYPROJECT, f"{FileKind.PYPROJECT}.toml"):
        return FileKind.PYPROJECT, name.removesuffix(".toml") + ".toml"
    for kind in (FileKind.REQUIREMENTS, FileKind.CONSTRAINTS):
        if kind in stem and stem.endswith((".txt", ".in")):
            return kind, name
    raise UsageError(
        f"nobody can tell what {name!r} is to be",
        hint="--write requirements.txt, constraints.txt or pyproject",
    )


def render_pins(choice: ChoiceView, kind: FileKind, hashes: Mapping[str, Sequence[str]] | None = None) -> str:
    """The whole lock, one line a distribution, as requirements or as constraints; with `hashes` by line."""
    asked = {f"{axis}=={version}" for axis, version in choice.pins.items()}
    reasons = {each.pin: f"{each.line}: {each.because}" for each in choice.extra}

    def lines() -> Iterator[str]:
        yield from _head(choice, kind)
        for line in choice.lock:
            comment = reasons.get(line, "" if line in asked else "brought along")
            yield from _pin(line, comment, (hashes or {}).get(line, ()))

    return "\n".join(lines()) + "\n"


def render_pyproject(choice: ChoiceView, before: str) -> str:
    """`before`, a pyproject.toml or "", with the picked versions as dependencies and the lock as constraints.

    Its other dependencies and constraints, extras, comments, the Pythons that it is for, and whatever else is
    in it, stay as they are.
    uv reads the constraints; for pip write constraints.txt besides.

    Raises:
        UsageError: it is no TOML.
    """
    file = _parsed(before)
    if "project" not in file:
        file["project"] = {"name": "picked", "version": "0"}
    project = file["project"]
    pins = [f"{axis}=={version}" for axis, version in choice.pins.items()]
    project.setdefault("requires-python", f"=={choice.python}.*")
    project.setdefault("dependencies", tomlkit.array().multiline(multiline=True))
    _put(dict.fromkeys([*pins, *(each.pin for each in choice.extra)]), project["dependencies"])
    tool = file.setdefault("tool", tomlkit.table(is_super_table=True))
    uv = tool.setdefault("uv", tomlkit.table())
    uv.setdefault("constraint-dependencies", tomlkit.array().multiline(multiline=True))
    _put(choice.lock, uv["constraint-dependencies"])
    return tomlkit.dumps(file)


def pythons_of(pyproject: str) -> str:
    """The Pythons that a pyproject.toml says it is for, as it says it; "" where it does not.

    Raises:
        UsageError: it is no TOML, or nobody can tell which Pythons these are.
    """
    said = str(_parsed(pyproject).get("project", {}).get("requires-python", ""))
    try:
        SpecifierSet(said)
    except InvalidSpecifier:
        raise UsageError(f"pyproject.toml: requires-python {said!r} says no versions") from None
    return said


def _parsed(pyproject: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(pyproject)
    except ParseError as error:
        raise UsageError(f"pyproject.toml is no TOML: {error}") from None


def _head(choice: ChoiceView, kind: FileKind) -> Iterator[str]:
    witness = choice.witness
    yield f"{MARK} for Python {choice.python}: {choice.verdict},"
    yield f"# as seen on {witness.day} in run {witness.run}: {witness.cell}"
    if witness.unlike:
        yield f"# but for {', '.join(witness.unlike)}"
    how = "-r" if kind is FileKind.REQUIREMENTS else "-c"
    yield f"# python{choice.python} -m pip install {how} this file"


def _pin(line: str, comment: str, hashes: Sequence[str]) -> Iterator[str]:
    told = f"  # {' '.join(comment.split())}" if comment else ""
    if not hashes:
        yield f"{line}{told}"
        return
    if told:
        yield told.strip()
    yield " \\\n    ".join([line, *(f"--hash={each}" for each in hashes)])


def _put(pins: Iterable[str], lines: tomlkit.items.Array) -> None:
    """Each pin into the line of its package, those that have none below; comments and other lines stay."""
    if "\n" not in lines.as_string():
        lines.multiline(multiline=True)
    for pin in pins:
        name = pin.partition("==")[0]
        places = [place for place, line in enumerate(lines) if _name_of(str(line)) == name]
        if not places:
            lines.append(pin)
            continue
        lines[places[0]] = _with_extras(pin, str(lines[places[0]]))
        # A package may have been asked for by several lines, each with its marker.
        for place in reversed(places[1:]):
            del lines[place]


def _with_extras(pin: str, asked: str) -> str:
    """A pin with the extras that were asked for before."""
    extras = Requirement(asked).extras
    name, _, version = pin.partition("==")
    return f"{name}[{','.join(sorted(extras))}]=={version}" if extras else pin


def _name_of(line: str) -> str:
    try:
        return canonicalize_name(Requirement(line).name)
    except InvalidRequirement:
        return line
