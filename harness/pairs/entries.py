"""Trials from the records' sheets: what `trials_of` says of results, without their lines being read. Pure.

A hundred thousand lines take seconds to read, their sheets a fraction of one.
"""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from harness.matrix.field import Field, Pin
from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.matrix.question import make_requirement
from harness.model import Resolution
from harness.pairs.trials import MEANING, OUTCOMES, Outcome, Trial, pin_of
from harness.records.sheets import Entry, Sheet

# The pin that a distribution is.
_PinOf = Callable[[str], Pin | None]
AXES = ("python",)  # those of which entries must have the versions


def trials_of_entries(entries: Iterable[Entry], field: Field) -> Iterator[Trial]:
    """The trials of some entries with the versions of `AXES`, in their order.

    Flaky and undetermined ones say nothing, and neither do those that were forced on an installer.
    """
    # Few versions are in many results, and telling which series one is of is slow.
    pin = cache(lambda distribution: pin_of(field, distribution))
    asked = _Questions(field, pin)
    locked = _Locked(pin)
    for entry in entries:
        outcome = OUTCOMES.get(entry.verdict)
        if outcome is None or entry.resolution is Resolution.OVERRIDE or not entry.checks >= MEANING:
            continue
        wanted = asked.of(entry.pins, entry.extras)
        # A release that fails says nothing of the newest one of its series.
        if not (outcome.good or wanted.by_series):
            continue
        requirements = tuple([each for each in entry.requirements if each not in wanted.pinned])
        if entry.lock:
            found = dict(locked.pins(entry), python=pin(f"python=={entry.versions[0]}"))
        else:
            found = wanted.pins()
        yield Trial(
            cell=entry.cell,
            pins=tuple([each for axis in field.axes if (each := found.get(axis)) is not None]),
            outcome=outcome,
            as_installed=wanted.by_series and entry.resolution is Resolution.TODAY and not requirements,
            signature="" if outcome is Outcome.PASSED else entry.signatures[0],
            requirements=requirements,
        )


class _Questions:
    """What results were asked for, by the words that many of them share."""

    def __init__(self, field: Field, pin: _PinOf) -> None:
        self._series = {axis: frozenset(values) for axis, values in field.axes.items()}
        self._pin = pin
        # Rows are nearly all different, what they require is nearly always the same.
        self._required = cache(make_requirement)
        self._known: dict[tuple[str, str], _Asked] = {}

    def of(self, pins: str, extras: str) -> "_Asked":
        """By the pins and the extras, both JSON."""
        known = self._known.get((pins, extras))
        if known is None:
            known = self._known[pins, extras] = self._read(json.loads(pins), json.loads(extras))
        return known

    def _read(self, asked: Mapping[str, str], extras: Mapping[str, Sequence[str]]) -> "_Asked":
        return _Asked(
            by_series=all(asked.get(axis) in values for axis, values in self._series.items()),
            pinned=frozenset(
                self._required(axis, value, tuple(extras.get(axis, ()))) for axis, value in asked.items()
            ),
            asked=asked,
            pin=self._pin,
        )


class _Asked(NamedTuple):
    """What a result was asked for: whether by series alone, and the requirements that it stands for."""

    by_series: bool
    pinned: frozenset[str]
    asked: Mapping[str, str]
    pin: _PinOf

    def pins(self) -> dict[str, Pin | None]:
        """By axis what was asked for, where nothing was installed."""
        chosen = (item for item in self.asked.items() if item[1] not in (UNPINNED, UNASKED))
        return {axis: self.pin(f"{axis}=={value}") for axis, value in chosen}


class _Locked:
    """What was installed of the field's axes; of each sheet's words it is found out once."""

    def __init__(self, pin: _PinOf) -> None:
        self._pin = pin
        self._pins: dict[str, Sequence[Pin | None]] = {}

    def pins(self, entry: Entry) -> dict[str, Pin]:
        """By axis."""
        known = self._of(entry.sheet)
        places = array("I", entry.sheet.distributions.places[entry.row])
        return {pin[0]: pin for place in places if (pin := known[place]) is not None}

    def _of(self, sheet: Sheet) -> Sequence[Pin | None]:
        if sheet.file not in self._pins:
            self._pins[sheet.file] = list(map(self._pin, sheet.distributions.words))
        return self._pins[sheet.file]
