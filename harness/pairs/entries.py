"""Trials from the records' sheets: what `trials_of` says of results, without their lines being read. Pure.

A hundred thousand lines take seconds to read, their sheets a fraction of one.
"""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from harness.matrix.field import Field, Pin
from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.matrix.question import make_requirement
from harness.model import Resolution
from harness.pairs.trials import MEANING, OUTCOMES, Outcome, Trial, pin_of
from harness.records.sheets import Entry, Sheet

AXES = ("python",)  # those of which entries must have the versions


def trials_of_entries(entries: Iterable[Entry], field: Field) -> Iterator[Trial]:
    """The trials of some entries with the versions of `AXES`, in their order.

    Flaky and undetermined ones say nothing, and neither do those that were forced on an installer.
    """
    asked = cache(lambda pins, extras: _Asked(pins, extras, field))
    locked = _Locked(field)
    python = cache(lambda version: pin_of(field, f"python=={version}"))
    for entry in entries:
        outcome = OUTCOMES.get(entry.verdict)
        if outcome is None or entry.resolution is Resolution.OVERRIDE or not entry.checks >= MEANING:
            continue
        wanted = asked(entry.pins, entry.extras)
        # A release that fails says nothing of the newest one of its series.
        if not (outcome.good or wanted.by_series):
            continue
        requirements = tuple([each for each in entry.requirements if each not in wanted.pinned])
        found = dict(locked.pins(entry), python=python(entry.versions[0])) if entry.lock else wanted.pins
        yield Trial(
            cell=entry.cell,
            pins=tuple([pin for axis in field.axes if (pin := found.get(axis)) is not None]),
            outcome=outcome,
            as_installed=wanted.by_series and entry.resolution is Resolution.TODAY and not requirements,
            signature="" if outcome is Outcome.PASSED else entry.signatures[0],
            requirements=requirements,
        )


class _Asked:
    """What results were asked for, by the words that many of them share."""

    def __init__(self, pins: str, extras: str, field: Field) -> None:
        asked, besides = json.loads(pins), json.loads(extras)
        self.by_series = all(asked.get(axis) in values for axis, values in field.axes.items())
        self.pinned = frozenset(
            make_requirement(axis, value, tuple(besides.get(axis, ()))) for axis, value in asked.items()
        )
        chosen = (item for item in asked.items() if item[1] not in (UNPINNED, UNASKED))
        self.pins: dict[str, Pin | None] = {axis: pin_of(field, f"{axis}=={value}") for axis, value in chosen}


class _Locked:
    """What was installed of the field's axes; of each sheet's words it is found out once."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._pins: dict[str, Sequence[Pin | None]] = {}
        self._pin = cache(lambda word: pin_of(field, word))

    def pins(self, entry: Entry) -> dict[str, Pin]:
        """By axis."""
        known = self._of(entry.sheet)
        places = array("I", entry.sheet.distributions.places[entry.row])
        return {pin[0]: pin for place in places if (pin := known[place]) is not None}

    def _of(self, sheet: Sheet) -> Sequence[Pin | None]:
        if sheet.file not in self._pins:
            self._pins[sheet.file] = list(map(self._pin, sheet.distributions.words))
        return self._pins[sheet.file]
