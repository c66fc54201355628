"""The locks of uv, Poetry and Pipenv: each distribution with its one version. Pure."""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from harness.answers.projects.project import Demand, Project, pinned, python_mistake
from harness.answers.projects.pyproject import specifier_of

Parsed = tuple[Project, tuple[str, ...]]
# What the project itself is in a lock, and what stands in its folder.
_OWN = frozenset({"virtual", "editable", "directory"})


def parse_uv_lock(path: str, text: str) -> Parsed:
    """uv.lock. One distribution may stand in it several times, each for Pythons of its own."""
    return _parse(path, text, tomllib.loads, _uv)


def parse_poetry_lock(path: str, text: str) -> Parsed:
    """poetry.lock."""
    return _parse(path, text, tomllib.loads, _poetry)


def parse_pipfile_lock(path: str, text: str) -> Parsed:
    """Pipfile.lock, without what is for developing only."""
    return _parse(path, text, json.loads, _pipfile)


def _parse(
    path: str,
    text: str,
    loads: Callable[[str], Any],
    read: Callable[[str, Mapping[str, Any]], tuple[list[Demand], str, str]],
) -> Parsed:
    nothing = Project(file=path, demands=(), complete=True)
    try:
        raw = loads(text)
        demands, python, place = read(path, raw)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        return nothing, (f"{path} cannot be read: {error}",)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        return nothing, (f"{path} is not the lock that its name says: {what}",)
    mistakes = [f"{demand.place}: {wrong}" for demand in demands if (wrong := _mistake(demand))]
    if wrong := python_mistake(python):
        mistakes.append(f"{path}, {place}: {wrong}")
        python = ""
    if not demands:
        mistakes.append(f"{path} locks nothing")
    project = Project(
        file=path,
        demands=tuple(demand for demand in demands if not _mistake(demand)),
        python=python,
        python_place=f"{path}, {place}" if python else "",
        complete=True,
    )
    return project, tuple(mistakes)


def _mistake(demand: Demand) -> str:
    try:
        SpecifierSet(demand.specifier)
    except InvalidSpecifier:
        return f"{demand.specifier.removeprefix('==')!r} is no version"
    try:
        if demand.marker:
            Marker(demand.marker)
    except InvalidMarker:
        return f"{demand.marker!r} is no marker"
    return ""


def _uv(path: str, raw: Mapping[str, Any]) -> tuple[list[Demand], str, str]:
    demands = [
        pinned(
            each["name"],
            each.get("version", ""),
            marker=_any_of(each.get("resolution-markers", ())),
            place=_entry(path, each["name"]),
        )
        for each in raw["package"]
        if not _OWN.intersection(each.get("source", {}))
    ]
    return demands, str(raw.get("requires-python", "")), "requires-python"


def _poetry(path: str, raw: Mapping[str, Any]) -> tuple[list[Demand], str, str]:
    demands = [
        pinned(each["name"], each["version"], marker=_marker(each), place=_entry(path, each["name"]))
        for each in raw["package"]
        if not each.get("optional") and _is_main(each)
    ]
    python = str(raw["metadata"].get("python-versions", ""))
    return demands, "" if python == "*" else specifier_of(python), "metadata.python-versions"


def _pipfile(path: str, raw: Mapping[str, Any]) -> tuple[list[Demand], str, str]:
    demands = [
        Demand(
            name=canonicalize_name(name),
            specifier=str(table.get("version", "")).replace("*", ""),
            marker=str(table.get("markers", "")),
            extras=tuple(table.get("extras", ())),
            place=_entry(path, name),
        )
        for name, table in raw["default"].items()
    ]
    requires = raw["_meta"].get("requires", {})
    python = str(requires.get("python_full_version") or requires.get("python_version") or "")
    series = ".".join(python.split(".")[:2])
    return demands, f"=={series}.*" if series else "", "_meta.requires"


def _is_main(each: Mapping[str, Any]) -> bool:
    """Whether an entry of poetry.lock is there without any group; old locks say `category`."""
    groups = each.get("groups", [each.get("category", "main")])
    return "main" in groups


def _marker(each: Mapping[str, Any]) -> str:
    """A marker is one for all groups, or each group has one."""
    markers = each.get("markers", "")
    return str(markers.get("main", "")) if isinstance(markers, Mapping) else str(markers)


def _any_of(markers: Iterable[str]) -> str:
    return " or ".join(f"({each})" for each in markers)


def _entry(path: str, name: str) -> str:
    return f"{path}, {name}"
