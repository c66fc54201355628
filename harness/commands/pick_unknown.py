"""What to run for `nox -s pick` where records do not tell: some rows, or a stack under other settings."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import get_args

from packaging.specifiers import SpecifierSet
from rich.console import Console

from harness.answers.facts import Facts
from harness.answers.pick import Picked
from harness.answers.resilience import EMBEDDED
from harness.answers.rows import promising_rows
from harness.answers.stack import PYTHON, KnownStack, Versions
from harness.commands.live import pythons_here
from harness.commands.pick_asked import Asked
from harness.contract.promises_servers import OF_SERVERS
from harness.matrix.field import Field, Pins, in_order
from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.matrix.question import is_series
from harness.model import Cell, DatabaseKind, Profile, Resolution, Stack
from harness.pairs.cells import cell_of
from harness.pairs.trials import trials_of
from harness.pairs.verdicts import know
from harness.records.store import newest_results, read_runs
from harness.report.words import count_of

# The plan that the records of such runs are of; matrix.toml has none called so.
PLAN = "pick"
FEW = 3  # cells, that are run without being asked for
_PATCHES = (0, 1, 999)  # of a series: what leaves none of these out leaves out nothing
_DATABASES: Mapping[str, DatabaseKind] = {kind: kind for kind in get_args(DatabaseKind)}


def cells_to_run(asked: Asked, facts: Facts, picked: Picked, screen: Console, *, forced: bool) -> list[Cell]:
    """Nothing where the records tell; where they do not, the rows that promise most.

    `forced`: what was not seen under the user's settings is run under them.
    """
    if picked.choices:
        first = picked.choices[0]
        return [same_versions(first.stack, asked)] if forced and first.unlike else []
    field = asked.field
    rows = list(islice(_rows(field, asked, facts), FEW))
    # What mends a row today is not what it needs as of another day.
    mends = lines_for(field, asked) if rows and asked.wish.as_of is None else _no_lines
    cells = [_row_cell(row, asked, mends(dict(row))) for row in rows]
    if cells:
        told = f"nothing that is known to work meets this; running {count_of(len(cells), 'cell')} to know"
        screen.print(f"{told} (not with --no-verify)", markup=False, highlight=False, soft_wrap=True)
    return cells


def cells_to_break(asked: Asked, facts: Facts, picked: Picked) -> list[Cell]:
    """The best stack that works and of which nobody has seen what is required, to see it; nothing if none.

    Redis and processes are broken under SQLite, whatever database is the user's.
    """
    for lack in picked.lacking:
        stack = facts.known(lack.cell)
        if lack.endured is None and stack is not None:
            of_server = lack.promise in OF_SERVERS
            cell = same_versions(stack, asked)
            database = cell.profile.database if of_server else EMBEDDED
            profile = replace(cell.profile, name=f"{cell.profile.name}-{database}", database=database)
            return [cell if database == cell.profile.database else replace(cell, profile=profile)]
    return []


def _no_lines(_: Versions) -> tuple[str, ...]:
    return ()


def lines_for(field: Field, asked: Asked) -> Callable[[Versions], tuple[str, ...]]:
    """What gives the lines that mend what a row, its series by axis, is likely to run into.

    By all that is known of the field.
    """
    results = newest_results(read_runs(asked.places.records, outline=True)).values()
    known = know(field, trials_of(results, field))
    return lambda row: known.lines_for(in_order(row, field.axes))


def _rows(field: Field, asked: Asked, facts: Facts) -> Iterator[Pins]:
    """Rows that may meet the wish, on Pythons that are here."""
    here = pythons_here(asked.places)
    axes = {
        axis: tuple(each for each in values if _was_out(field, axis, each, asked.wish.as_of))
        for axis, values in field.axes.items()
    }
    axes[PYTHON] = tuple(each for each in field.axes[PYTHON] if each in here)
    return promising_rows(replace(field, axes=axes), asked.wish.demands, facts)


def _was_out(field: Field, axis: str, series: str, day: date | None) -> bool:
    first = field.released.get((axis, series))
    return day is None or (first is not None and first <= day.toordinal())


def _row_cell(row: Pins, asked: Asked, mends: Iterable[str]) -> Cell:
    """A row, with lines that mend and the demands that its series do not say, under the user's settings."""
    wish = asked.wish
    lines = [
        *mends,
        *(
            f"{axis}{wish.demands[axis]}"
            for axis, series in row
            if axis in wish.demands and axis != PYTHON and _narrows(wish.demands[axis], series)
        ),
    ]
    cell = cell_of(row, _profile(asked), Resolution.TODAY, "asked for, and not known", lines)
    if wish.as_of is None:
        return cell
    name = f"as-of-{wish.as_of}{cell.stack.name.removeprefix(Resolution.TODAY)}"
    return replace(cell, stack=replace(cell.stack, name=name, resolution=Resolution.ERA, as_of=wish.as_of))


def _narrows(specifiers: SpecifierSet, series: str) -> bool:
    return not all(specifiers.contains(f"{series}.{patch}") for patch in _PATCHES)


def exact_cell(versions: Versions, asked: Asked, mends: Iterable[str]) -> Cell:
    """Exact versions of all axes, and Python's series, with lines that mend, under the user's settings.

    What nobody has chosen is installed at any version.
    """
    pins = {
        axis: value if axis == PYTHON else UNPINNED if value in ("", UNASKED, UNPINNED) else _release(value)
        for axis, value in versions.items()
    }
    lines = tuple(mends)
    told = (f"{axis}={value}" for axis, value in pins.items())
    return Cell(
        stack=Stack(
            name=f"picked-{_digest(*told, *lines)}",
            reason="on the way of an upgrade, and not known",
            pins=pins,
            requirements=lines,
        ),
        profile=_profile(asked),
    )


def same_versions(stack: KnownStack, asked: Asked) -> Cell:
    """A stack exactly as it was installed, under the user's settings."""
    lock = dict(each.split("==", 1) for each in stack.distributions)
    pins = {axis: _release(lock[axis]) if axis in lock else UNASKED for axis in stack.versions}
    return Cell(
        stack=Stack(
            name=f"picked-{_digest(stack.python, *stack.distributions)}",
            reason=f"{stack.cell} as it was installed",
            pins={**pins, PYTHON: stack.python},
            requirements=tuple(f"{name}=={version}" for name, version in lock.items() if name not in pins),
        ),
        profile=_profile(asked),
    )


def _release(version: str) -> str:
    """A version as an axis has a release: two numbers alone would be a series."""
    return f"{version}.0" if is_series(version) else version


def _profile(asked: Asked) -> Profile:
    """matrix.toml's profile with the user's settings, or one that is called after them."""
    wanted = asked.wish.circumstances
    for profile in asked.matrix.profiles.values():
        if profile.settings == wanted.settings and profile.database == wanted.database:
            return profile
    return Profile(
        name=f"settings-{_digest(*map(str, wanted.settings.items()), wanted.database)}",
        reason="a user's settings",
        settings=wanted.settings,
        database=_DATABASES[wanted.database],
    )


def _digest(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:8]
