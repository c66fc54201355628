"""What a stack runs under besides its versions, and how like it is to what a user has. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Protocol

from harness.contract.wall import HOUR, offset_at

# What a project has that sets none of these: what `startproject` writes, and the defaults of Celery and of
# django-celery-beat. An empty text is a setting that is not there.
DEFAULTS: Mapping[str, bool | str] = {
    "USE_TZ": True,
    "TIME_ZONE": "UTC",
    "CELERY_ENABLE_UTC": True,
    "CELERY_TIMEZONE": "",
    "DJANGO_CELERY_BEAT_TZ_AWARE": True,
}
ZONES = frozenset({"TIME_ZONE", "CELERY_TIMEZONE"})
# A day of each half of a year, to see by how much clocks are changed.
_DAYS = (datetime(2026, 1, 15, tzinfo=UTC).timestamp(), datetime(2026, 7, 15, tzinfo=UTC).timestamp())


class Likeness(IntEnum):
    """How like a record's circumstances are to the user's, the most like first."""

    SAME = 0
    ZONE = 1  # another time zone only
    SWITCHES = 2  # other settings about time
    DATABASE = 3  # another database


class Under(Protocol):
    """What ran under some settings, and with some database."""

    @property
    def settings(self) -> Mapping[str, bool | str]:
        """Settings by name; "" is one that is not there."""

    @property
    def database(self) -> str:
        """Its kind."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Settings and a database of a record."""

    settings: Mapping[str, bool | str]
    database: str


def measured(circumstances: str) -> Measured:
    """What an entry has of them."""
    settings, database, _ = json.loads(circumstances)
    return Measured(settings=dict(settings), database=database)


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """The settings and the database of a user; settings that are not named are no matter."""

    settings: Mapping[str, bool | str]
    database: str

    def unlike(self, stack: Under) -> tuple[str, ...]:
        """What was otherwise in a record, in words."""
        found = [
            f"{name} {told(stack.settings.get(name, ''))} instead of {told(value)}"
            for name, value in self.settings.items()
            if stack.settings.get(name, "") != value
        ]
        if stack.database != self.database:
            found.append(f"{stack.database} instead of {self.database}")
        return tuple(found)

    def likeness(self, stack: Under) -> Likeness:
        """How like a record's circumstances are."""
        if stack.database != self.database:
            return Likeness.DATABASE
        other = {name for name, value in self.settings.items() if stack.settings.get(name, "") != value}
        if not other:
            return Likeness.SAME
        return Likeness.ZONE if other <= ZONES else Likeness.SWITCHES

    def distance(self, stack: Under) -> tuple[float, ...]:
        """The same, to choose among those that are alike: how many settings differ, and how far zones are."""
        differing = len(self.unlike(stack))
        zones = (str(each["TIME_ZONE"]) for each in (self.settings, stack.settings))
        return (self.likeness(stack), differing, _apart(*zones))


def told(value: bool | str) -> str:  # noqa: FBT001 - a setting's value
    """A setting as a settings module has it."""
    return str(value) or "not set"


def _apart(one: str, other: str) -> float:
    """Hours between the clocks of two zones, and by how much more the one's are changed than the other's."""
    if one == other:
        return 0
    (a, b), (c, d) = ([offset_at(day, zone) / HOUR for day in _DAYS] for zone in (one, other))
    return abs(a - c) + 24 * abs((a - b) - (c - d))
