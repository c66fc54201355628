"""A cell for `nox -s explain`: found in the records, with the nearest one that passes."""

import os
from collections.abc import Mapping
from functools import cache

import msgspec

from harness.answers.asked import CellAsked, alike, read_as
from harness.answers.stack import GOOD
from harness.commands.kept import background
from harness.commands.places import Places
from harness.errors import UsageError
from harness.matrix.again import cell_again
from harness.matrix.config import Matrix
from harness.matrix.select import Selector, nearest
from harness.model import CellResult
from harness.records.sheets import Entry, newest_entries
from harness.records.shelf import Shelf, open_shelf
from harness.report.explain_cell import (
    CellAnswer,
    CellRecords,
    explain_cell,
    is_comparable,
    nearness,
    passes,
)
from harness.report.words import reproduce_command

_PINS = msgspec.json.Decoder(dict[str, str])


def find_cell_answer(word: str, matrix: Matrix, places: Places) -> CellAnswer:
    """Everything known about the cell that a word names, or is a misspelling of.

    Raises:
        UsageError: nobody has run it, or there is none.
    """
    shelf = open_shelf(places.records, places.cache)
    seen = list(shelf.entries())
    newest = newest_entries(seen)
    name = word if word in newest else _cell_meant(word, newest, matrix)
    read = [(shelf.header(each), shelf.read_whole(each)) for each in seen if each.cell == name]
    results = sorted(
        ((header, result) for header, result in read if result is not None),
        key=lambda recorded: recorded[1].started,
    )
    if not results:
        raise UsageError(f"every record of {word!r} is torn", hint=_run_it(word, matrix))
    _, result = results[-1]
    near = None if passes(result) else _nearest(result, newest, shelf)
    logs = places.work / result.run
    return explain_cell(
        word,
        cell_again(result, matrix),
        CellRecords(results=results, near=near),
        background(matrix, places),
        logs=os.path.relpath(logs) if (logs / result.cell).is_dir() else "",
    )


def _nearest(result: CellResult, newest: Mapping[str, Entry], shelf: Shelf) -> tuple[str, CellResult] | None:
    """The nearest cell under the same settings that passes, and the plan that has it."""
    own = newest[result.cell]
    pins_of = cache(_PINS.decode)
    by_difference: dict[int, list[tuple[dict[str, str], Entry]]] = {}
    for entry in newest.values():
        alike = entry.circumstances == own.circumstances and entry.extras == own.extras
        if alike and entry.verdict in GOOD and entry.cell != own.cell:
            pins = pins_of(entry.pins)
            if pins.keys() == result.pins.keys():
                differ = sum(pins[axis] != value for axis, value in result.pins.items())
                by_difference.setdefault(differ, []).append((pins, entry))
    # Of thousands, one of the first few is comparable nearly always: only those are read.
    for differ in sorted(by_difference):
        for _, entry in sorted(
            by_difference[differ], key=lambda each: nearness(result, each[1].cell, each[0])
        ):
            other = shelf.read(entry)
            if other is not None and is_comparable(result, other):
                return entry.plan, other
    return None


def cell_to_run(asked: CellAsked, matrix: Matrix, places: Places) -> tuple[str, str]:
    """The cell that is meant, which need not have been run, and the plan that has it.

    Raises:
        UsageError: it is no cell.
    """
    newest = newest_entries(open_shelf(places.records, places.cache).entries())
    if asked.word not in newest and _could_be_run(asked.word, matrix):
        return asked.word, _plan_for(asked.word, matrix)
    name = asked.word if asked.word in newest else _cell_meant(asked.word, newest, matrix)
    return name, newest[name].plan


def _cell_meant(word: str, newest: Mapping[str, Entry], matrix: Matrix) -> str:
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
