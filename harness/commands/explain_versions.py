"""Versions for `nox -s explain`: which packages are meant, how pairs of them stand, which cells had them."""

import re
from collections.abc import Collection, Mapping

from harness.answers.asked import VersionsAsked, package_named
from harness.answers.demands import Demand, Meeting, read_demand
from harness.commands.field import load_field
from harness.commands.kept import background, known_pairs
from harness.commands.places import Places
from harness.errors import UsageError
from harness.matrix.config import Matrix
from harness.matrix.field import Field
from harness.matrix.releases import Releases, load_releases
from harness.model import RunHeader
from harness.records.glances import glances, read_result
from harness.report.explain_signature import Recorded
from harness.report.explain_versions import (
    Evidence,
    Question,
    VersionsAnswer,
    explain_versions,
    pairs_of,
    series_of,
)
from harness.report.words import SHORT_AXES

_INSTALLED = re.compile(rb'"([a-z0-9-]+)==[^"]+"')


def find_versions_answer(
    words: tuple[str, ...], asked: VersionsAsked, matrix: Matrix, places: Places
) -> VersionsAnswer:
    """Everything known about versions of packages.

    Raises:
        UsageError: there is no such package, or none of its versions meets what was asked for.
    """
    releases = load_releases(places.releases)
    field = load_field(matrix, places)
    question = _question(words, asked, field, releases, places)
    known = known_pairs(matrix, places)
    alone = len(question.demands) == 1
    stands = known.of(pairs_of(question.series, field, alone=alone))
    named = {cell for each in stands for cell in each.cells}
    return explain_versions(
        question,
        stands,
        _evidence(named, Meeting(question.demands, releases), places),
        background(matrix, places),
        mends=known.mends,
    )


def _evidence(named: Collection[str], meeting: Meeting, places: Places) -> Evidence:
    """The newest results of some cells, and of those that had all versions; of all others none is read."""
    started: dict[str, bytes] = {}
    lines: dict[str, tuple[RunHeader, bytes]] = {}
    meets: set[str] = set()
    for header, glimpse, line in glances(places.records):
        cell = glimpse.cell
        if started.get(cell, b"") <= glimpse.started:
            started[cell] = glimpse.started
            lines.pop(cell, None)
            meets.discard(cell)
            if meeting(line, glimpse.pins):
                meets.add(cell)
            if cell in meets or cell in named:
                lines[cell] = (header, line)
    of = _read(lines)
    return Evidence(of=of, meeting=[of[cell] for cell in of if cell in meets])


def _read(lines: Mapping[str, tuple[RunHeader, bytes]]) -> dict[str, Recorded]:
    """The results of lines that are not torn, in outline."""
    read = ((cell, header, read_result(line, outline=True)) for cell, (header, line) in lines.items())
    return {cell: (header, result) for cell, header, result in read if result is not None}


def _question(
    words: tuple[str, ...], asked: VersionsAsked, field: Field, releases: Releases, places: Places
) -> Question:
    demands: list[Demand] = []
    notes: list[str] = []
    known = _packages([each.name for each in asked.demands], field, places)
    for requirement in asked.demands:
        package = package_named(requirement.name, known, SHORT_AXES)
        demand = read_demand(requirement, package)
        if str(requirement) != demand.text and demand.specifier:
            notes.append(f"{str(requirement)!r} is read as {demand.text!r}")
        demands.append(demand)
    series = series_of(demands, field, releases)
    missing = [axis for axis, values in series.items() if not values]
    if missing:
        texts = {each.package: each.text for each in demands}
        raise UsageError(
            "\n".join(f"no version of matrix.toml meets {texts[axis]}" for axis in missing),
            hint="; ".join(f"of {axis} there are {', '.join(field.axes[axis])}" for axis in missing),
        )
    return Question(asked=words, demands=tuple(demands), notes=tuple(notes), series=series)


def _packages(names: Collection[str], field: Field, places: Places) -> tuple[str, ...]:
    """The packages of the axes, and what else was installed, if something else was asked for."""
    short = {each.lower() for each in SHORT_AXES.values()}
    if all(name in field.axes or name in short for name in names):
        return tuple(field.axes)
    installed: set[bytes] = set()
    for _, _, line in glances(places.records):
        begins = line.find(b'"lock":{')
        installed.update(_INSTALLED.findall(line, max(begins, 0), line.find(b"]", begins)))
    return (*field.axes, *sorted({each.decode() for each in installed}.difference(field.axes)))
