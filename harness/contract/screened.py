"""The invariants that the screen judges, in the order in which reports tell them.

Where the live lens judges the same, the id is the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.contract.invariant import Standing
from harness.contract.invariants import BEAT_README, CELERY_BEAT, CELERY_CRONTABS, CELERY_ZONES, DJANGO_ZONES
from harness.contract.screen import Misfire, Screen, breaks, tell
from harness.contract.span import NotObserved
from harness.contract.wall import MINUTE, how_long
from harness.contract.year import BEGAN, DAILY, HOURLY, MINUTELY, NIGHTLY, OWN, PERIOD, WEEKLY, Kind, due_days

_SILENCE = 20 * MINUTE  # asked about every minute, and the smallest change of clocks is half an hour


@dataclass(frozen=True, kw_only=True)
class Screened:
    """An invariant that the screen judges: `rule` gives what was seen instead, as that of an `Invariant`."""

    id: str
    sentence: str
    source: str
    rule: Callable[[Screen], str]


@dataclass(frozen=True, kw_only=True)
class ScreenFinding:
    """How a screened invariant stands. `seen` is what was seen instead, or why nothing was."""

    invariant: Screened
    standing: Standing
    seen: str = ""


def find_screened(invariant: Screened, screen: Screen) -> ScreenFinding:
    """Judge a screened invariant."""
    try:
        seen = invariant.rule(screen)
    except NotObserved as why:
        return ScreenFinding(invariant=invariant, standing=Standing.NOT_OBSERVED, seen=str(why))
    standing = Standing.VIOLATED if seen else Standing.HELD
    return ScreenFinding(invariant=invariant, standing=standing, seen=seen)


def _crontab(screen: Screen) -> str:
    return tell(
        each
        for each in screen.misfires(DAILY, NIGHTLY)
        if not (each.on_a_change or each.odd or each.just_entered)
    )


def _own_zone(screen: Screen) -> str:
    return tell(each for each in screen.misfires(OWN) if not each.just_entered)


def _calendar(screen: Screen) -> str:
    return tell(screen.misfires(WEEKLY))


def _after_the_change(screen: Screen) -> str:
    wrong = [
        each
        for each in screen.misfires(DAILY, NIGHTLY)
        if each.on_a_change and not each.odd and not each.just_entered
    ]
    for kind in (DAILY, NIGHTLY, WEEKLY):
        for zone, (walk,) in screen.of(kind):
            once = {due.instants[0] for due in due_days(kind, zone) if len(due.instants) == 1}
            wrong += [
                Misfire(zone=zone, kind=kind, what=f"said to be due {how_long(seconds)} late", instant=fire)
                for seconds, fires in walk.late.items()
                for fire in fires
                if fire in once
            ]
    return tell(wrong)


def _odd_hour(screen: Screen) -> str:
    return tell(each for each in screen.misfires(NIGHTLY) if each.odd)


def _newly_entered(screen: Screen) -> str:
    wrong = [each for each in screen.misfires(DAILY, NIGHTLY, OWN) if each.just_entered and not each.odd]
    for zone, (walk, *_) in screen.of(HOURLY):
        first = walk.fires[0] if walk.fires else walk.until
        if abs(first - BEGAN - PERIOD) > 2 * MINUTE:
            waited = f"{how_long(first - BEGAN)} after" if first - BEGAN > MINUTE else "as soon as"
            what = f"first sent {waited} it was entered"
            wrong.append(Misfire(zone=zone, kind=HOURLY, what=what, instant=first))
    return tell(wrong)


def _interval(screen: Screen) -> str:
    wrong: list[Misfire] = []
    for zone, walks in screen.of(HOURLY):
        for walk in walks:
            wrong += breaks(HOURLY, zone, walk)
            calm = [fire for fire in walk.fires if fire not in walk.storms]
            wrong += _gaps(HOURLY, zone, [*calm, walk.until], PERIOD + MINUTE)
            for before, after in pairwise(calm):
                if after - before < PERIOD - MINUTE:
                    what = f"sent again after {how_long(after - before)}"
                    wrong.append(Misfire(zone=zone, kind=HOURLY, what=what, instant=after))
    return tell(wrong)


def _every_minute(screen: Screen) -> str:
    wrong: list[Misfire] = []
    for zone, walks in screen.of(MINUTELY):
        for walk in walks:
            wrong += breaks(MINUTELY, zone, walk)
            wrong += _gaps(MINUTELY, zone, [*walk.fires, walk.until], _SILENCE)
    return tell(wrong)


def _gaps(kind: Kind, zone: str, instants: Sequence[float], longest: float) -> Iterator[Misfire]:
    for before, after in pairwise(instants):
        if after - before > longest:
            yield Misfire(zone=zone, kind=kind, what=f"silent for {how_long(after - before)}", instant=before)


def _zone_data(screen: Screen) -> str:
    return f"others in {', '.join(screen.stale)}" if screen.stale else ""


SCREENED = (
    Screened(
        id="crontab",
        sentence="a daily crontab fires once a day, at its wall time in TIME_ZONE, all year",
        source=CELERY_ZONES,
        rule=_crontab,
    ),
    Screened(
        id="own-zone",
        sentence="a daily crontab in UTC fires once a day, at that time in UTC, all year",
        source=BEAT_README,
        rule=_own_zone,
    ),
    Screened(
        id="calendar",
        sentence="a weekly crontab fires on its day of the week in TIME_ZONE, all year",
        source=CELERY_CRONTABS,
        rule=_calendar,
    ),
    Screened(
        id="interval",
        sentence="an interval of an hour fires each hour, also while clocks are changed",
        source=CELERY_BEAT,
        rule=_interval,
    ),
    Screened(
        id="newly-entered",
        sentence="what is newly entered is due at its next time, neither at once nor later",
        source=CELERY_BEAT,
        rule=_newly_entered,
    ),
    Screened(
        id="odd-hour",
        sentence="a daily crontab at a wall time that is skipped or comes twice neither storms nor is lost",
        source=CELERY_CRONTABS,
        rule=_odd_hour,
    ),
    Screened(
        id="every-minute",
        sentence="an every-minute crontab goes on while clocks are changed, neither silent nor in a storm",
        source=CELERY_CRONTABS,
        rule=_every_minute,
    ),
    Screened(
        id="after-the-change",
        sentence="a daily crontab is due, and says that it is due, at its wall time after clocks are changed",
        source=CELERY_CRONTABS,
        rule=_after_the_change,
    ),
    Screened(
        id="zone-data",
        sentence="the zone data that Django uses have this year's changes of clocks",
        source=DJANGO_ZONES,
        rule=_zone_data,
    ),
)
