"""The screen experiment: schedules walked through a year in many zones, and the live spans rehearsed.

The agent does both, in its own time. What is walked is said in `harness.contract.year`, what is rehearsed in
`harness.contract.lenses`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from harness.checks.live import LiveCell
from harness.contract.lenses import rehearsed
from harness.contract.year import ZONES, question

CONTROL = "given-time"  # in the agent's own folder


def walk_a_year(cell: LiveCell) -> Mapping[str, Any]:
    """What `is_due` says of each kind of schedule, in each zone."""
    zones = {zone: cell.ask("screen", control=CONTROL, **question(zone)) for zone in ZONES}
    return {
        "asked": sum(seen.pop("asked") for seen in zones.values()),
        "zones": {
            zone: {
                "changes": [_iso(change) for change in seen["changes"]],
                "refused": {kind: why for kind, why in seen["refused"].items() if why},
                "walks": {kind: [_walk(walk) for walk in walks] for kind, walks in seen["walks"].items()},
            }
            for zone, seen in zones.items()
        },
    }


def rehearse(cell: LiveCell) -> Mapping[str, Any]:
    """What Celery's scheduler sends of what the live lens enters, when asked as often as that one looks."""
    zone = str(cell.settings["TIME_ZONE"])
    own_zones = cell.settings["DJANGO_CELERY_BEAT_TZ_AWARE"] is True
    seen = {}
    for agenda, entries in rehearsed(zone, own_zones=own_zones):
        answer = cell.ask(
            "rehearse",
            control=CONTROL,
            entered=int(agenda.began),
            entries=[asdict(entry) for entry in entries],
            looks=[int(look) for look in agenda.looks],
        )
        seen[agenda.name] = {
            "sends": {entry: _runs(sends) for entry, sends in answer["sends"].items()},
            "storms": answer["storms"],
            "ended": answer["ended"],
        }
    return seen


def _walk(walk: Mapping[str, Any]) -> Mapping[str, Any]:
    """A walk as it is recorded: what there is to say, and nothing else."""
    said = {
        "fires": _runs(walk["fires"]),
        "storms": _runs(walk["storms"]),
        "late": [(seconds, _runs(runs)) for seconds, runs in walk["late"]],
        "ended": walk["ended"],
    }
    return {"until": _iso(walk["until"]), **{name: value for name, value in said.items() if value}}


def _runs(runs: Sequence[Sequence[int]]) -> list[tuple[str, int, int]]:
    return [(_iso(first), period, count) for first, period, count in runs]


def _iso(instant: int) -> str:
    """An instant as it is recorded, in minutes where that says all."""
    detail = "seconds" if instant % 60 else "minutes"
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec=detail).replace("+00:00", "Z")
