"""Versions for `nox -s explain`: which packages are meant, how pairs of them stand, which cells had them."""

from collections.abc import Collection

from harness.answers.asked import VersionsAsked, is_known, package_named
from harness.answers.demands import Demand, Meeting, read_demand
from harness.commands.field import load_field
from harness.commands.kept import background, known_pairs
from harness.commands.places import Places
from harness.errors import UsageError
from harness.matrix.config import Matrix
from harness.matrix.field import Field
from harness.matrix.releases import Releases, load_releases
from harness.records.sheets import Entry, newest_entries
from harness.records.shelf import open_shelf
from harness.report.explain_versions import (
    Evidence,
    Question,
    Recorded,
    VersionsAnswer,
    explain_versions,
    pairs_of,
    series_of,
)


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
    # Before the pairs: who works out what is to blame knows those as well.
    behind = background(matrix, places)
    known = known_pairs(matrix, places)
    alone = len(question.demands) == 1
    stands = known.of(pairs_of(question.series, field, alone=alone))
    named = {cell for each in stands for cell in each.cells}
    return explain_versions(
        question,
        stands,
        _evidence(named, Meeting(question.demands, releases), places),
        behind,
        mends=known.mends,
    )


def _evidence(named: Collection[str], meeting: Meeting, places: Places) -> Evidence:
    """The newest results of some cells, and which cells had all versions; of all others none is read."""
    shelf = open_shelf(places.records, places.cache)
    newest = newest_entries(shelf.entries(meeting.AXES))

    def read(entry: Entry) -> Recorded | None:
        result = shelf.read(entry)
        return None if result is None else (shelf.header(entry), result)

    told = shelf.read_all(entry for cell, entry in newest.items() if cell in named)
    return Evidence(
        of={entry.cell: (shelf.header(entry), result) for entry, result in told},
        meeting=list(filter(meeting, newest.values())),
        read=read,
    )


def _question(
    words: tuple[str, ...], asked: VersionsAsked, field: Field, releases: Releases, places: Places
) -> Question:
    demands: list[Demand] = []
    notes: list[str] = []
    known = _packages([each.name for each in asked.demands], field, places)
    for requirement in asked.demands:
        package = package_named(requirement.name, known)
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
    if all(is_known(name, field.axes) for name in names):
        return tuple(field.axes)
    sheets = open_shelf(places.records, places.cache).sheets
    installed = {word.partition("==")[0] for sheet in sheets for word in sheet.distributions.words}
    return (*field.axes, *sorted(installed.difference(field.axes)))
