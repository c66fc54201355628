"""Screens as a faultless `is_due` would leave them, and ways to spoil them."""

from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from typing import Any

from harness.contract.wall import HOUR, MINUTE, from_iso, to_iso
from harness.contract.year import HOURLY, KINDS, MINUTELY, ZONES, Kind, changes_of, due_days, question

Observation = dict[str, Any]
Runs = list[tuple[str, float, int]]


def faultless() -> Observation:
    """Every zone as it should be."""
    return deepcopy(_faultless())


def runs(instants: Iterable[float]) -> Runs:
    """Instants as the record has them, each for itself."""
    return [(to_iso(instant), 0, 1) for instant in instants]


def walk(screen: Observation, zone: str, kind: Kind, number: int = 0) -> Observation:
    """One walk, to be spoiled."""
    found: Observation = screen["zones"][zone]["walks"][kind.name][number]
    return found


def fires(walk: Observation) -> list[float]:
    """When it fired."""
    return [from_iso(first) for first, _, _ in walk["fires"]]


def shift(screen: Observation, zone: str, kind: Kind, seconds: float, *, on: float | None = None) -> None:
    """Move the sends of a kind, or the one at an instant."""
    spoiled = walk(screen, zone, kind)
    spoiled["fires"] = runs(fire + (seconds if on in (None, fire) else 0) for fire in fires(spoiled))


@cache
def _faultless() -> Observation:
    zones = {}
    for zone in ZONES:
        asked = {entry["name"]: entry["walks"] for entry in question(zone)["entries"]}
        zones[zone] = {
            "changes": [to_iso(change) for change in changes_of(zone)],
            "refused": {},
            "walks": {
                kind.name: [_walk(kind, zone, each) for each in asked[kind.name]]
                for kind in KINDS
                if kind.name in asked
            },
        }
    return {"asked": 0, "zones": zones}


def _walk(kind: Kind, zone: str, asked: dict[str, float]) -> Observation:
    began, over = asked["began"], asked["over"]
    if kind in (HOURLY, MINUTELY):
        period = HOUR if kind is HOURLY else MINUTE
        sends = [began + number * period for number in range(1, int((over - began) // period) + 1)]
    else:
        sends = [instant for due in due_days(kind, zone) for instant in due.instants[:1]]
    return {"fires": runs(sends), "until": to_iso(over + MINUTE)}
