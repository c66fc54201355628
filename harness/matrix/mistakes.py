"""What one table of matrix.toml says wrongly of another. Pure; every mistake, in the file's order.

Each mistake is one line: the TOML path, what is wrong with it, and what was probably meant.
"""

import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version
from pydantic import ValidationError

from harness.matrix.schema import MatrixFile, PlanTable, StackTable
from harness.matrix.select import Selector, nearest, unmatched
from harness.model import Installer, Reason, Resolution, Stack, Stage

UNPINNED = "*"  # asked for, at whatever version
UNASKED = "-"  # not asked for by itself; there if something else requires it
PROFILE_KEYS = ("database", "broker")
TRIPLE = 3

Place = tuple[int | str, ...]

_NAMED = frozenset({("axes",), ("profiles",), ("stacks",), ("plans",)})
# What takes the place of a misshapen entry of an array while the rest is checked.
_HARMLESS: dict[str, dict[str, Any]] = {
    "constraints": {"when": {"python": ["*"]}, "reason": "-", "source": "-"},
    "expectations": {
        "cells": ["*"],
        "signature": "*",
        "reason": "-",
        "link": "https://-",
        "expires": date.max,
    },
}


def shape_mistakes(error: ValidationError, raw: Mapping[str, Any]) -> Iterator[str]:
    """Unknown keys, missing keys and values of the wrong type, from pydantic's own list."""
    places = {item["loc"] for item in error.errors()}
    for item in error.errors():
        if item["type"] == "too_short" and any(_is_below(place, item["loc"]) for place in places):
            continue  # what is misshapen is not missing
        path = [part for part in item["loc"] if part != "[key]"]
        place = ".".join(map(str, path))
        if item["type"] == "extra_forbidden":
            yield f"{place}: no such key{nearest(str(path[-1]), _keys_of(path[:-1]))}"
        elif item["type"] == "missing":
            yield f"{place}: is missing"
        else:
            message = item["msg"].removeprefix("Value error, ")
            yield f"{place}: {message[0].lower()}{message[1:]} (found {_found(raw, path)})"


def without_misshapen(
    raw: Mapping[str, Any], error: ValidationError
) -> tuple[dict[str, Any], frozenset[Place]]:
    """`raw` without what `error` complains of, and the places that went with it.

    What is left can be checked further, so that one wrong type hides no wrong name.
    """
    pruned = copy.deepcopy(dict(raw))
    removals = {_removal(item["loc"], missing=item["type"] == "missing") for item in error.errors()}
    removals = {path for path in removals if path and not any(_is_below(path, other) for other in removals)}
    # From the end of each array, so that the places of what is still to go stay right.
    for path in sorted(removals, key=_sortable, reverse=True):
        parent: Any = pruned
        for part in path[:-1]:
            parent = parent[part]
        if isinstance(path[-1], int) and path[0] in _HARMLESS:
            parent[path[-1]] = _HARMLESS[str(path[0])]  # the others keep their numbers
        else:
            del parent[path[-1]]
    return pruned, frozenset(removals)


def follows(mistake: str, gone: Iterable[Place]) -> bool:
    """Whether a mistake is only there because something misshapen was taken out."""
    for path in gone:
        place = ".".join(map(str, path))
        named = (
            len(path) > 1 and path[:-1] in _NAMED and (repr(path[1]) in mistake or f".{path[1]}:" in mistake)
        )
        if named or mistake.startswith((f"{place}:", f"{place}.")):
            return True
    return False


def _is_below(place: Place, other: Place) -> bool:
    return len(place) > len(other) and place[: len(other)] == other


def _sortable(place: Place) -> list[tuple[bool, int | str]]:
    return [(isinstance(part, str), part) for part in place]


def _removal(location: tuple[int | str, ...], *, missing: bool) -> tuple[int | str, ...]:
    """What must go for a mistake at `location` to be gone: the key, or the table that lacks it."""
    path = tuple(part for part in location if part != "[key]")
    for depth, part in enumerate(path):
        if isinstance(part, int):
            return path[: depth + 1]
    return path[:-1] if missing else path


def _keys_of(path: list[Any]) -> list[str]:
    """The keys the table at `path` may have."""
    schema = MatrixFile.model_json_schema(by_alias=True)
    if not path:
        return list(schema["properties"])
    reference = re.search(r"#/\$defs/(\w+)", json.dumps(schema["properties"][path[0]]))
    return list(schema["$defs"][reference[1]]["properties"]) if reference else []


def _found(raw: Any, path: list[Any]) -> str:  # noqa: ANN401 - walks any TOML value
    for part in path:
        raw = raw[part]
    return repr(raw)


def cross_mistakes(file: MatrixFile, stacks: Mapping[str, Stack]) -> Iterator[str]:
    """Names that are not there, values that are no versions, requirements that do not parse."""
    yield from _axis_mistakes(file)
    yield from _database_mistakes(file)
    for name, table in file.stacks.items():
        yield from _key_mistakes(name, table, file)
    for stack in stacks.values():
        yield from _pin_mistakes(stack, file)
    yield from _constraint_mistakes(file)
    yield from _plan_mistakes(file)
    yield from _expectation_mistakes(file)
    yield from _ci_mistakes(file)


def _axis_mistakes(file: MatrixFile) -> Iterator[str]:
    for name, axis in file.axes.items():
        for value in axis.values:
            if not _is_version(value):
                yield f"axes.{name}.values: {value!r} is no version; write '4.2' (a series) or '4.2.1'"
        for value, requirements in axis.requirements.items():
            place = f"axes.{name}.requirements.{value!r}"
            if value not in axis.values:
                yield f"{place}: not a value of this axis{nearest(value, axis.values)}"
            yield from _requirement_mistakes(place, requirements)


def _database_mistakes(file: MatrixFile) -> Iterator[str]:
    for kind, table in file.databases.items():
        yield from _requirement_mistakes(f"databases.{kind}.requirements", table.requirements)
    for name, profile in file.profiles.items():
        if profile.database != "sqlite" and profile.database not in file.databases:
            yield f"profiles.{name}.database: databases.{profile.database} is missing, which names its driver"


def _key_mistakes(name: str, table: StackTable, file: MatrixFile) -> Iterator[str]:
    known = [*file.axes, "reason", "like", "extras", "requirements", "resolution", "as-of"]
    for key, value in table.__pydantic_extra__.items():
        if key not in file.axes:
            yield f"stacks.{name}.{key}: neither an axis nor a key of a stack{nearest(key, known)}"
        elif not isinstance(value, str):
            yield f"stacks.{name}.{key}: write the version as a string, such as '4.2' (found {value!r})"


def _pin_mistakes(stack: Stack, file: MatrixFile) -> Iterator[str]:
    place = f"stacks.{stack.name}"
    # A pin taken over from another stack is that stack's mistake, told once.
    own = {
        axis for axis, value in file.stacks[stack.name].__pydantic_extra__.items() if isinstance(value, str)
    }
    for axis, value in stack.pins.items():
        values = file.axes[axis].values
        if not value:
            yield f"{place}.{axis}: is missing; pin it, or leave it to the resolver with '*'"
        elif value == UNPINNED and axis == "python":
            yield f"{place}.python: an interpreter cannot be left to the resolver; name one"
        elif axis in own and value not in (UNPINNED, *values):
            yield f"{place}.{axis}: {value!r} is not a value of axes.{axis}{nearest(value, values)}"
    for axis in stack.extras:
        if axis not in file.axes:
            yield f"{place}.extras.{axis}: no such axis{nearest(axis, file.axes)}"
    yield from _requirement_mistakes(f"{place}.requirements", stack.requirements)
    unpinned = all(value == UNPINNED for axis, value in stack.pins.items() if axis != "python")
    if stack.resolution is Resolution.ERA and stack.as_of is None and unpinned:
        yield f"{place}.as-of: is missing; a stack without pins has no era of its own"


def _requirement_mistakes(place: str, requirements: Iterable[str]) -> Iterator[str]:
    for text in requirements:
        try:
            Requirement(text)
        except InvalidRequirement as error:
            yield f"{place}: {text!r} is no requirement (PEP 508): {str(error).splitlines()[0]}"


def _constraint_mistakes(file: MatrixFile) -> Iterator[str]:
    known = [*file.axes, *PROFILE_KEYS]
    for index, constraint in enumerate(file.constraints):
        for key, globs in constraint.when.items():
            place = f"constraints.{index}.when.{key}"
            if key not in known:
                yield f"{place}: neither an axis nor a profile key{nearest(key, known)}"
            elif key in file.axes:
                values = (*file.axes[key].values, UNPINNED)
                for glob in unmatched(globs, values):
                    yield f"{place}: {glob!r} is no value of this axis{nearest(glob, values)}"


def _plan_mistakes(file: MatrixFile) -> Iterator[str]:
    cells = _cell_ids(file)
    for name, plan in file.plans.items():
        if not plan.stacks and plan.each is None and not plan.over_caps:
            yield f"plans.{name}.stacks: is missing; name stacks, or the axis of which each series is a stack"
        for glob in unmatched(plan.stacks, file.stacks):
            yield f"plans.{name}.stacks: {glob!r} names no stack{nearest(glob, file.stacks)}"
        for glob in unmatched(plan.profiles, file.profiles):
            yield f"plans.{name}.profiles: {glob!r} names no profile{nearest(glob, file.profiles)}"
        for glob in unmatched(plan.cells, cells):
            yield f"plans.{name}.cells: {glob!r} names no cell{nearest(glob, cells)}"
        yield from _settling_mistakes(f"plans.{name}", plan, file)
        yield from _over_caps_mistakes(f"plans.{name}", plan, file)
        yield from _each_mistakes(f"plans.{name}", plan, file)


def _settling_mistakes(place: str, plan: PlanTable, file: MatrixFile) -> Iterator[str]:
    if plan.settle_pairs and sum(map(Selector(plan.profiles), file.profiles)) != 1:
        yield f"{place}.profiles: name one; every row of a plan with settle-pairs is run under it"
    if plan.cover and not (plan.settle_pairs and len(set(plan.cover)) == TRIPLE):
        yield f"{place}.cover: takes three axes, in a plan with settle-pairs"
    for axis in plan.cover:
        if axis not in file.axes:
            yield f"{place}.cover: no such axis{nearest(axis, file.axes)}"


def _over_caps_mistakes(place: str, plan: PlanTable, file: MatrixFile) -> Iterator[str]:
    if not plan.over_caps:
        return
    if sum(map(Selector(plan.profiles), file.profiles)) != 1:
        yield f"{place}.profiles: name one; every row of a plan with over-caps is run under it"
    # A run tells of one question; a plan with two would need two reports.
    others = {
        "settle-pairs": plan.settle_pairs,
        "each": plan.each,
        "stacks": plan.stacks,
        "cells": plan.cells,
    }
    for key, value in others.items():
        if value:
            yield f"{place}.{key}: takes a plan without over-caps"


def _each_mistakes(place: str, plan: PlanTable, file: MatrixFile) -> Iterator[str]:
    """What is wrong with stacks that are made of an axis and of what people write beside it."""
    axes = [axis for axis in file.axes if axis != "python"]
    if plan.each is None:
        for key, value in (("styles", plan.styles), ("installers", plan.installers)):
            if value:
                yield f"{place}.{key}: takes a plan with each"
        return
    if plan.each not in axes:
        yield f"{place}.each: no such axis{nearest(plan.each, axes)}"
    if not plan.styles:
        yield f"{place}.styles: is missing; with each, say what is asked for beside it"
    if not plan.installers:
        yield f"{place}.installers: is missing; with each, say who chooses: {', '.join(Installer)}"
    if plan.settle_pairs:
        yield f"{place}.settle-pairs: takes a plan without each"
    for style, requirements in plan.styles.items():
        yield from _style_mistakes(f"{place}.styles.{style}", requirements, plan.each, axes)


def _style_mistakes(place: str, requirements: Iterable[str], each: str, axes: Sequence[str]) -> Iterator[str]:
    mistakes = tuple(_requirement_mistakes(place, requirements))
    yield from mistakes
    for requirement in () if mistakes else map(Requirement, requirements):
        if requirement.name == each:
            yield f"{place}: {each!r} is asked for by each"
        elif requirement.name not in axes:
            yield f"{place}: {requirement.name!r} is no axis{nearest(requirement.name, axes)}"
        elif requirement.specifier or requirement.marker or requirement.url:
            yield f"{place}: '{requirement}' is more than a name and its extras; the installer chooses"


def _expectation_mistakes(file: MatrixFile) -> Iterator[str]:
    cells = _cell_ids(file)
    for index, expectation in enumerate(file.expectations):
        for glob in unmatched(expectation.cells, cells):
            yield f"expectations.{index}.cells: {glob!r} names no cell{nearest(glob, cells)}"
        stage, _, rest = expectation.signature.partition(":")
        yield from _word_mistakes(f"expectations.{index}.signature", stage, "stage", list(Stage))
        yield from _word_mistakes(
            f"expectations.{index}.signature", rest.partition(":")[0] or "*", "reason", list(Reason)
        )


def _ci_mistakes(file: MatrixFile) -> Iterator[str]:
    if "ci" not in file.model_fields_set:
        return
    plan = file.plans.get(file.ci.plan)
    if plan is None:
        yield f"ci.plan: no plan is called {file.ci.plan!r}{nearest(file.ci.plan, file.plans)}"
    elif plan.settle_pairs or plan.over_caps:
        yield f"ci.plan: {file.ci.plan!r} chooses its cells while it runs, and cannot be split"


def _cell_ids(file: MatrixFile) -> list[str]:
    return [f"{stack}@{profile}" for stack in file.stacks for profile in file.profiles]


def _word_mistakes(place: str, glob: str, what: str, words: Sequence[str]) -> Iterator[str]:
    if unmatched([glob], words):
        yield f"{place}: {glob!r} is no {what}{nearest(glob, words)}"


def _is_version(value: str) -> bool:
    try:
        return len(Version(value).release) > 1
    except InvalidVersion:
        return False
