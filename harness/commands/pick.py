"""`nox -s pick`: versions that are known to work together, with the proof, as pins."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from packaging.specifiers import SpecifierSet
from rich.console import Console

from harness.answers.circumstances import DEFAULTS, Circumstances
from harness.answers.facts import Facts
from harness.answers.lived import Contract
from harness.answers.paths import between, find_path
from harness.answers.pick import Picked, Prefer, Wish, pick
from harness.answers.projects.project import Project
from harness.answers.projects.read import read_project
from harness.answers.settings import parse_words
from harness.answers.stack import PYTHON, KnownStack, exactly
from harness.answers.why import beside
from harness.answers.wishes import read_demands
from harness.commands.live import run_cells
from harness.commands.pick_asked import Asked, field_of, make_asked
from harness.commands.pick_facts import facts_about
from harness.commands.pick_files import target_of, write_pick
from harness.commands.pick_unknown import PLAN, cells_to_run
from harness.commands.places import Places
from harness.errors import ExitCode, MachineError, UsageError
from harness.matrix.config import load_matrix
from harness.model import CellResult, DatabaseKind
from harness.records.store import read_result, run_path
from harness.report.pick.make import Background, Start, make_path_view, make_pick_view
from harness.report.pick.view import ChoiceView, PathView, PickView
from harness.report.pick.words import render

_ANY_PYTHON = "3.11"  # that markers are asked about, where a project does not say which


@dataclass(frozen=True, kw_only=True)
class PickOptions:
    """What `nox -s pick` was asked for. Relative names are of `folder`.

    `verify` None: run what is not known, if it is little. `origin` is a project's file, `to` what is wanted
    then, and `words` what must hold all the way.
    """

    words: tuple[str, ...] = ()
    folder: Path = Path()
    database: DatabaseKind = "sqlite"
    settings: tuple[str, ...] = ()
    prefer: Prefer = Prefer.NEWEST
    as_of: date | None = None
    write: str = ""
    hashes: bool = False
    verify: bool | None = None
    origin: str = ""
    to: tuple[str, ...] = ()
    as_json: bool = False


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What the records say of the question, and what follows."""

    facts: Facts
    picked: Picked


def run_pick(options: PickOptions, places: Places, console: Console) -> ExitCode:
    """Answer from the records; where they know nothing and little is to be run, run it and answer then.

    1 when nothing that is known to work meets what was asked for.

    Raises:
        UsageError: a word is no demand or no setting, or options do not go together.
        ProjectError: the file that the project comes from has mistakes.
    """
    target = target_of(options.write, options.folder, hashes=options.hashes)
    asked = _read(options, places)
    # The answer alone goes to where a program reads it.
    screen = Console(stderr=True, highlight=False) if options.as_json else console
    known = _picked(asked)
    if options.verify is not False and not options.origin:
        known = _with_unknown(known, asked, screen, forced=options.verify is True)
    view = _answer(asked, known)
    if options.as_json:
        told = json.dumps(asdict(view), indent=1, ensure_ascii=False, default=str)
        console.out(told, highlight=False)
    else:
        text = render(view, width=console.width, colour=console.is_terminal)
        console.out(text, end="", highlight=False)
    chosen = _chosen(view)
    if target is not None and chosen is not None:
        write_pick(chosen, target, asked, hashes=options.hashes)
        screen.print(f"{target.name}: written", markup=False, highlight=False)
    return ExitCode.OK if chosen is not None else ExitCode.UNEXPECTED


def _read(options: PickOptions, places: Places) -> Asked:
    matrix = load_matrix(places.matrix)
    axes = tuple(matrix.axes)
    if bool(options.origin) != bool(options.to):
        raise UsageError("--from and --to go together", hint='--from requirements.txt --to "django==5.2.*"')
    held = read_demands(options.words, axes)
    read = read_demands((*options.words, *options.to), axes)
    origin = _origin(read_project(options.origin, options.folder), axes) if options.origin else None
    if options.prefer is Prefer.NEAREST and origin is None:
        raise UsageError("nearest to what?", hint="--from requirements.txt says what you have")
    given, mistakes = parse_words(options.settings)
    if mistakes:
        raise UsageError(
            "\n".join(mistakes), hint="--settings CELERY_ENABLE_UTC=False TIME_ZONE=Asia/Shanghai"
        )
    settings = {name: given.get(name, value) for name, value in DEFAULTS.items()}
    wish = Wish(
        demands=read.demands,
        circumstances=Circumstances(settings=settings, database=options.database),
        prefer=Prefer.NEAREST if origin is not None else options.prefer,
        as_of=options.as_of,
        origin=origin,
    )
    return make_asked(matrix, places, wish, held=held.demands, readings=read.readings)


def _origin(project: Project, axes: Sequence[str]) -> dict[str, str]:
    """The versions of axes' packages that a project pins, and its Python if it says one.

    Raises:
        UsageError: it pins none.
    """
    said = [each.version.removesuffix(".*") for each in SpecifierSet(project.python) if each.operator == "=="]
    found = {PYTHON: ".".join(said[0].split(".")[:2])} if said else {}
    pins = {name: allowed.pin for name, allowed in project.on(found.get(PYTHON, _ANY_PYTHON)).items()}
    found |= {axis: pin for axis in axes if (pin := pins.get(axis)) is not None}
    if not found.keys() - {PYTHON}:
        packages = ", ".join(axis for axis in axes if axis != PYTHON)
        raise UsageError(f"{project.file} pins none of {packages}", hint="a pin is like django==4.2.11")
    return found


def _picked(asked: Asked) -> _Known:
    facts = facts_about(asked.wish.demands, asked.matrix.axes, asked.places)
    return _Known(facts=facts, picked=pick(facts, asked.wish, asked.calendar))


def _with_unknown(known: _Known, asked: Asked, screen: Console, *, forced: bool) -> _Known:
    """What is known, and before that what is run live because the records do not tell."""
    cells = cells_to_run(asked, known.facts, known.picked, screen, forced=forced)
    if not cells:
        return known
    try:
        run_cells(cells, asked.matrix, asked.places, screen, plan=PLAN)
    except MachineError as error:
        if forced:
            raise
        screen.print(f"not run: {error}", markup=False, highlight=False, soft_wrap=True)
    return _picked(asked)


def _answer(asked: Asked, known: _Known) -> PickView:
    """The answer, from the records as they are now."""
    wish, picked = asked.wish, known.picked
    background = Background(
        facts=known.facts,
        field=field_of(asked),
        drivers={kind: table.requirements for kind, table in asked.matrix.databases.items()},
        plans=frozenset(asked.matrix.plans),
        whole_of=_whole_of(asked.places),
    )
    found = bool(picked.choices)
    relaxed = () if found else tuple(_relaxed(asked))
    path = _path(asked, picked, background) if wish.origin is not None and found else None
    return make_pick_view(wish, picked, background, readings=asked.readings, relaxed=relaxed, path=path)


def _relaxed(asked: Asked) -> Iterator[tuple[str, Picked]]:
    """What there is without each one of the demands; where there is one only, next to it."""
    wish = asked.wish
    if len(wish.demands) > 1:
        facts = facts_about(wish.demands, asked.matrix.axes, asked.places, unmet=1)
        for axis, specifiers in wish.demands.items():
            others = {other: each for other, each in wish.demands.items() if other != axis}
            yield f"without {axis}{specifiers}", pick(facts, replace(wish, demands=others), asked.calendar)
        return
    for axis, specifiers in wish.demands.items():
        for series in beside(specifiers, field_of(asked).axes[axis]):
            demands = {axis: exactly(series)}
            facts = facts_about(demands, asked.matrix.axes, asked.places)
            yield f"{axis}=={series}.*", pick(facts, replace(wish, demands=demands), asked.calendar)


def _path(asked: Asked, goals: Picked, background: Background) -> PathView:
    wish, origin = asked.wish, asked.wish.origin or {}
    room = between(origin, goals.choices)
    anything, held = SpecifierSet(), asked.held
    demands = {axis: room.get(axis, anything) & held.get(axis, anything) for axis in (*room, *held)}
    facts = facts_about(demands, asked.matrix.axes, asked.places)
    stations = pick(facts, replace(wish, demands=demands), asked.calendar)
    there = sorted(facts.having(origin), key=wish.circumstances.distance)
    works = next((each for each in there if each.works), None)
    start = Start(
        origin=origin,
        stack=works,
        lived=Contract(facts, wish.circumstances).of(works) if works is not None else None,
        failing=next((each for each in there if each.breaks), None),
    )
    steps = find_path(origin, stations.choices, goals.choices)
    return make_path_view(start, steps, wish, replace(background, facts=facts))


def _whole_of(places: Places) -> Callable[[KnownStack], CellResult | None]:
    return lambda stack: read_result(run_path(places.records, stack.run), stack.cell)


def _chosen(view: PickView) -> ChoiceView | None:
    """What is to be taken in the end."""
    if view.path is not None and view.path.steps:
        return view.path.steps[-1].choice
    return view.choices[0] if view.choices else None
