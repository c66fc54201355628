"""What supervisord has logged, line by line. Pure: its lines are those of supervisor 4.

Its instants are of the machine's own zone; what is asked of them is how far they are apart.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

What = Literal["spawned", "running", "exited", "stopping", "stopped", "killing", "gave up"]

_LINE = re.compile(
    r"^(?P<instant>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) [A-Z]+ (?P<message>.*)$", re.MULTILINE
)
_MESSAGES: tuple[tuple[What, re.Pattern[str]], ...] = (
    ("spawned", re.compile(r"spawned: '(?P<name>\S+)' with pid (?P<said>\d+)")),
    ("running", re.compile(r"success: (?P<name>\S+) entered RUNNING state(?P<said>)")),
    ("exited", re.compile(r"exited: (?P<name>\S+) \((?P<said>[^;]+);.*\)")),
    ("stopping", re.compile(r"waiting for (?P<name>\S+) to stop(?P<said>)")),
    ("stopped", re.compile(r"stopped: (?P<name>\S+) \((?P<said>.+)\)")),
    ("killing", re.compile(r"killing '(?P<name>\S+)' \(\d+\) with (?P<said>\w+)")),
    ("gave up", re.compile(r"gave up: (?P<name>\S+) entered FATAL state(?P<said>)")),
)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something happened to the program `name`, at `instant` in seconds since the epoch.

    `said` is the process id of one that was spawned, the signal of one that is killed, and how one ended,
    such as "exit status 0" or "terminated by SIGKILL".
    """

    instant: float
    what: What
    name: str
    said: str


@dataclass(frozen=True, kw_only=True)
class Stop:
    """How a program ended that was told to, after so many seconds; `killed` if supervisor waited no longer.

    One that is killed in the very moment in which it ends has ended by itself for all that `how` says.
    """

    seconds: float
    how: str
    killed: bool


def stop_in(events: Sequence[Event]) -> Stop | None:
    """How one program was stopped since it was spawned last, None when it was not; `events` are its own."""
    spawned = max((number for number, event in enumerate(events) if event.what == "spawned"), default=0)
    since = events[spawned:]
    # It says again and again that it waits.
    begun = next((event for event in since if event.what == "stopping"), None)
    ended = next((event for event in since if event.what == "stopped"), None)
    if begun is None or ended is None:
        return None
    killed = any(event.what == "killing" for event in since)
    return Stop(seconds=ended.instant - begun.instant, how=ended.said, killed=killed)


def parse_events(text: str) -> list[Event]:
    """The events of a log, in order; other lines are passed over."""
    return list(_events(text))


def _events(text: str) -> Iterator[Event]:
    for line in _LINE.finditer(text):
        for what, pattern in _MESSAGES:
            seen = pattern.match(line["message"])
            if seen:
                stamp = datetime.strptime(line["instant"], "%Y-%m-%d %H:%M:%S,%f")  # noqa: DTZ007 - as it is told
                yield Event(instant=stamp.timestamp(), what=what, name=seen["name"], said=seen["said"])
