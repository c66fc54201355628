"""pyproject.toml: what [project] declares (PEP 621), or [tool.poetry] where the project is Poetry's. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from harness.answers.projects.project import Demand, Project, line_of, python_mistake
from harness.answers.projects.requirements import demand_of

_CARET = re.compile(r"\^\s*(\d+(?:\.\d+)*)(\S*)")
_TILDE = re.compile(r"~\s*(?!=)(\d+(?:\.\d+)*)(\S*)")
_BARE = re.compile(r"\d[\w.*+!-]*")


def parse_pyproject(path: str, text: str) -> tuple[Project, tuple[str, ...]]:
    """What the project depends on by itself, without its extras and groups; and every mistake."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Project(file=path, demands=()), (f"{path} is no TOML: {error}",)
    project, poetry = raw.get("project"), raw.get("tool", {}).get("poetry", {}).get("dependencies")
    if isinstance(project, Mapping) and "dependencies" in project:
        return _standard(path, text, project)
    if isinstance(poetry, Mapping):
        return _poetry(path, text, poetry)
    dynamic = project.get("dynamic", ()) if isinstance(project, Mapping) else ()
    if "dependencies" in dynamic:
        why = "project.dependencies is dynamic: another file has them; check that file"
    else:
        why = "there is neither project.dependencies nor tool.poetry.dependencies; check the lock instead"
    return Project(file=path, demands=()), (f"{path}: {why}",)


def _standard(path: str, text: str, project: Mapping[str, Any]) -> tuple[Project, tuple[str, ...]]:
    demands, mistakes = [], []
    for number, written in enumerate(project["dependencies"]):
        place = _place(path, text, f"project.dependencies[{number}]", str(written))
        try:
            demands.append(demand_of(Requirement(written), place=place))
        except (InvalidRequirement, TypeError) as error:
            said = str(error).splitlines()[0]
            mistakes.append(f"{place}: {written!r} is no requirement: {said[0].lower()}{said[1:]}")
    python = str(project.get("requires-python", ""))
    place = _place(path, text, "project.requires-python", "requires-python")
    return _made(path, demands, python, place, mistakes)


def _poetry(path: str, text: str, table: Mapping[str, Any]) -> tuple[Project, tuple[str, ...]]:
    demands, mistakes, python = [], [], ""
    python_place = f"{path}, tool.poetry.dependencies.python"
    for name, value in table.items():
        place = _place(path, text, f"tool.poetry.dependencies.{name}", f"{name} ")
        for entry in value if isinstance(value, list) else [value]:
            try:
                demand = _poetry_demand(name, entry, place)
            except ValueError as error:
                mistakes.append(f"{place}: {error}")
                continue
            if name == "python":
                python, python_place = demand.specifier, place
            elif not (isinstance(entry, Mapping) and entry.get("optional")):
                demands.append(demand)
    return _made(path, demands, python, python_place, mistakes)


def _poetry_demand(name: str, entry: object, place: str) -> Demand:
    table: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {"version": entry}
    markers = [f"({table['markers']})"] if "markers" in table else []
    if "python" in table:
        markers += [
            f"(python_version {each.operator} '{each.version.removesuffix('.*')}')"
            for each in SpecifierSet(specifier_of(str(table["python"])))
        ]
    for marker in markers:
        Marker(marker)
    return Demand(
        name=canonicalize_name(name),
        specifier=specifier_of(str(table.get("version", "*"))),
        extras=tuple(table.get("extras", ())),
        marker=" and ".join(markers),
        place=place,
    )


def specifier_of(constraint: str) -> str:
    """A constraint of Poetry's (`^1.2.3`, `~1.2`, `1.*`, `*`, `>=1,<2`) as PEP 440 writes it.

    The source is https://python-poetry.org/docs/dependency-specification/.

    Raises:
        ValueError: it offers alternatives (`||`), which PEP 440 cannot write, or is none.
    """
    if "|" in constraint:
        raise ValueError(f"{constraint!r} offers alternatives: check the lock instead")
    parts = [part.strip() for part in re.split(r",|(?<=[\w*])\s+(?=[<>=!~^])", constraint) if part.strip()]
    found = ",".join(filter(None, (_part(part) for part in parts)))
    try:
        SpecifierSet(found)
    except InvalidSpecifier:
        raise ValueError(f"{constraint!r} is no constraint on versions") from None
    return found


def _part(part: str) -> str:
    if part == "*":
        return ""
    caret, tilde = _CARET.fullmatch(part), _TILDE.fullmatch(part)
    if caret is not None:
        numbers = [int(number) for number in caret[1].split(".")]
        # Up to the next change of the first number that is not 0, or of the last that is written.
        at = next((place for place, number in enumerate(numbers) if number), len(numbers) - 1)
        return f">={caret[1]}{caret[2]},<{_next(numbers, at)}"
    if tilde is not None:
        numbers = [int(number) for number in tilde[1].split(".")]
        return f">={tilde[1]}{tilde[2]},<{_next(numbers, min(1, len(numbers) - 1))}"
    return f"=={part}" if _BARE.fullmatch(part) else part


def _next(numbers: list[int], at: int) -> str:
    return ".".join(map(str, [*numbers[:at], numbers[at] + 1]))


def _made(
    path: str, demands: list[Demand], python: str, place: str, mistakes: list[str]
) -> tuple[Project, tuple[str, ...]]:
    wrong = python_mistake(python)
    if wrong:
        mistakes.append(f"{place}: {wrong}")
        python = ""
    project = Project(file=path, demands=tuple(demands), python=python, python_place=place if python else "")
    return project, tuple(mistakes)


def _place(path: str, text: str, key: str, written: str) -> str:
    """The line if it can be told, and the key in any case."""
    number = next(_lines_with(text, written), None)
    return f"{path}, line {number} ({key})" if number else f"{path}, {key}"


def _lines_with(text: str, written: str) -> Iterator[int]:
    for part in (f'"{written}"', f"'{written}'", f"\n{written}"):
        number = line_of(text, part)
        if number is not None:
            yield number + part.count("\n")
