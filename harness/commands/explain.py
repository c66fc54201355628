"""`nox -s explain`: everything known about a cell, a signature, or versions of packages, in one page."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console

from harness.answers.asked import CellAsked, SignatureAsked, VersionsAsked, read_words
from harness.commands.explain_cell import cell_to_run, find_cell_answer
from harness.commands.explain_signature import find_signature_answer
from harness.commands.explain_versions import find_versions_answer
from harness.commands.places import Places
from harness.errors import ExitCode, UsageError
from harness.matrix.config import Matrix, load_matrix
from harness.model import ClockKind
from harness.report import (
    explain_data,
    terminal_explain_cell,
    terminal_explain_signature,
    terminal_explain_versions,
)
from harness.report.explain_cell import CellAnswer
from harness.report.explain_data import Answer
from harness.report.explain_signature import SignatureAnswer
from harness.report.explain_versions import VersionsAnswer
from harness.report.page import Line, render_page
from harness.report.words import count_of


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
        # An answer that runs nothing need not wait for all that runs cells.
        from harness.commands.rerun import find_cell, rerun, stand  # noqa: PLC0415

        cell = read_words(words, matrix.stacks)
        if not isinstance(cell, CellAsked):
            raise UsageError("--rerun is for a cell", hint="without it the answer names cells that show it")
        asked = find_cell(*cell_to_run(cell, matrix, places), matrix, places, options.clock)
        words = (asked.cell.id,)
        if options.keep:
            return stand(asked, matrix, places, console)
        # What is for programs is alone on its stream.
        rerun(asked, matrix, places, Console(stderr=True, highlight=False) if options.json else console)
    answer = find_answer(words, matrix, places)
    if options.json:
        console.out(explain_data.render(answer), end="")
        return ExitCode.OK
    console.out(
        render_page(_lines(answer), width=console.width, colour=console.is_terminal),
        end="",
    )
    return ExitCode.OK


def _lines(answer: Answer) -> Iterator[Line]:
    match answer:
        case CellAnswer():
            yield from terminal_explain_cell.lines(answer)
        case SignatureAnswer():
            yield from terminal_explain_signature.lines(answer)
        case VersionsAnswer():
            yield from terminal_explain_versions.lines(answer)
    if answer.behind:
        came = count_of(answer.behind, "result")
        told = "how pairs stand and what is to blame"
        yield f"{came} came after it was worked out {told}: nox -s report does so anew"


def find_answer(words: tuple[str, ...], matrix: Matrix, places: Places) -> Answer:
    """The answer to a question, from the records."""
    asked = read_words(words, matrix.stacks)
    match asked:
        case CellAsked():
            return find_cell_answer(asked.word, matrix, places)
        case SignatureAsked():
            return find_signature_answer(asked.word, matrix, places)
        case VersionsAsked():
            return find_versions_answer(words, asked, matrix, places)
