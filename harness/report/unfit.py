"""Failures that versions are to blame for which never work together, whatever else is chosen. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.diagnosis.known import signature_of
from harness.matrix.field import Pin, Pins
from harness.model import CellResult
from harness.pairs.knowledge import Knowledge


@dataclass(frozen=True, kw_only=True)
class Unfit:
    """Values that fail together as installed today with the best partners known: `shown_by` these cells.

    `cells` fail in the same way and have all of them. `instead` are the nearest that work: one value is
    another one, the older first.
    """

    pins: Pins
    signature: str
    shown_by: tuple[str, ...]
    cells: tuple[str, ...]
    instead: tuple[Pins, ...]


def unfit(failures: Iterable[CellResult], today: Knowledge) -> tuple[Unfit, ...]:
    """What explains such of the failures as have a cause in them; those with the same signature together."""
    by_cause: dict[Pins, list[str]] = {}
    for failing in failures:
        pins, signature = set(failing.pins.items()), signature_of(failing)
        fitting = (
            cause.pins
            for cause in today.causes.values()
            if cause.signature == signature and pins.issuperset(cause.pins)
        )
        found = min(fitting, key=len, default=None)
        if found is not None:
            by_cause.setdefault(found, []).append(failing.cell)
    explained = (
        Unfit(
            pins=pins,
            signature=today.causes[pins].signature,
            shown_by=today.causes[pins].cells,
            cells=tuple(cells),
            instead=tuple(_instead(pins, today)),
        )
        for pins, cells in by_cause.items()
    )
    return tuple(sorted(explained, key=lambda each: (each.signature, each.pins)))


def _instead(pins: Pins, today: Knowledge) -> Iterator[Pins]:
    for place, (axis, value) in enumerate(pins):
        values = today.field.axes[axis]
        at = values.index(value)
        for others in (values[:at][::-1], values[at + 1 :]):
            changed = (_with(pins, place, (axis, other)) for other in others)
            nearest = next((each for each in changed if _works(each, today)), None)
            if nearest is not None:
                yield nearest


def _with(pins: Pins, place: int, pin: Pin) -> Pins:
    return (*pins[:place], pin, *pins[place + 1 :])


def _works(pins: Sequence[Pin], today: Knowledge) -> bool:
    """Whether a pair was seen to work, or a value to work with something."""
    if len(pins) == 1:
        return pins[0] not in today.seen.unproven
    return tuple(pins) in today.witnesses
