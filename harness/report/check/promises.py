"""What there is to say of settings about time, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.answers.settings import Given, Settings
from harness.answers.zones import likeness

# Broken, little else that the contract asks is to be had: beat ends, or floods the queue.
UNSOUND = frozenset({"survived", "no-storm"})
# What is sent so often is not merely late: the words are those of `harness.report.words.steady`.
_STORM = "dozens of times within seconds"


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
        """That beat or worker ends, or that a plain crontab storms: nobody can live with these settings.

        It must have been seen in a zone of the same kind, with these very series or with all that are near.
        """
        zone = str(self.settings.values.get("TIME_ZONE", ""))
        alike = [each for each in self.measured if likeness(zone, each.zone) <= 1]
        sure = {each.versions for each in alike if each.same_series}
        near = {each.versions for each in self.measured} if len(alike) == len(self.measured) else set()
        return tuple(
            each
            for each in self.broken
            if _ends_or_storms(each) and ((where := _versions_of(each)) & sure or (near and where == near))
        )

    @property
    def dangers(self) -> tuple[Broken, ...]:
        """Storms of what not everybody has, such as a crontab with a time zone of its own."""
        return tuple(each for each in self.broken if each.invariant == "no-storm" and each not in self.fatal)


def _ends_or_storms(broken: Broken) -> bool:
    stormed = any(_STORM in seen.words for seen in broken.seen)
    return broken.invariant == "survived" or (broken.invariant == "crontab" and stormed)


def _versions_of(broken: Broken) -> set[str]:
    return {versions for seen in broken.seen for versions in seen.versions}
