"""The answer to `nox -s pick` in words: warnings, the pins, the proof, what else there is. Pure."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.report.endured import resilience_lines
from harness.report.pick.make import settings_words
from harness.report.pick.view import ChoiceView, PathView, PickView, Relaxed, TimeStand
from harness.report.words import axis_name, count_of

# What prints a line, in a style.
Say = Callable[..., None]


def render(view: PickView, *, width: int, colour: bool) -> str:
    """The whole text."""
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False, soft_wrap=False
    )

    def say(line: str = "", style: str = "") -> None:
        console.print(Text(line, style=style), soft_wrap=True)

    for reading in view.readings:
        say(reading, "dim")
    for warning in view.warnings:
        say(f"warning: {warning}", "bold yellow")
    if view.path is not None:
        _tell_path(view.path, say)
    elif view.choices:
        _tell_first(view, say)
        if view.choices[1:]:
            say()
            console.print(_others(view.choices[1:]))
    else:
        _tell_none(view, say)
        if view.relaxed:
            say()
            console.print(_relaxed(view.relaxed))
    return out.getvalue()


def pins_words(choice: ChoiceView) -> str:
    """`Python 3.11, Django 4.2.30, Celery 5.7.0`."""
    versions = {"python": choice.python, **choice.pins}
    return ", ".join(f"{axis_name(axis)} {version}" for axis, version in versions.items())


def _tell_first(view: PickView, say: Say) -> None:
    choice = view.choices[0]
    say(f"{pins_words(choice)}: {choice.verdict}", "bold")
    say()
    for line in requirement_lines(choice):
        say(f"  {line}")
    say()
    for line in _detail(view, choice):
        say(line)


def requirement_lines(choice: ChoiceView) -> list[str]:
    """The pins of the axes' packages, and what is needed besides, each with its reason."""
    lines = [f"{axis}=={version}" for axis, version in choice.pins.items()]
    return [*lines, *(f"{each.pin}  # {each.line}: {each.because}" for each in choice.extra)]


def _detail(view: PickView, choice: ChoiceView) -> Iterator[str]:
    witness = choice.witness
    others = len(choice.lock) - len(choice.pins)
    yield f"and {count_of(others, 'distribution')} that these bring along; --write has them all"
    yield f"seen to work on {witness.day}, the index {witness.index}, in run {witness.run}: {witness.cell}"
    yield f"  checked: {', '.join(witness.checks)}; under {settings_words(view.settings, view.database)}"
    if witness.unlike:
        yield f"  but for {', '.join(witness.unlike)}"
    if witness.also:
        yield f"  and in {count_of(len(witness.also), 'more cell')} with the same versions"
    yield f"  again: {witness.reproduce}"
    if choice.caveats:
        yield f"{count_of(len(choice.caveats), 'caveat')}:"
        yield from (f"  {each}" for each in choice.caveats)
    if choice.time is not None:
        yield from _time_lines(choice.time)
    for seen in choice.resilience:
        yield from resilience_lines(seen)
    if choice.held_back:
        yield "not the newest that you asked for:"
        for each in choice.held_back:
            shown = f" ({each.cell})" if each.cell else ""
            yield f"  {axis_name(each.axis)} {each.newer}: {each.because}{shown}"


def _time_lines(time: TimeStand) -> Iterator[str]:
    with_ = f" with {', '.join(time.beside)}" if time.beside else ""
    told = f"{len(time.held)} promises kept, {len(time.broken)} not"
    unseen = f", {len(time.unseen)} not seen" if time.unseen else ""
    yield f"time, lived through on {time.day}{with_} ({time.cell}): {told}{unseen}"
    for each in time.broken:
        yield f"  not so: {each.sentence}"
        yield f"    {each.seen}"
    if time.milder:
        yield f"  better: {time.milder}"


def _others(choices: Sequence[ChoiceView]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("next best")
    table.add_column("what it trades")
    for each in choices:
        table.add_row(Text(pins_words(each)), Text("\n".join(each.trades)))
    return table


def _tell_none(view: PickView, say: Say) -> None:
    required = f" and keeps {', '.join(view.required)}" if view.required else ""
    say(f"nothing that is known to work meets {' '.join(view.asked) or 'this'}{required}", "bold")
    for each in view.obstacles:
        shown = f"  ({each.cell})" if each.cell else ""
        say(f"  {each.words}{shown}")


def _relaxed(relaxed: Iterable[Relaxed]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("instead")
    table.add_column("works")
    table.add_column("seen in")
    for each in relaxed:
        table.add_row(Text(each.instead), Text(pins_words(each.choice)), Text(each.choice.witness.cell))
    return table


def _tell_path(path: PathView, say: Say) -> None:
    have = ", ".join(f"{axis_name(axis)} {version}" for axis, version in path.origin.items())
    say(f"{count_of(len(path.steps), 'step')} from {have}", "bold")
    for line in path.unknown:
        say(f"  {line}")
    for number, step in enumerate(path.steps, 1):
        changes = ", ".join(
            f"{axis_name(axis)} {before or 'none'} -> {after}"
            for axis, (before, after) in step.changes.items()
        )
        say()
        say(f"{number}. {changes or 'nothing changes'}", "bold")
        say(f"   {pins_words(step.choice)}: {step.choice.verdict}")
        for each in step.choice.extra:
            say(f"   with {each.pin}: {each.because}")
        say(f"   seen to work on {step.choice.witness.day}: {step.choice.witness.cell}")
        if step.choice.witness.unlike:
            say(f"   but for {', '.join(step.choice.witness.unlike)}")
        for words in step.begins:
            say(f"   + {words}")
        for words in step.ceases:
            say(f"   - {words}")
