"""Observations as a faultless beat would leave them, and ways to spoil them."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from harness.contract.agenda import CLEANUP, CLEANUP_AT, SHOWN, Agenda, Planned, plan
from harness.contract.invariants import INVARIANTS
from harness.contract.wall import MINUTE, due_instants, from_iso, to_iso

ZONE = "Asia/Shanghai"
LOOK = 0.2  # seconds that a look lasts
EXPIRES = 86400
SENT = from_iso("2025-03-04T02:30:00Z")
BY_ID = {invariant.id: invariant for invariant in INVARIANTS}

Observation = dict[str, Any]


def faultless(zone: str = ZONE) -> dict[str, Observation]:
    """Every span as it should be."""
    return deepcopy(_faultless(zone))


def settings(zone: str = ZONE) -> dict[str, bool | str]:
    """Those of the profile."""
    return {
        "USE_TZ": True,
        "TIME_ZONE": zone,
        "CELERY_ENABLE_UTC": True,
        "CELERY_TIMEZONE": zone,
        "DJANGO_CELERY_BEAT_TZ_AWARE": True,
        "CELERY_RESULT_EXPIRES": str(EXPIRES),
    }


def observe(agenda: Agenda, zone: str) -> Observation:
    """A span in which everything is sent within a look after it is due, and run at once."""
    sends = {entry.name: _sends(agenda, entry) for entry in agenda.entries}
    if agenda.name == "day":
        sends[CLEANUP] = [
            due + LOOK / 2 for due in due_instants(CLEANUP_AT, zone, agenda.began, agenda.looks[-1])
        ]
    return {
        "began": to_iso(agenda.began),
        "settings": settings(zone),
        "database": "sqlite",
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
        "planted": {
            id_: {"done": to_iso(done), "left": id_ != "expired"} for id_, done in agenda.planted.items()
        },
        "pages": pages(zone, sends[SHOWN][0]) if agenda.name == "day" else {},
    }


def pages(zone: str, instant: float) -> dict[str, dict[str, str | None]]:
    """What the admin shows of something that happened at an instant."""
    local = datetime.fromtimestamp(instant, ZoneInfo(zone))
    text = f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
    return {
        "lists": {"task results": "", "periodic tasks": ""},
        "result": {"date_created": None, "date_done": text},
        "entry": {"last_run_at": text},
    }


def observe_messages(messages: Mapping[str, Any], zone: str) -> Observation:
    """The observation of messages that were sent on their own."""
    return {
        "began": to_iso(SENT),
        "settings": settings(zone),
        "database": "sqlite",
        "ended": {"beat": "", "worker": ""},
        "complaints": [],
        "messages": messages,
    }


def message(state: str, *, meant: float | None = None, ran: float | None = None) -> dict[str, Any]:
    """A message as it is recorded."""
    return {
        "meant": None if meant is None else to_iso(meant),
        "ran": None if ran is None else to_iso(ran),
        "held": None,
        "state": state,
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
    period = float(entry.fields["every"])
    for look in agenda.looks:
        if start + period <= look < end and (not ticks or look - ticks[-1] >= period):
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
    agendas = plan(zone, own_zones=True, result_expires=EXPIRES)
    in_time = message("SUCCESS", meant=SENT + 1, ran=SENT + 1.01)
    added = {"before a restart": message("FAILURE"), "after a restart": message("SUCCESS")}
    return {
        "messages": observe_messages(dict.fromkeys(("countdown", "elsewhere", "naive"), in_time), zone),
        "additions": observe_messages(added, zone),
        **{agenda.name: observe(agenda, zone) for agenda in agendas},
    }
