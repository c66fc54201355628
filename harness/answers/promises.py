"""What there is to say of settings about time, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.answers.settings import Given, Settings
from harness.answers.zones import likeness

# Broken, nothing else that the contract asks is to be had: beat ends, or floods the queue.
FATAL = frozenset({"survived", "no-storm"})


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A cell that lived through days under such settings. `same_series`: of both packages."""

    cell: str
    run: str
    beat: str
    celery: str
    zone: str
    database: str
    same_series: bool

    @property
    def versions(self) -> str:
        """`beat 2.2.1 with Celery 5.1.2`."""
        return f"beat {self.beat} with Celery {self.celery}"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was seen instead of an invariant, and with which versions."""

    words: str
    versions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Broken:
    """An invariant that does not hold; where it does (`held`), and single settings with which it does."""

    invariant: str
    sentence: str
    source: str
    seen: tuple[Seen, ...]
    held: tuple[str, ...]
    remedies: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Better:
    """The settings under which the same versions keep most; how many they keep, and do not."""

    settings: Mapping[str, Given]
    held: int
    broken: int
    cell: str


@dataclass(frozen=True, kw_only=True)
class TimeAnswer:
    """What is known of the settings; where nothing is, `why_not` says so. `cautions`: what differed."""

    settings: Settings
    measured: tuple[Measured, ...] = ()
    broken: tuple[Broken, ...] = ()
    held: int = 0
    unseen: int = 0
    better: Better | None = None
    cautions: tuple[str, ...] = ()
    why_not: str = ""

    @property
    def fatal(self) -> tuple[Broken, ...]:
        """What ends beat or floods the queue, seen with these very series, in a zone of the same kind."""
        zone = str(self.settings.values.get("TIME_ZONE", ""))
        sure = {
            each.versions for each in self.measured if each.same_series and likeness(zone, each.zone) <= 1
        }
        return tuple(
            each
            for each in self.broken
            if each.invariant in FATAL and sure.intersection(v for seen in each.seen for v in seen.versions)
        )
