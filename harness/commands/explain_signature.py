"""A signature for `nox -s explain`: the results that have it."""

from harness.answers.asked import alike, read_as
from harness.commands.kept import background
from harness.commands.places import Places
from harness.errors import UsageError
from harness.matrix.config import Matrix
from harness.matrix.select import nearest
from harness.records.glances import glances, read_result
from harness.report.explain_cell import signatures_of
from harness.report.explain_signature import (
    Recorded,
    SignatureAnswer,
    explain_signature,
    has_signature,
    trace_of,
)


def find_signature_answer(word: str, matrix: Matrix, places: Places) -> SignatureAnswer:
    """Everything known about the signature that a word is, or is a misspelling of.

    Raises:
        UsageError: no record shows it.
    """
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
        background=background(matrix, places),
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
