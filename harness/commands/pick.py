"""`nox -s pick`: versions that are known to work together, with the proof, as pins."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from rich.console import Console

from harness.answers.facts import Facts
from harness.answers.paths import GOALS
from harness.answers.pick import Picked, pick
from harness.answers.stack import exactly
from harness.answers.why import beside
from harness.commands.facts import load_facts
from harness.commands.live import run_cells
from harness.commands.pick_asked import Asked, PickOptions, read_asked
from harness.commands.pick_files import target_of, write_pick
from harness.commands.pick_unknown import PLAN, cells_to_break, cells_to_run
from harness.commands.pick_way import cells_on_the_way, find_way
from harness.commands.places import Places
from harness.errors import ExitCode, MachineError
from harness.model import USUAL_CHECKS, Stage
from harness.report.pick.make import SHOWN, Background, make_path_view, make_pick_view
from harness.report.pick.view import ChoiceView, PickView
from harness.report.pick.words import render

_MOST = max(SHOWN, GOALS)  # choices that anything is done with


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
    asked = read_asked(options, places)
    # The answer alone goes to where a program reads it.
    screen = Console(stderr=True, highlight=False) if options.as_json else console
    known = _picked(asked)
    if options.verify is not False:
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


def _picked(asked: Asked) -> _Known:
    facts = load_facts(asked.matrix.axes, asked.places)
    return _Known(facts=facts, picked=pick(facts, asked.wish, asked.calendar, most=_MOST))


def _with_unknown(known: _Known, asked: Asked, screen: Console, *, forced: bool) -> _Known:
    """What is known, and before that what is run live because the records do not tell."""
    checks = USUAL_CHECKS
    if forced and asked.wish.origin is not None and known.picked.choices:
        cells = cells_on_the_way(find_way(asked, known.facts, known.picked), asked, known.facts, screen)
    elif known.picked.lacking:
        # To break things takes a minute or two, and is not done unasked.
        cells = cells_to_break(asked, known.facts, known.picked) if forced else []
        checks = (Stage.RESILIENCE,)
    else:
        cells = cells_to_run(asked, known.facts, known.picked, screen, forced=forced)
    if not cells:
        return known
    try:
        run_cells(cells, asked.matrix, asked.places, screen, plan=PLAN, checks=checks)
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
        field=asked.field,
        drivers={kind: table.requirements for kind, table in asked.matrix.databases.items()},
        plans=frozenset(asked.matrix.plans),
    )
    found = bool(picked.choices)
    relaxed = () if found else tuple(_relaxed(asked, known.facts))
    path = None
    if wish.origin is not None and found:
        way = find_way(asked, known.facts, picked)
        path = make_path_view(way.start, way.steps, wish, background)
    return make_pick_view(wish, picked, background, readings=asked.readings, relaxed=relaxed, path=path)


def _relaxed(asked: Asked, facts: Facts) -> Iterator[tuple[str, Picked]]:
    """What there is without each one of the demands; where there is one only, next to it."""
    wish = asked.wish
    if wish.required:
        yield "without --require", pick(facts, replace(wish, required=()), asked.calendar, most=1)
    if len(wish.demands) > 1:
        for axis, specifiers in wish.demands.items():
            others = {other: each for other, each in wish.demands.items() if other != axis}
            yield (
                f"without {axis}{specifiers}",
                pick(facts, replace(wish, demands=others), asked.calendar, most=1),
            )
        return
    for axis, specifiers in wish.demands.items():
        for series in beside(specifiers, asked.field.axes[axis]):
            nearest = replace(wish, demands={axis: exactly(series)})
            yield f"{axis}=={series}.*", pick(facts, nearest, asked.calendar, most=1)


def _chosen(view: PickView) -> ChoiceView | None:
    """What is to be taken in the end."""
    if view.path is not None and view.path.steps:
        return view.path.steps[-1].choice
    return view.choices[0] if view.choices else None
