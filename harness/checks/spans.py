"""The time experiment: a live beat and worker through spans of simulated time, by jumps of the clock.

What is lived through is planned in `harness.contract.agenda`, and judged in `harness.contract`.
"""

import re
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from harness.checks.live import LiveCell, iso, wire
from harness.checks.messages import add_a_task, noting_ends, send_with_instants
from harness.contract.agenda import ADDITIONS, MESSAGES, SHOWN, Agenda, Change, plan
from harness.contract.wall import how_long
from harness.nodes.journal import StormSeen
from harness.proc.logs import read_log
from harness.proc.wait import Deadline, DeadlineExceeded

T = TypeVar("T")

TASK = "record_call"
MOST_COMPLAINTS = 5
# Looked for in each line by itself: over a whole log at once it is the dearest thing that the harness does.
_COMPLAINT = re.compile(r"\[[^\]]*: (?:ERROR|CRITICAL)/")
_WARNING = re.compile(r"\b(?:naive|offset-aware)\b")
_RESULT = ("status", "date_created", "date_done", "periodic_task_name")


def live_through(cell: LiveCell) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every span in turn, as an observation's name and data, until the worker has ended.

    A beat that ended in a span is started again for the next: what it does in a night does not hide its day.
    """
    agendas = plan(
        str(cell.settings["TIME_ZONE"]),
        own_zones=cell.settings["DJANGO_CELERY_BEAT_TZ_AWARE"] is True,
        result_expires=float(cell.settings.get("CELERY_RESULT_EXPIRES", 0)),
    )
    stretches = (_Stretch(cell, agenda) for agenda in agendas)
    lives: list[tuple[str, Callable[[], Mapping[str, Any]]]] = [
        # Before anything that may end beat: this asks nothing of it.
        (MESSAGES, lambda: send_with_instants(cell)),
        (ADDITIONS, lambda: add_a_task(cell)),
        *((each.name, each.live) for each in stretches),
    ]
    for name, live in lives:
        observation = live()
        yield name, observation
        if observation["ended"]["worker"]:
            return


class _Stretch:
    """One span."""

    def __init__(self, cell: LiveCell, agenda: Agenda) -> None:
        self._cell = cell
        self._agenda = agenda
        self._refused: Mapping[str, str] = {}
        self._looks: list[tuple[str, str]] = []
        self._changes: list[dict[str, str]] = []
        self._storms: dict[str, str] = {}
        self._ended: Mapping[str, str] = {}
        self._known = 0

    @property
    def name(self) -> str:
        return self._agenda.name

    def live(self) -> Mapping[str, Any]:
        cell = self._cell
        sizes = self._sizes()
        self._known = len(cell.journal.sends)
        with noting_ends(cell) as self._ended:
            if cell.beat.child.exit_code is not None:
                cell.ask("clear")
                cell.beat.start()
                cell.wait_for_tick(cell.clock.now())
            # With what beat enters when it starts: to that the years until the span would be missed ones.
            cell.ask("clear")
            cell.settle()
            cell.wait_for_tick(cell.clock.now())
            self._known = len(cell.journal.sends)
            sizes = self._sizes()
            cell.clock.jump_to(self._agenda.began)
            self._plant()
            self._enter()
            for step in self._agenda.steps:
                if isinstance(step, Change):
                    self._change(step)
                else:
                    self._look(step)
            self._have_it_saved()
        return self._observation(sizes)

    def _plant(self) -> None:
        if self._agenda.planted:
            done = {id_: wire(instant) for id_, instant in self._agenda.planted.items()}
            self._cell.ask("plant_results", done=done)
            self._cell.ask("enter_defaults")

    def _enter(self) -> None:
        changes = len(self._cell.journal.read().changes)
        self._refused = self._cell.ask(
            "enter", task=TASK, entries=[asdict(entry) for entry in self._agenda.entries]
        )
        entered = self._cell.clock.now()
        if not all(self._refused.values()):
            self._weather(lambda: self._cell.wait_for_change(changes))
        self._weather(lambda: self._cell.wait_for_tick(entered))

    def _look(self, instant: float) -> None:
        """Set the clock to an instant and let beat send all that is due."""
        began, ended = self._weather(lambda: self._cell.look_at(instant))
        self._looks.append((iso(began), iso(ended)))

    def _weather(self, wait: Callable[[], T]) -> T:
        """Wait; an entry that storms meanwhile is known for it, and the span goes on without it."""
        while True:
            try:
                return wait()
            except StormSeen as storm:
                self._storms[storm.entry] = f"fired {storm.sends} times in {how_long(storm.seconds)}"
                self._cell.ask("change", what="disable", name=storm.entry, fields={})
                self._cell.let_beat_sleep()
                self._cell.ask("purge")
                self._cell.journal.forget_open_sends()

    def _change(self, change: Change) -> None:
        noticed = "yes"
        self._cell.clock.jump_to(change.instant)
        match change.what:
            case "stop":
                self._cell.let_beat_sleep()
                self._cell.beat.child.signal(signal.SIGTERM)
                self._cell.beat.child.wait(Deadline(self._cell.shutdown_timeout))
            case "start":
                self._cell.beat.start()
                self._weather(lambda: self._cell.wait_for_tick(self._cell.clock.now()))
            case _:
                noticed = self._edit(change)
        self._changes.append({"what": change.what, "entry": change.entry, "noticed": noticed})

    def _edit(self, change: Change) -> str:
        if self._refused[change.entry]:
            return "not entered"
        changes = len(self._cell.journal.read().changes)
        self._cell.ask("change", what=change.what, name=change.entry, fields=change.fields)
        try:
            self._weather(lambda: self._cell.wait_for_change(changes))
        except DeadlineExceeded:
            return "no"
        return "yes"

    def _have_it_saved(self) -> None:
        """Beat saves when a schedule changes, and else every three minutes of real time."""
        changes = len(self._cell.journal.read().changes)
        self._cell.ask("touch")
        self._weather(lambda: self._cell.wait_for_change(changes))
        self._weather(lambda: self._cell.wait_for_tick(self._cell.clock.now()))

    def _observation(self, sizes: Mapping[str, int]) -> Mapping[str, Any]:
        entries = [asdict(entry) for entry in self._agenda.entries]
        return {
            "began": iso(self._agenda.began),
            "settings": self._cell.settings,
            "database": self._cell.database,
            "entries": [{**entry, "refused": self._refused.get(entry["name"], "")} for entry in entries],
            "looks": self._looks,
            "sends": self._sends(),
            "storms": self._storms,
            "results": self._results(),
            "rows": self._cell.ask("periodic_tasks"),
            "changes": self._changes,
            "ended": self._ended,
            "complaints": self._complaints(sizes),
            "planted": self._planted(),
            "pages": self._pages(),
        }

    def _sends(self) -> dict[str, list[tuple[str, str | None]]]:
        """By entry, when its messages were sent, and when they were run."""
        journal = self._cell.journal
        sends: dict[str, list[tuple[str, str | None]]] = {}
        for send in journal.sends[self._known :]:
            accepted = journal.accepted.get(send.id)
            run = iso(accepted[0]) if accepted else None
            sends.setdefault(send.entry, []).append((iso(send.instant), run))
        return sends

    def _results(self) -> dict[str, dict[str, Any]]:
        """The result of the first message of each entry."""
        first: dict[str, str] = {}
        for send in self._cell.journal.sends[self._known :]:
            first.setdefault(send.entry, send.id)
        rows = self._cell.ask("result_rows", ids=list(first.values()))
        return {
            entry: {field: rows[id_][field] for field in _RESULT}
            for entry, id_ in first.items()
            if id_ in rows
        }

    def _planted(self) -> dict[str, dict[str, Any]]:
        done = self._agenda.planted
        left = self._cell.ask("result_rows", ids=list(done)) if done else {}
        return {id_: {"done": iso(instant), "left": id_ in left} for id_, instant in done.items()}

    def _pages(self) -> Mapping[str, Mapping[str, str | None]]:
        """What the admin shows at the end of a day: of an entry, and of its first result."""
        sends = [send for send in self._cell.journal.sends[self._known :] if send.entry == SHOWN]
        if not self._agenda.planted or not sends:
            return {}
        pages: Mapping[str, Mapping[str, str | None]] = self._cell.ask(
            "pages", result=sends[0].id, entry=SHOWN
        )
        return pages

    def _complaints(self, sizes: Mapping[str, int]) -> list[str]:
        found = []
        for name, log in self._logs().items():
            lines = read_log(log)[sizes[name] :].splitlines()
            complaints = (line for line in lines if _COMPLAINT.match(line) or _WARNING.search(line))
            found += [f"{name}: {line.strip()}" for line in complaints]
        return list(dict.fromkeys(found))[:MOST_COMPLAINTS]

    def _sizes(self) -> Mapping[str, int]:
        return {name: len(read_log(log)) for name, log in self._logs().items()}

    def _logs(self) -> Mapping[str, Path]:
        return {each.name: each.child.command.log for each in (self._cell.beat, self._cell.worker)}
