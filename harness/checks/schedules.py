"""The schedule experiment: some minutes of a beat's life, entered and changed while it runs.

First two minutes in which nothing is changed; then a change while one entry waits for its first run,
an entry disabled, and a clocked one-off.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness.checks.live import LiveCell, iso, wire
from harness.nodes.journal import Send

TASK = "record_call"
PERIOD = 30.0  # seconds of the short interval
MINUTE = 60.0  # seconds of the article's interval
WAITING_PERIOD = 40.0  # seconds of the interval that waits for its first run while the schedule changes
CHANGE_AFTER = 20.0  # seconds it has waited by then
EARLY = 1.0  # seconds a send may seem early: its base is some instant while it was entered
LATE = 10.0  # seconds a send may be late, on a machine with much to do

_TICKS = {"every-30": 4, "every-60": 2, "crontab": 1}
_PERIODS = {"every-30": PERIOD, "every-60": MINUTE}
_ENTRIES = (*_TICKS, "waiting", "clocked")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is there afterwards: by entry what beat sent, by task id what arrived, the entries themselves."""

    sends: Mapping[str, tuple[Send, ...]]
    arrived: Mapping[str, str | None]
    accepted: Mapping[str, float | None]
    entries: Mapping[str, Mapping[str, Any]]

    def fires(self) -> list[dict[str, Any]]:
        """Every send with what became of it, in the order of the sends."""
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
        return sorted(fires, key=lambda fire: str(fire["sent"]))


@dataclass(frozen=True, kw_only=True)
class ScheduleExperiment:
    """What was done when, and what came of it.

    Instants are seconds since the epoch, in the cell's time; `due` holds one for each entry that has one.
    """

    first_noticed: bool
    clocked_stayed_enabled: bool
    noticed: float
    disabled: float
    ended: float
    due: Mapping[str, float]
    outcome: Outcome

    def instants(self, entry: str) -> list[float]:
        """When beat sent an entry's task."""
        return [send.instant for send in self.outcome.sends[entry]]

    def data(self) -> dict[str, Any]:
        """The observation."""
        return {
            "fires": self.outcome.fires(),
            "due": {entry: iso(instant) for entry, instant in self.due.items()},
            "first_noticed": self.first_noticed,
            "clocked_stayed_enabled": self.clocked_stayed_enabled,
            "noticed": iso(self.noticed),
            "disabled": iso(self.disabled),
            "ended": iso(self.ended),
            "entries": self.outcome.entries,
        }


def run_schedule_experiment(cell: LiveCell) -> ScheduleExperiment:
    """Enter schedules, live through their instants, change what is there, live on."""
    first_noticed = _enter_first(cell)
    crontab_due = math.ceil((cell.clock.now() + 40) / 60) * 60.0
    cell.clock.jump_to(crontab_due - 40)
    noticed = _enter_undisturbed(cell, crontab_due)
    _live_undisturbed(cell, noticed, crontab_due)
    waiting_since = _enter(cell, "create_interval", name="waiting", every=int(WAITING_PERIOD))
    cell.pass_by(waiting_since + CHANGE_AFTER)
    disabled = _enter(cell, "enable", name="every-30", enabled=False)
    waiting_due = waiting_since + WAITING_PERIOD
    cell.pass_by(waiting_due, lambda: _count(cell, "waiting") > 0)
    clocked_due = cell.clock.now() + 10
    _enter(cell, "create_clocked", name="clocked", instant=wire(clocked_due), args=["clocked"])
    cell.pass_by(clocked_due, lambda: _count(cell, "clocked") > 0)
    # What must be silent by now is given time to speak, and a clocked one-off time to disable itself.
    cell.pass_by(cell.clock.now() + PERIOD)
    cell.settle()
    still_enabled = cell.ask("periodic_tasks")["clocked"]["enabled"]
    _enter(cell, "enable", name="every-60", enabled=False)
    return ScheduleExperiment(
        first_noticed=first_noticed,
        clocked_stayed_enabled=still_enabled,
        noticed=noticed,
        disabled=disabled,
        ended=cell.clock.now(),
        due={"crontab": crontab_due, "waiting": waiting_due, "clocked": clocked_due},
        outcome=_look(cell),
    )


def _enter_first(cell: LiveCell) -> bool:
    """Enter what will not be due for a day into an empty schedule; returns whether beat notices."""
    changes = len(cell.journal.read().changes)
    cell.ask("create_interval", name="first", task=TASK, every=1, period="days")
    cell.wait_for_tick(cell.clock.now())
    return len(cell.journal.changes) > changes


def _enter_undisturbed(cell: LiveCell, crontab_due: float) -> float:
    """Enter what lives through two quiet minutes; returns the instant at which beat had noticed it all."""
    cell.ask("create_interval", name="every-30", task=TASK, every=30, args=[1, 9])
    cell.ask("create_interval", name="every-60", task=TASK, every=60, kwargs={"x": 1, "y": 9})
    # Any hour, so that no time zone has a say in when it is due.
    minute = str(datetime.fromtimestamp(crontab_due, UTC).minute)
    return _enter(cell, "create_crontab", name="crontab", minute=minute, args=["crontab"])


def _enter(cell: LiveCell, operation: str, **arguments: object) -> float:
    """Change the schedule; returns the instant at which beat had noticed."""
    changes = len(cell.journal.read().changes)
    if operation != "enable":
        arguments["task"] = TASK
    cell.ask(operation, **arguments)
    changed = cell.clock.now()
    cell.wait_for_change(changes)
    # Beat may have noticed an earlier change than the last: its next look counts.
    cell.wait_for_tick(changed)
    return cell.journal.changes[-1]


def _live_undisturbed(cell: LiveCell, noticed: float, crontab_due: float) -> None:
    """Pass by every instant at which something is due, for as many ticks as each entry is to have."""
    agenda = {"every-30": noticed + PERIOD, "every-60": noticed + MINUTE, "crontab": crontab_due}
    left = dict(_TICKS)
    while agenda:
        entry = min(agenda, key=agenda.__getitem__)
        due = agenda.pop(entry)
        before = _count(cell, entry)
        cell.pass_by(due, lambda entry=entry, before=before: _count(cell, entry) > before)  # type: ignore[misc]
        left[entry] -= 1
        if left[entry]:
            agenda[entry] = _last(cell, entry, due) + _PERIODS[entry]


def _look(cell: LiveCell) -> Outcome:
    journal = cell.journal.read()
    sends = {entry: tuple(journal.sends_of(entry)) for entry in _ENTRIES}
    ids = [send.id for each in sends.values() for send in each]
    rows = cell.ask("result_rows", ids=ids)
    return Outcome(
        sends=sends,
        arrived={id_: rows.get(id_, {}).get("result") for id_ in ids},
        accepted={id_: next(iter(journal.accepted.get(id_, ())), None) for id_ in ids},
        entries=cell.ask("periodic_tasks"),
    )


def _count(cell: LiveCell, entry: str) -> int:
    return len(cell.journal.read().sends_of(entry))


def _last(cell: LiveCell, entry: str, due: float) -> float:
    """The last send of an entry, or `due` when that is later: then it was passed by in silence."""
    return max([due - EARLY, *(send.instant for send in cell.journal.sends_of(entry))])
