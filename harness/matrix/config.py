"""matrix.toml as frozen values. The only place that reads it; all its mistakes are told at once."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.errors import MatrixError
from harness.matrix.defaults import PYPROJECT, TABLE, table_of_pyproject, with_defaults
from harness.matrix.mistakes import Place, cross_mistakes, follows, shape_mistakes, without_misshapen
from harness.matrix.schema import (
    AxisTable,
    CiTable,
    ConstraintTable,
    DatabaseTable,
    MatrixFile,
    PlanTable,
    StackTable,
)
from harness.matrix.select import nearest
from harness.model import DatabaseKind, Expectation, Profile, Resolution, Stack


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """All of matrix.toml. `digest` changes when its text does.

    `project` is the folder of the Django project that runs, from the file's own; None for the bundled one.
    """

    digest: str
    project: str | None
    grace_days: int
    timeouts: Mapping[str, float]
    axes: Mapping[str, AxisTable]
    databases: Mapping[DatabaseKind, DatabaseTable]
    profiles: Mapping[str, Profile]
    stacks: Mapping[str, Stack]
    constraints: tuple[ConstraintTable, ...]
    expectations: tuple[Expectation, ...]
    plans: Mapping[str, PlanTable]
    ci: CiTable


def find_matrix(folder: Path) -> Path:
    """The matrix.toml of a folder; where there is none, a pyproject.toml with a table for us.

    A pyproject.toml that is no TOML may have one: who reads it next says what is wrong with it.
    """
    matrix, pyproject = folder / "matrix.toml", folder / PYPROJECT
    if matrix.exists() or not pyproject.exists():
        return matrix
    try:
        ours = table_of_pyproject(tomllib.loads(pyproject.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return pyproject
    return matrix if ours is None else pyproject


def load_matrix(path: Path) -> Matrix:
    """Read `path`: a matrix.toml, or a pyproject.toml with a table for us.

    Raises:
        MatrixError: with every mistake, each with its place and, where one is near, a suggestion.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise MatrixError(path.name, (f"cannot be read: {error.strerror}",)) from None
    except UnicodeDecodeError:
        raise MatrixError(path.name, ("not TOML: it is not UTF-8",)) from None
    return parse_matrix(text, name=path.name)


def parse_matrix(text: str, *, name: str = "matrix.toml") -> Matrix:
    """The same, from the file's text."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MatrixError(name, (f"not TOML: {error}",)) from None
    digested = text
    if name == PYPROJECT:
        table = table_of_pyproject(raw)
        if table is None:
            raise MatrixError(name, (f"tool.{TABLE}: is missing",))
        raw, name = dict(table), f"[tool.{TABLE}] of {name}"
        # What else changes in the file is no matter of ours.
        digested = json.dumps(raw, default=str)
    raw = with_defaults(raw)
    try:
        file = MatrixFile.model_validate(raw)
    except ValidationError as error:
        mistakes = (*shape_mistakes(error, raw), *_further_mistakes(error, raw))
        raise MatrixError(name, tuple(dict.fromkeys(mistakes))) from None
    stacks, unfounded = _make_stacks(file)
    mistakes = (*unfounded, *cross_mistakes(file, stacks))
    if mistakes:
        raise MatrixError(name, tuple(dict.fromkeys(mistakes)))
    return Matrix(
        digest=hashlib.sha256(digested.encode()).hexdigest()[:16],
        project=file.project.path,
        grace_days=file.resolution.grace_days,
        timeouts=file.timeouts.model_dump(by_alias=True),
        axes=file.axes,
        databases=file.databases,
        profiles={
            profile: Profile(
                name=profile,
                reason=table.reason,
                settings=table.settings,
                database=table.database,
                broker=table.broker,
            )
            for profile, table in file.profiles.items()
        },
        stacks=stacks,
        constraints=file.constraints,
        expectations=tuple(
            Expectation(
                cells=table.cells,
                signature=table.signature,
                reason=table.reason,
                link=table.link,
                expires=table.expires,
            )
            for table in file.expectations
        ),
        plans=file.plans,
        ci=file.ci,
    )


def _further_mistakes(error: ValidationError, raw: Mapping[str, Any]) -> Iterator[str]:
    """What else is wrong with a file that has keys or types wrong, as far as can be told."""
    gone: frozenset[Place] = frozenset()
    file: MatrixFile | None = None
    while file is None:
        raw, removed = without_misshapen(raw, error)
        if not removed:
            return  # a table that everything else refers to is missing
        gone |= removed
        try:
            file = MatrixFile.model_validate(raw)
        except ValidationError as further:
            error = further
    stacks, unfounded = _make_stacks(file)
    for mistake in (*unfounded, *cross_mistakes(file, stacks)):
        if not follows(mistake, gone):
            yield mistake


class _UnfoundedError(Exception):
    """A stack is `like` one that is not there, or like itself."""


def _make_stacks(file: MatrixFile) -> tuple[dict[str, Stack], list[str]]:
    """Every stack with what it takes over from another one, and what is wrong with the others."""
    stacks: dict[str, Stack] = {}
    mistakes: list[str] = []
    for name, table in file.stacks.items():
        try:
            keys = _inherited(name, file.stacks)
        except _UnfoundedError as error:
            mistakes.append(str(error))
            continue
        resolution = keys.get("resolution") or Resolution.TODAY
        stacks[name] = Stack(
            name=name,
            reason=table.reason,
            pins={axis: str(keys.get(axis, "")) for axis in file.axes},
            extras=keys.get("extras") or {},
            requirements=keys.get("requirements") or (),
            resolution=resolution,
            as_of=keys.get("as-of") if resolution is Resolution.ERA else None,
        )
    return stacks, mistakes


def _inherited(name: str, tables: Mapping[str, StackTable], seen: tuple[str, ...] = ()) -> dict[str, Any]:
    if name in seen:
        raise _UnfoundedError(f"stacks.{seen[0]}.like: goes round in a circle: {' -> '.join((*seen, name))}")
    if name not in tables:
        others = [other for other in tables if other != seen[-1]]
        raise _UnfoundedError(f"stacks.{seen[-1]}.like: no stack is called {name!r}{nearest(name, others)}")
    table = tables[name]
    base = _inherited(table.like, tables, (*seen, name)) if table.like else {}
    return {**base, **table.model_dump(by_alias=True, exclude_none=True)}
