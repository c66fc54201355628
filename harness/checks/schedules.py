"""The schedule experiment: two minutes of a beat's life, entered and changed while it runs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness.checks.live import LiveCell, iso, wire
from harness.nodes.journal import Send

TASK = "record_call"
PERIOD = 30.0  # seconds of the short interval; three ticks and a silence fit into two minutes
MINUTE = 60.0  # seconds of the article's interval
_PERIODS = {"every-30": PERIOD, "every-60": MINUTE}
EARLY = 0.5  # seconds a send may seem early, for what clocks are read at different moments
LATE = 10.0  # seconds a send may be late, on a machine with much to do


@dataclass(frozen=True, kw_only=True)
class ScheduleExperiment:
    """What beat sent for each entry, what arrived, and what the entries look like afterwards."""

    first_noticed: bool
    noticed: float
    disabled: float
    ended: float
    crontab_due: float
    clocked_due: float
    sends: Mapping[str, tuple[Send, ...]]
    arrived: Mapping[str, Mapping[str, Any] | None]
    accepted: Mapping[str, float | None]
    entries: Mapping[str, Mapping[str, Any]]

    def instants(self, entry: str) -> list[float]:
        """When beat sent an entry's task."""
        return [send.instant for send in self.sends[entry]]

    def data(self) -> dict[str, Any]:
        """The observation."""
        fires = [
            {
                "entry": send.entry,
                "task": send.task,
                "sent": iso(send.instant),
                "ran": iso(ran) if (ran := self.accepted.get(send.id)) else None,
                "result": self.arrived.get(send.id),
            }
            for sends in self.sends.values()
            for send in sends
        ]
        return {
            "fires": sorted(fires, key=lambda fire: str(fire["sent"])),
            "due": {"crontab": iso(self.crontab_due), "clocked": iso(self.clocked_due)},
            "first_noticed": self.first_noticed,
            "noticed": iso(self.noticed),
            "disabled": iso(self.disabled),
            "ended": iso(self.ended),
            "entries": self.entries,
        }


def run_schedule_experiment(cell: LiveCell) -> ScheduleExperiment:
    """Enter a first schedule, then four more, live through their instants, disable one, live on."""
    first_noticed = _enter_first(cell)
    crontab_due = math.ceil((cell.clock.now() + 40) / 60) * 60.0
    cell.clock.jump_to(crontab_due - 40)
    clocked_due = crontab_due + 20
    noticed = _enter(cell, crontab_due, clocked_due)
    agenda = {
        "every-30": noticed + PERIOD,
        "every-60": noticed + MINUTE,
        "crontab": crontab_due,
        "clocked": clocked_due,
    }
    disabled = 0.0
    ticks = {"every-30": 3, "every-60": 2}
    while agenda:
        entry = min(agenda, key=agenda.__getitem__)
        due = agenda.pop(entry)
        _pass_by(cell, entry, due)
        ticks[entry] = ticks.get(entry, 1) - 1
        if ticks[entry] > 0:
            agenda[entry] = _last(cell, entry, due) + _PERIODS[entry]
        elif entry == "every-30":
            disabled = _disable(cell, entry)
    # What must be silent by now is given time to speak.
    cell.pass_by(disabled + PERIOD)
    cell.settle()
    journal = cell.journal.read()
    sends = {name: tuple(journal.sends_of(name)) for name in ticks}
    ids = [send.id for each in sends.values() for send in each]
    rows = cell.ask("result_rows", ids=ids)
    return ScheduleExperiment(
        first_noticed=first_noticed,
        noticed=noticed,
        disabled=disabled,
        ended=cell.clock.now(),
        crontab_due=crontab_due,
        clocked_due=clocked_due,
        sends=sends,
        arrived={id_: rows.get(id_, {}).get("result") for id_ in ids},
        accepted={id_: next(iter(journal.accepted.get(id_, ())), None) for id_ in ids},
        entries=cell.ask("periodic_tasks"),
    )


def _enter_first(cell: LiveCell) -> bool:
    """Enter what will not be due for a day into an empty schedule; returns whether beat notices."""
    changes = len(cell.journal.read().changes)
    cell.ask("create_interval", name="first", task=TASK, every=1, period="days")
    cell.wait_for_tick(cell.clock.now())
    return len(cell.journal.changes) > changes


def _enter(cell: LiveCell, crontab_due: float, clocked_due: float) -> float:
    """Enter the schedules; returns the instant at which beat had noticed them all."""
    changes = len(cell.journal.read().changes)
    cell.ask("create_interval", name="every-30", task=TASK, every=30, args=[1, 9])
    cell.ask("create_interval", name="every-60", task=TASK, every=60, kwargs={"x": 1, "y": 9})
    minute = datetime.fromtimestamp(crontab_due, UTC).minute
    cell.ask("create_crontab", name="crontab", task=TASK, minute=str(minute), args=["crontab"])
    cell.ask("create_clocked", name="clocked", task=TASK, instant=wire(clocked_due), args=["clocked"])
    entered = cell.clock.now()
    cell.wait_for_change(changes)
    # Beat may have noticed the first entries before the last was written; its next look counts.
    cell.wait_for_tick(entered)
    return cell.journal.changes[-1]


def _pass_by(cell: LiveCell, entry: str, due: float) -> None:
    before = _count(cell, entry)
    cell.pass_by(due, lambda: _count(cell, entry) > before)


def _disable(cell: LiveCell, entry: str) -> float:
    """Disable an entry as the admin does; returns the instant at which beat noticed."""
    changes = len(cell.journal.read().changes)
    cell.ask("enable", name=entry, enabled=False)
    cell.wait_for_change(changes)
    return cell.journal.changes[-1]


def _count(cell: LiveCell, entry: str) -> int:
    return len(cell.journal.read().sends_of(entry))


def _last(cell: LiveCell, entry: str, due: float) -> float:
    """The last send of an entry, or `due` when that is later: then it was passed by in silence."""
    return max([due - EARLY, *(send.instant for send in cell.journal.sends_of(entry))])
