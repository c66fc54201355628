"""`nox -s explain`: everything known about a cell, a signature, or versions of packages, in one page."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console

from harness.answers import cell_page, signature_page, versions_page
from harness.answers.asked import (
    CellAsked,
    SignatureAsked,
    VersionsAsked,
    alike,
    package_named,
    read_as,
    read_words,
)
from harness.answers.background import Background
from harness.answers.cell import (
    CellAnswer,
    CellRecords,
    explain_cell,
    is_comparable,
    nearness,
    passes,
    signatures_of,
)
from harness.answers.demands import Demand, Meeting, read_demand
from harness.answers.page import Line, render_page
from harness.answers.signature import (
    Recorded,
    SignatureAnswer,
    explain_signature,
    has_signature,
    trace_of,
)
from harness.answers.versions import (
    Evidence,
    Question,
    VersionsAnswer,
    explain_versions,
    pairs_of,
    series_of,
)
from harness.commands.field import load_field
from harness.commands.places import Places
from harness.commands.rerun import find_cell, rerun, stand
from harness.errors import ExitCode, UsageError
from harness.matrix.again import cell_again
from harness.matrix.config import Matrix, load_matrix
from harness.matrix.field import Field
from harness.matrix.releases import Releases, load_releases
from harness.matrix.select import Selector, nearest
from harness.model import CellResult, ClockKind, RunHeader
from harness.pairs.trials import trials_of
from harness.pairs.verdicts import know
from harness.records.glances import Glimpse, glances, look_up, newest_glimpses, read_result
from harness.records.store import newest_results, read_runs
from harness.report.culprits import make_culprit_view
from harness.report.words import reproduce_command

_PINS = msgspec.json.Decoder(dict[str, str])
Answer = CellAnswer | SignatureAnswer | VersionsAnswer


@dataclass(frozen=True, kw_only=True)
class ExplainOptions:
    """What `nox -s explain` was asked: `words` are a cell, a signature, or requirements.

    `rerun` runs the cell first; with `keep` it is left standing instead of being recorded.
    """

    words: tuple[str, ...]
    json: bool = False
    rerun: bool = False
    keep: bool = False
    clock: ClockKind | None = None


def run_explain(options: ExplainOptions, places: Places, console: Console) -> ExitCode:
    """Show all that is known.

    Raises:
        UsageError: nothing is known of what was asked for.
    """
    matrix = load_matrix(places.matrix)
    if options.keep and not options.rerun:
        raise UsageError("--keep is for a cell that is run", hint="say --rerun --keep")
    words = options.words
    if options.rerun:
        asked = find_cell(*_cell_to_run(words, matrix, places), matrix, places, options.clock)
        words = (asked.cell.id,)
        if options.keep:
            return stand(asked, matrix, places, console)
        rerun(asked, matrix, places, console)
    answer = find_answer(words, matrix, places)
    if options.json:
        console.out(render_json(answer), end="")
        return ExitCode.OK
    console.out(
        render_page(_lines(answer), width=console.width, colour=console.is_terminal),
        end="",
    )
    return ExitCode.OK


def _lines(answer: Answer) -> Iterator[Line]:
    match answer:
        case CellAnswer():
            return cell_page.lines(answer)
        case SignatureAnswer():
            return signature_page.lines(answer)
        case VersionsAnswer():
            return versions_page.lines(answer)


def render_json(answer: Answer) -> str:
    """The answer for programs, as docs/reference/explain.schema.json has it."""
    return json.dumps({"schema": 1, **asdict(answer)}, indent=1, ensure_ascii=False, default=str) + "\n"


def find_answer(words: tuple[str, ...], matrix: Matrix, places: Places) -> Answer:
    """The answer to a question, from the records."""
    asked = read_words(words, matrix.stacks)
    match asked:
        case CellAsked():
            return _explain_cell(asked.word, matrix, places)
        case SignatureAsked():
            return _explain_signature(asked.word, matrix, places)
        case VersionsAsked():
            return _explain_versions(words, asked, matrix, places)


def _explain_cell(word: str, matrix: Matrix, places: Places) -> CellAnswer:
    plans: dict[Path, str] = {}
    seen: list[Glimpse] = []
    own: list[tuple[RunHeader, bytes]] = []
    for header, glimpse, line in glances(places.records):
        plans[glimpse.path] = header.plan
        seen.append(glimpse)
        if glimpse.cell == word:
            own.append((header, line))
    newest = newest_glimpses(seen)
    if not own:
        name = _cell_meant(word, newest, matrix)
        own = [(header, line) for header, glimpse, line in glances(places.records) if glimpse.cell == name]
    read = ((header, read_result(line)) for header, line in own)
    results = sorted(
        ((header, result) for header, result in read if result is not None),
        key=lambda recorded: recorded[1].started,
    )
    if not results:
        raise UsageError(f"every record of {word!r} is torn", hint=_run_it(word, matrix))
    _, result = results[-1]
    near = None if passes(result) else _nearest(result, newest)
    logs = places.work / result.run
    return explain_cell(
        word,
        cell_again(result, matrix),
        CellRecords(results=results, near=(plans[near[0]], near[1]) if near else None),
        _background(matrix, places),
        logs=os.path.relpath(logs) if (logs / result.cell).is_dir() else "",
    )


def _nearest(result: CellResult, newest: Mapping[str, Glimpse]) -> tuple[Path, CellResult] | None:
    """The nearest cell under the same settings that passes, and the file that has it."""
    own = newest[result.cell]
    by_difference: dict[int, list[tuple[dict[str, str], Glimpse]]] = {}
    for glimpse in newest.values():
        if glimpse.circumstances == own.circumstances and glimpse.cell != own.cell:
            pins = _PINS.decode(glimpse.pins)
            if pins.keys() == result.pins.keys():
                differ = sum(pins[axis] != value for axis, value in result.pins.items())
                by_difference.setdefault(differ, []).append((pins, glimpse))
    # Of thousands, one of the first few passes nearly always: only those are looked up.
    for differ in sorted(by_difference):
        for _, glimpse in sorted(
            by_difference[differ], key=lambda each: nearness(result, each[1].cell, each[0])
        ):
            other = look_up(glimpse)
            if other is not None and is_comparable(result, other):
                return glimpse.path, other
    return None


def _cell_meant(word: str, newest: Mapping[str, Glimpse], matrix: Matrix) -> str:
    """The recorded cell that a word is a misspelling of.

    Raises:
        UsageError: it is a cell that nobody has run, or none at all.
    """
    if _could_be_run(word, matrix):
        near = alike(word, newest)
        like = f"; near it are {', '.join(near)}" if near else ""
        raise UsageError(f"{word!r} has not been run{like}", hint=_run_it(word, matrix))
    found = read_as(word, newest)
    if found is None:
        raise UsageError(
            f"no cell of the records is called {word!r}{nearest(word, alike(word, newest))}",
            hint="a cell is a stack under a profile, as in the first column of reports/README.md",
        )
    return found


def _cell_to_run(words: tuple[str, ...], matrix: Matrix, places: Places) -> tuple[str, str]:
    """The cell that is meant, which need not have been run, and the plan that has it.

    Raises:
        UsageError: it is no cell.
    """
    asked = read_words(words, matrix.stacks)
    if not isinstance(asked, CellAsked):
        raise UsageError("--rerun is for a cell", hint="without it the answer names cells that show it")
    plans: dict[Path, str] = {}
    seen: list[Glimpse] = []
    for header, glimpse, _ in glances(places.records):
        plans[glimpse.path] = header.plan
        seen.append(glimpse)
    newest = newest_glimpses(seen)
    if asked.word not in newest and _could_be_run(asked.word, matrix):
        return asked.word, _plan_for(asked.word, matrix)
    name = asked.word if asked.word in newest else _cell_meant(asked.word, newest, matrix)
    return name, plans[newest[name].path]


def _could_be_run(cell: str, matrix: Matrix) -> bool:
    """Whether it is a stack of matrix.toml, or a row of the field, under a profile."""
    stack, _, profile = cell.partition("@")
    is_row = stack.count("-") >= len(matrix.axes)
    return (stack in matrix.stacks or is_row) and profile in matrix.profiles


def _plan_for(cell: str, matrix: Matrix) -> str:
    stack, _, _ = cell.partition("@")
    named = (name for name, table in matrix.plans.items() if Selector(table.stacks)(stack))
    return next(named, "field") if stack in matrix.stacks else "field"


def _run_it(cell: str, matrix: Matrix) -> str:
    """How to have a record of a cell."""
    return f"run it: {reproduce_command(cell, _plan_for(cell, matrix))}"


def _explain_signature(word: str, matrix: Matrix, places: Places) -> SignatureAnswer:
    signature = word
    showing, newest = _showing(signature, places)
    if not showing:
        signature = _signature_meant(word, places)
        showing, newest = _showing(signature, places)
    return explain_signature(
        word,
        signature,
        showing,
        newest=newest,
        background=_background(matrix, places),
    )


def _showing(signature: str, places: Places) -> tuple[list[Recorded], dict[str, str]]:
    """The results that have a signature, in outline, and in which run each cell was seen last."""
    trace = trace_of(signature)
    showing: list[Recorded] = []
    last: dict[str, tuple[bytes, str]] = {}
    for header, glimpse, line in glances(places.records):
        known = last.get(glimpse.cell)
        if known is None or known[0] <= glimpse.started:
            last[glimpse.cell] = (glimpse.started, header.run)
        if trace in line:
            result = read_result(line, outline=True)
            if result is not None and has_signature(result, signature):
                showing.append((header, result))
    return showing, {cell: run for cell, (_, run) in last.items()}


def _signature_meant(word: str, places: Places) -> str:
    """The recorded signature that a word is a misspelling of.

    Raises:
        UsageError: there is none.
    """
    results = (read_result(line, outline=True) for _, _, line in glances(places.records))
    known = {each for result in results if result is not None for each in signatures_of(result)}
    found = read_as(word, known)
    if found is None:
        raise UsageError(
            f"no cell of the records has shown {word!r}{nearest(word, alike(word, known))}",
            hint="a signature is stage:reason:detail; docs/reference/words.md has the stages and the reasons",
        )
    return found


def _explain_versions(
    words: tuple[str, ...], asked: VersionsAsked, matrix: Matrix, places: Places
) -> VersionsAnswer:
    releases = load_releases(places.releases)
    field = load_field(matrix, places)
    runs = read_runs(places.records, outline=True)
    plans = {run.header.run: run.header for run in runs}
    newest = newest_results(runs)
    question = _question(words, asked, field, releases, newest.values())
    meeting = Meeting(question.demands, releases)
    of = {cell: (plans[result.run], result) for cell, result in newest.items()}
    knowledge = know(field, trials_of(newest.values(), field))
    return explain_versions(
        question,
        [
            knowledge.verdict(pair)
            for pair in pairs_of(question.series, field, alone=len(question.demands) == 1)
        ],
        Evidence(of=of, meeting=[each for each in of.values() if meeting(each[1])]),
        _background(matrix, places),
        mends=knowledge.mends,
    )


def _question(
    words: tuple[str, ...],
    asked: VersionsAsked,
    field: Field,
    releases: Releases,
    results: Iterable[CellResult],
) -> Question:
    """The demands with the packages that they mean, and the series that meet them.

    Raises:
        UsageError: there is no such package, or none of its versions meets what was asked for.
    """
    locks = {lock for result in results if (lock := result.lock) is not None}
    installed = {each.partition("==")[0] for lock in locks for each in lock.distributions}
    known = (*field.axes, *sorted(installed.difference(field.axes)))
    demands: list[Demand] = []
    notes: list[str] = []
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


def _background(matrix: Matrix, places: Places) -> Background:
    return Background(
        expectations=matrix.expectations,
        today=datetime.now(UTC).date(),
        culprits=make_culprit_view(read_runs(places.records, outline=True)),
    )
