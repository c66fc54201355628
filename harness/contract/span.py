"""A span: a stretch of simulated time that a live beat went through, as the record has it.

Instants in the record are ISO 8601 in UTC; here they are seconds since the epoch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from harness.contract.wall import MINUTE, due_instants, from_iso, how_far_off, how_long

# What the observation of a span is called in a record, before its own name.
PREFIX = "time/"


class NotObserved(Exception):
    """The span has nothing to judge by; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """The cell's clock was set to `began`, and beat ticked until `ended`: what was due has been sent."""

    began: float
    ended: float


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A schedule entry as it was entered.

    `kind` is crontab, interval, clocked or solar; `fields` are the schedule's own, `options` those of the
    periodic task. `zone` is where its user lives, for a crontab. `due` overrides what follows from the
    fields, where they were changed. `refused` says why it could not be entered.
    """

    name: str
    kind: str
    fields: Mapping[str, str]
    options: Mapping[str, str]
    zone: str
    due: tuple[float, ...] | None
    refused: str


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message that was sent on its own: when it was meant to run, and when it ran.

    `held` says until when the worker holds it that has not run, `state` what its result says.
    """

    meant: float | None
    ran: float | None
    held: float | None
    state: str


@dataclass(frozen=True, kw_only=True)
class Span:
    """What was entered, when anybody looked, and what beat sent: instants by entry, oldest first.

    `runs` has the instants at which the worker ran what was sent; `storms` says of an entry how it stormed,
    until it was disabled for that; `results` are the result rows of each entry's first message, `rows` what
    the database has of the entries at the end; `ended` which process ended early, and how. `planted` are
    results that were there before: when they were done, and whether they are still there; `pages` is what
    the admin shows in the end.
    """

    name: str
    began: float
    settings: Mapping[str, bool | str]
    database: str
    looks: tuple[Look, ...]
    entries: Mapping[str, Entry]
    sends: Mapping[str, tuple[float, ...]]
    runs: Mapping[str, tuple[float, ...]]
    storms: Mapping[str, str]
    results: Mapping[str, Mapping[str, Any]]
    rows: Mapping[str, Mapping[str, Any]]
    changes: tuple[Mapping[str, str], ...]
    ended: Mapping[str, str]
    complaints: tuple[str, ...]
    planted: Mapping[str, tuple[float, bool]]
    messages: Mapping[str, Message]
    pages: Mapping[str, Mapping[str, str | None]]

    @property
    def zone(self) -> str:
        """TIME_ZONE: where its user lives."""
        return str(self.settings["TIME_ZONE"])

    @property
    def result_expires(self) -> float:
        """The age in seconds at which results are removed; 0 for never."""
        return float(self.settings.get("CELERY_RESULT_EXPIRES", 0))

    @cached_property
    def over(self) -> float:
        """Its last instant."""
        return self.looks[-1].ended

    @property
    def ended_early(self) -> str:
        """Which process ended in it, and how, in words; empty when both lived on."""
        return "; ".join(f"{process} {how}" for process, how in self.ended.items() if how)

    def entry(self, name: str) -> Entry:
        """An entry that beat was given.

        Raises:
            NotObserved: it was not entered, or not lived with.
        """
        if not self.looks:
            raise NotObserved("its time was not lived through")
        entry = self.entries.get(name)
        if entry is None:
            raise NotObserved(f"there was no {name}")
        if entry.refused:
            raise NotObserved(f"{name} could not be entered: {entry.refused}")
        return entry

    def due(self, name: str) -> tuple[float, ...]:
        """When an entry is due in the eyes of its user; for crontabs and clocked ones."""
        entry = self.entry(name)
        if entry.due is not None:
            return entry.due
        if entry.kind == "clocked":
            return (from_iso(entry.fields["instant"]),)
        wall = {field: value for field, value in entry.fields.items() if field != "timezone"}
        # What is due in the very minute in which it is entered is not asked for.
        return due_instants(wall, entry.zone, self.began + MINUTE, self.over)

    def misfire(self, name: str, *, slack: float = 0) -> str:
        """What is wrong with the instants at which an entry was sent, in words; empty when nothing is."""
        return self.misfire_of(name, self.due(name), slack=slack)

    def misfire_of(self, name: str, due: Sequence[float], *, slack: float = 0) -> str:
        """The same, for an entry that is due at these instants, or within `slack` seconds of them."""
        sends = self.sends.get(name, ())
        if name in self.storms:
            return self.storms[name]
        if all(self.in_time(send, due, slack) for send in sends) and len(sends) == len(due):
            return ""
        if not sends:
            return f"never fired in {how_long(self.over - self.began)}"
        wrong = [send for send in sends if not self.in_time(send, due, slack)]
        missed = [each for each in due if not any(self.in_time(send, (each,), slack) for send in sends)]
        if wrong and len(wrong) == len(missed):
            told = ", ".join(how_far_off(send, each) for send, each in zip(wrong, missed, strict=True))
            return f"fired {told}"
        return f"fired {times(len(sends))} instead of {times(len(due))}"

    def look_after(self, instant: float) -> Look | None:
        """The first look that began at an instant or later."""
        return next((look for look in self.looks if look.began >= instant), None)

    def in_time(self, send: float, due: Sequence[float], slack: float = 0) -> bool:
        """Whether it was sent at a due instant: not before, and before anybody looked again."""
        for each in due:
            look = self.look_after(each + slack)
            if look is not None and each - slack <= send <= look.ended:
                return True
        return False


def times(number: int) -> str:
    """How often: "once", "twice", "3 times"."""
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def read_spans(observations: Mapping[str, Mapping[str, Any]]) -> dict[str, Span]:
    """The spans among the observations of an attempt, by name."""
    return {
        name.removeprefix(PREFIX): _read_span(name.removeprefix(PREFIX), data)
        for name, data in observations.items()
        if name.startswith(PREFIX)
    }


def _read_span(name: str, data: Mapping[str, Any]) -> Span:
    sends = data.get("sends", {})
    return Span(
        name=name,
        began=from_iso(data["began"]),
        settings=data.get("settings", {}),
        database=data.get("database", ""),
        looks=tuple(
            Look(began=from_iso(began), ended=from_iso(ended)) for began, ended in data.get("looks", ())
        ),
        entries={entry["name"]: _read_entry(entry) for entry in data.get("entries", ())},
        sends={entry: tuple(from_iso(sent) for sent, _ in each) for entry, each in sends.items()},
        runs={entry: tuple(from_iso(run) for _, run in each if run) for entry, each in sends.items()},
        storms=data.get("storms", {}),
        results=data.get("results", {}),
        rows=data.get("rows", {}),
        changes=tuple(data.get("changes", ())),
        ended=data["ended"],
        complaints=tuple(data["complaints"]),
        planted={
            id_: (from_iso(each["done"]), each["left"]) for id_, each in data.get("planted", {}).items()
        },
        messages={id_: _read_message(each) for id_, each in data.get("messages", {}).items()},
        pages=data.get("pages", {}),
    )


def _read_message(data: Mapping[str, Any]) -> Message:
    return Message(
        meant=_instant(data["meant"]),
        ran=_instant(data["ran"]),
        held=_instant(data["held"]),
        state=data["state"],
    )


def _instant(text: str | None) -> float | None:
    return None if text is None else from_iso(text)


def _read_entry(data: Mapping[str, Any]) -> Entry:
    due = data["due"]
    return Entry(
        name=data["name"],
        kind=data["kind"],
        fields=data["fields"],
        options=data["options"],
        zone=data["zone"],
        due=None if due is None else tuple(from_iso(instant) for instant in due),
        refused=data["refused"],
    )
