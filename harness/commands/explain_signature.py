"""A signature for `nox -s explain`: the results that have it."""

from harness.answers.asked import alike, read_as
from harness.commands.kept import background
from harness.commands.places import Places
from harness.errors import UsageError
from harness.matrix.config import Matrix
from harness.matrix.select import nearest
from harness.records.sheets import newest_entries
from harness.records.shelf import open_shelf
from harness.report.explain_signature import Recorded, SignatureAnswer, explain_signature


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
    shelf = open_shelf(places.records, places.cache)
    entries = list(shelf.entries())
    having = {sheet.file: sheet.signatures.rows(signature) for sheet in shelf.sheets}
    showing = shelf.read_all(each for each in entries if each.row in having[each.sheet.file])
    newest = {cell: entry.sheet.run for cell, entry in newest_entries(entries).items()}
    return [(shelf.header(entry), result) for entry, result in showing], newest


def _signature_meant(word: str, places: Places) -> str:
    """The recorded signature that a word is a misspelling of.

    Raises:
        UsageError: there is none.
    """
    sheets = open_shelf(places.records, places.cache).sheets
    known = {each for sheet in sheets for each in sheet.signatures.words}
    found = read_as(word, known)
    if found is None:
        raise UsageError(
            f"no cell of the records has shown {word!r}{nearest(word, alike(word, known))}",
            hint="a signature is stage:reason:detail; docs/reference/words.md has the stages and the reasons",
        )
    return found
