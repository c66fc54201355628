"""A signature for `nox -s explain`: the results that have it."""

from harness.answers.asked import alike, read_as
from harness.commands.kept import background
from harness.commands.places import Places
from harness.errors import UsageError
from harness.matrix.config import Matrix
from harness.matrix.select import nearest
from harness.records.sheets import Entry, newest_entries
from harness.records.shelf import Shelf, open_shelf
from harness.report.explain_signature import SignatureAnswer, explain_signature


def find_signature_answer(word: str, matrix: Matrix, places: Places) -> SignatureAnswer:
    """Everything known about the signature that a word is, or is a misspelling of.

    Raises:
        UsageError: no record shows it.
    """
    shelf = open_shelf(places.records, places.cache)
    signature = word
    showing = _showing(signature, shelf)
    if not showing:
        signature = _signature_meant(word, shelf)
        showing = _showing(signature, shelf)
    return explain_signature(
        word,
        signature,
        showing,
        newest=newest_entries(shelf.entries()),
        read=shelf.read,
        background=background(matrix, places),
    )


def _showing(signature: str, shelf: Shelf) -> list[Entry]:
    """The entries that have a signature, the oldest run first."""
    having = {sheet.file: sheet.signatures.rows(signature) for sheet in shelf.sheets}
    return [each for each in shelf.entries() if each.row in having[each.sheet.file]]


def _signature_meant(word: str, shelf: Shelf) -> str:
    """The recorded signature that a word is a misspelling of.

    Raises:
        UsageError: there is none.
    """
    known = {each for sheet in shelf.sheets for each in sheet.signatures.words}
    found = read_as(word, known)
    if found is None:
        raise UsageError(
            f"no cell of the records has shown {word!r}{nearest(word, alike(word, known))}",
            hint="a signature is stage:reason:detail; docs/reference/words.md has the stages and the reasons",
        )
    return found
