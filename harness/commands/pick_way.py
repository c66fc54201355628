"""The way of an upgrade for `nox -s pick --from --to`: what is known of it, and what to run to know more."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

from packaging.specifiers import SpecifierSet
from rich.console import Console

from harness.answers.facts import Facts
from harness.answers.lived import Contract
from harness.answers.paths import Step, between, find_path
from harness.answers.pick import Picked, pick
from harness.answers.resilience import Resilience
from harness.answers.stack import PYTHON, Versions
from harness.commands.pick_asked import Asked
from harness.commands.pick_unknown import exact_cell, lines_for, same_versions
from harness.matrix.field import Field
from harness.model import Cell
from harness.pairs.trials import series_of
from harness.report.pick.make import Start
from harness.report.words import count_of


@dataclass(frozen=True, kw_only=True)
class Way:
    """Where an upgrade begins, and its steps."""

    start: Start
    steps: tuple[Step, ...]


def find_way(asked: Asked, facts: Facts, goals: Picked) -> Way:
    """The cheapest way to one of some goals over stacks that are known to work."""
    wish, origin = asked.wish, asked.wish.origin or {}
    room = between(origin, goals.choices)
    anything, held = SpecifierSet(), asked.held
    demands = {axis: room.get(axis, anything) & held.get(axis, anything) for axis in (*room, *held)}
    stations = pick(facts, asked.with_demands(demands), asked.calendar)
    there = sorted(facts.having(origin), key=wish.circumstances.distance)
    works = next((each for each in there if each.works), None)
    resilience = Resilience(facts, wish.circumstances.database)
    start = Start(
        origin=origin,
        stack=works,
        lived=Contract(facts, wish.circumstances).of(works) if works is not None else None,
        endured=resilience.of(works.distributions) if works is not None else (),
        failing=next((each for each in there if each.breaks), None),
    )
    return Way(start=start, steps=find_path(origin, stations.choices, goals.choices))


def cells_on_the_way(way: Way, asked: Asked, facts: Facts, screen: Console) -> list[Cell]:
    """What nobody has seen of a way: where it begins, its steps under the user's settings, and smaller steps.

    A step that changes several packages may be several steps of one package each; of these, those that
    declarations allow and that nobody has tried.
    """
    field = asked.field
    stops = list(_stops(way, asked))
    unknown: list[Versions] = []
    if stops and way.start.stack is None and way.start.failing is None:
        unknown.append(stops[0])
    for before, after in pairwise(stops):
        unknown += _smaller(before, after, field, facts)
    cells = [same_versions(step.choice.stack, asked) for step in way.steps if step.choice.unlike]
    if unknown:
        mends = lines_for(field, asked)
        cells += [exact_cell(each, asked, mends(_row(each, field))) for each in unknown]
    distinct = list({cell.id: cell for cell in cells}.values())
    if distinct:
        told = f"of this way {count_of(len(distinct), 'stack')} nobody has seen under your settings; running"
        screen.print(told, markup=False, highlight=False, soft_wrap=True)
    return distinct


def _stops(way: Way, asked: Asked) -> Iterator[Versions]:
    """The versions of every axis, from the first to the last; what a user lacks is as in the first step."""
    if way.steps:
        axes = way.steps[0].choice.stack.versions
        first = {axis: way.steps[0].choice.stack.version(axis) for axis in axes}
        yield first | dict(asked.wish.origin or {})
        yield from ({axis: step.choice.stack.version(axis) for axis in axes} for step in way.steps)


def _smaller(before: Versions, after: Versions, field: Field, facts: Facts) -> Sequence[Versions]:
    """What is between two stacks when one axis is changed at a time, in the first order that may work."""
    changed = [axis for axis in after if before[axis] != after[axis]]
    for order in permutations(changed):
        stops = list(_one_by_one(before, after, order))
        known = [list(facts.having(each)) for each in stops]
        if not any(map(field.why_not, (_row(each, field) for each in stops))) and not any(
            each.breaks for some in known for each in some
        ):
            return [each for each, some in zip(stops, known, strict=True) if not some]
    return ()


def _one_by_one(before: Versions, after: Versions, order: Iterable[str]) -> Iterator[Versions]:
    here = dict(before)
    for axis in list(order)[:-1]:
        here = {**here, axis: after[axis]}
        yield here


def _row(versions: Versions, field: Field) -> Mapping[str, str]:
    """The series of some versions, by axis."""
    found = {
        axis: value if axis == PYTHON else series_of(value, field.axes[axis])
        for axis, value in versions.items()
        if value not in ("", "*", "-")
    }
    return {axis: series for axis, series in found.items() if series is not None}
