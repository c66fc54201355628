"""Observations as a faultless beat would leave them, and ways to spoil them."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict
from functools import cache
from typing import Any

from harness.contract.agenda import INTERVAL, Agenda, Planned, plan
from harness.contract.invariants import INVARIANTS
from harness.contract.wall import MINUTE, due_instants, from_iso, to_iso

ZONE = "Asia/Shanghai"
LOOK = 0.2  # seconds that a look lasts
BY_ID = {invariant.id: invariant for invariant in INVARIANTS}

Observation = dict[str, Any]


def faultless(zone: str = ZONE) -> dict[str, Observation]:
    """Every span as it should be."""
    return deepcopy(_faultless(zone))


def observe(agenda: Agenda) -> Observation:
    """A span in which everything is sent within a look after it is due, and run at once."""
    sends = {entry.name: _sends(agenda, entry) for entry in agenda.entries}
    return {
        "began": to_iso(agenda.began),
        "use_tz": True,
        "entries": [{**asdict(entry), "refused": ""} for entry in agenda.entries],
        "looks": [(to_iso(look), to_iso(look + LOOK)) for look in agenda.looks],
        "sends": {
            name: [(to_iso(sent), to_iso(sent + 0.1)) for sent in each]
            for name, each in sends.items()
            if each
        },
        "storms": {},
        "results": {name: _result(name, each[0]) for name, each in sends.items() if each},
        "rows": {
            entry.name: {
                "enabled": entry.name != "one-off",
                "last_run_at": _instant(sends[entry.name][-1]) if sends[entry.name] else None,
            }
            for entry in agenda.entries
        },
        "changes": [
            {"what": change.what, "entry": change.entry, "noticed": "yes"} for change in agenda.changes
        ],
        "ended": {"beat": "", "worker": ""},
        "complaints": [],
    }


def shift(observation: Observation, entry: str, seconds: float, *, only: int | None = None) -> Observation:
    """Move the sends of an entry, or one of them."""
    sends = observation["sends"][entry]
    for number, (sent, run) in enumerate(sends):
        if only is None or number == only:
            sends[number] = (_moved(sent, seconds), _moved(run, seconds))
    return observation


def repeat(observation: Observation, entry: str, times: int = 2) -> None:
    """Have the first send of an entry happen more than once."""
    sends = observation["sends"][entry]
    observation["sends"][entry] = [sends[0]] * times + sends[1:]


def _moved(instant: str, seconds: float) -> str:
    return to_iso(from_iso(instant) + seconds)


def _sends(agenda: Agenda, entry: Planned) -> list[float]:
    if entry.due is not None:
        return [from_iso(instant) + LOOK / 2 for instant in entry.due]
    if entry.kind == "interval":
        return _ticks(agenda, entry)
    if entry.kind == "clocked":
        return [from_iso(entry.fields["instant"]) + LOOK / 2]
    wall = {name: value for name, value in entry.fields.items() if name != "timezone"}
    if wall["minute"] == "*":
        return [look + LOOK / 2 for look in agenda.looks]
    due = due_instants(wall, entry.zone, agenda.began + MINUTE, agenda.looks[-1])
    return [
        min(look for look in agenda.looks if look >= instant) + LOOK / 2
        for instant in due
        if not (entry.name == "at-six" and agenda.name == "restarts")
    ]


def _ticks(agenda: Agenda, entry: Planned) -> list[float]:
    start = from_iso(entry.options["start_time"]) if "start_time" in entry.options else agenda.began
    end = from_iso(entry.options["expires"]) if "expires" in entry.options else agenda.looks[-1] + 1
    ticks: list[float] = []
    for look in agenda.looks:
        if start + INTERVAL <= look < end and (not ticks or look - ticks[-1] >= INTERVAL):
            ticks.append(look + LOOK / 2)
    return ticks[:1] if "one_off" in entry.options else ticks


def _result(name: str, sent: float) -> Mapping[str, Any]:
    return {
        "status": "SUCCESS",
        "date_created": _instant(sent),
        "date_done": _instant(sent + 0.1),
        "periodic_task_name": name,
    }


def _instant(instant: float) -> Mapping[str, Any]:
    return {"instant": to_iso(instant), "aware": True}


@cache
def _faultless(zone: str) -> dict[str, Observation]:
    return {agenda.name: observe(agenda) for agenda in plan(zone, own_zones=True)}
