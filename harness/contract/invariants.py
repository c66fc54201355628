"""The invariants, in the order in which reports tell them.

A rule looks at a span and says what was seen instead of what its sentence promises. Spans and entries are
those of `harness.contract.agenda`.
"""

from collections.abc import Sequence
from itertools import pairwise

from harness.contract.agenda import INTERVAL, OWN_ZONES
from harness.contract.invariant import Invariant
from harness.contract.span import NotObserved, Span, times
from harness.contract.wall import HOUR, MINUTE, from_iso, how_far_off, how_long

CELERY_BEAT = "https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html"
CELERY_ZONES = f"{CELERY_BEAT}#time-zones"
CELERY_CRONTABS = f"{CELERY_BEAT}#crontab-schedules"
BEAT_README = "https://github.com/celery/django-celery-beat#example-creating-crontab-based-periodic-task"
BEAT_MODELS = "https://django-celery-beat.readthedocs.io/en/latest/reference/django-celery-beat.models.html"
RESULT_MODELS = (
    "https://django-celery-results.readthedocs.io/en/latest/reference/django_celery_results.models.html"
)
DJANGO_ZONES = "https://docs.djangoproject.com/en/stable/topics/i18n/timezones/"

_CALENDAR = ("weekday", "day-of-month", "month-end", "month")
_SLACK = 60.0  # seconds; a busy machine is that late at most, a wrong time zone half an hour at least
_NIGHT = 8 * HOUR  # a span of a night begins 1.5 h before clocks are changed
_SILENCE = 40 * MINUTE  # a night is looked at every quarter of an hour


def _interval(span: Span) -> str:
    span.entry("interval")
    sends, last = span.sends.get("interval", ()), span.began
    if "interval" in span.storms:
        return span.storms["interval"]
    for before, after in pairwise(sends):
        if after - before < INTERVAL - 1:
            return f"fired again after {how_long(after - before)}"
    for instant in (*sends, span.over):
        look = span.look_after(last + INTERVAL)
        # It was due when somebody looked, and came later or never.
        if look is not None and look.ended < min(instant, span.over):
            silent = how_long(instant - last)
            return f"silent for {silent}" if sends else f"never fired in {silent}"
        last = instant
    return ""


def _own_zones(span: Span) -> str:
    return _misfires(span, {f"own:{zone}": zone for zone in OWN_ZONES})


def _calendar(span: Span) -> str:
    return _misfires(span, {name: name for name in _CALENDAR})


def _misfires(span: Span, entries: dict[str, str]) -> str:
    seen = {title: span.misfire(entry) for entry, title in entries.items()}
    return "; ".join(f"{title} {words}" for title, words in seen.items() if words)


def _no_storm(span: Span) -> str:
    if not span.looks:
        raise NotObserved("its time was not lived through")
    seen = [f"{entry} {words}" for entry, words in sorted(span.storms.items())]
    for entry, sends in span.sends.items():
        for look in span.looks:
            within = [send for send in sends if look.began <= send <= look.ended]
            if len(within) > 1 and entry not in span.storms:
                seen.append(f"{entry} fired {times(len(within))} in {how_long(within[-1] - within[0])}")
                break
    return "; ".join(seen)


def _start_time(span: Span) -> str:
    start = from_iso(span.entry("start-time").options["start_time"])
    sends = span.sends.get("start-time", ())
    look = span.look_after(start + INTERVAL)
    if not sends:
        return "never fired"
    too_late = look is not None and sends[0] > look.ended
    return f"first fired {how_far_off(sends[0], start)}" if sends[0] < start or too_late else ""


def _expires(span: Span) -> str:
    end = from_iso(span.entry("expires").options["expires"])
    # Beat may go on sending what no worker runs any more.
    runs = span.runs.get("expires", ())
    if not runs:
        return "never ran"
    # The last look at which it was both due and not yet expired.
    due = span.look_after(runs[-1] + INTERVAL)
    too_short = due is not None and due.ended < end
    return f"last ran {how_far_off(runs[-1], end)}" if runs[-1] > end or too_short else ""


def _expire_seconds(span: Span) -> str:
    if words := span.misfire("expire-seconds"):
        return words
    return "" if span.runs.get("expire-seconds") else "was sent, and not run"


def _one_off(span: Span) -> str:
    span.entry("one-off")
    sends = span.sends.get("one-off", ())
    if len(sends) != 1:
        return f"fired {times(len(sends))}"
    return "stayed enabled" if span.rows["one-off"]["enabled"] else ""


def _changes(span: Span) -> str:
    span.entry("edited")
    unnoticed = [change["what"] for change in span.changes if change["noticed"] == "no"]
    if unnoticed:
        return f"beat did not notice: {', '.join(unnoticed)}"
    return _misfires(span, {name: name for name in span.entries})


def _restart(span: Span) -> str:
    """What was sent already is not sent again, and what comes is sent."""
    return _misfires(span, {"at-five": "the one before", "at-seven": "the one after"})


def _missed(span: Span) -> str:
    span.entry("at-six")
    sends = span.sends.get("at-six", ())
    return f"fired {times(len(sends))}" if len(sends) > 1 else ""


def _odd_hour(span: Span) -> str:
    """A wall time that is skipped, or comes twice, that night; and its next day."""
    due = span.due("odd-hour")
    sends = span.sends.get("odd-hour", ())
    if "odd-hour" in span.storms:
        return span.storms["odd-hour"]
    night = [send for send in sends if send < span.began + _NIGHT]
    twice = len([each for each in due if each < span.began + _NIGHT]) > 1
    if len(night) > 1 + twice:
        return f"fired {times(len(night))} that night"
    if twice and not night:
        return "did not fire that night"
    tomorrow = [each for each in due if each > span.began + _NIGHT]
    late = [send for send in sends if send >= span.began + _NIGHT]
    if len(late) != len(tomorrow) or not all(span.in_time(send, tomorrow) for send in late):
        return f"the next day {_next_day(late, tomorrow)}"
    return ""


def _next_day(sends: Sequence[float], due: Sequence[float]) -> str:
    if len(sends) == len(due) == 1:
        return f"it fired {how_far_off(sends[0], due[0])}"
    return f"it fired {times(len(sends))}"


def _every_minute(span: Span) -> str:
    span.entry("every-minute")
    if "every-minute" in span.storms:
        return span.storms["every-minute"]
    night = span.began + _NIGHT / 2  # looked at every quarter of an hour until then
    sends = [span.began, *(send for send in span.sends.get("every-minute", ()) if send < night)]
    for before, after in pairwise([*sends, max(look.began for look in span.looks if look.began < night)]):
        if after - before > _SILENCE:
            return f"silent for {how_long(after - before)}"
    return ""


def _result_instants(span: Span) -> str:
    if not span.results:
        raise NotObserved("no task was run")
    for entry, row in span.results.items():
        if not span.runs.get(entry):
            continue  # the worker's log does not say when
        ran = span.runs[entry][0]
        for field in ("date_created", "date_done"):
            if row[field] is not None and abs(from_iso(row[field]["instant"]) - ran) > _SLACK:
                return f"{field} is {how_far_off(from_iso(row[field]['instant']), ran)}"
    return ""


def _last_run_at(span: Span) -> str:
    judged = False
    for name, row in span.rows.items():
        sends = span.sends.get(name, ())
        if row["last_run_at"] is None or not sends:
            continue
        judged = True
        last = from_iso(row["last_run_at"]["instant"])
        if abs(sends[-1] - last) > _SLACK:
            return f"that of {name} is {how_far_off(last, sends[-1])}"
    if not judged:
        raise NotObserved("beat saved none")
    return ""


def _awareness(span: Span) -> str:
    if not span.results:
        raise NotObserved("no task was run")
    for name, row in span.rows.items():
        if row["last_run_at"] is not None and row["last_run_at"]["aware"] is not span.use_tz:
            return f"last_run_at of {name} is {_aware(not span.use_tz)}"
    for row in span.results.values():
        for field in ("date_created", "date_done"):
            if row[field] is not None and row[field]["aware"] is not span.use_tz:
                return f"{field} is {_aware(not span.use_tz)}"
    return ""


def _aware(aware: bool) -> str:  # noqa: FBT001 - what it is about
    return "aware" if aware else "naive"


def _named_results(span: Span) -> str:
    if not span.results:
        raise NotObserved("no task was run")
    for name, row in span.results.items():
        if row["periodic_task_name"] is None:
            raise NotObserved("no name is kept")
        if row["periodic_task_name"] != name:
            return f"that of {name} says {row['periodic_task_name']!r}"
    return ""


def _survived(span: Span) -> str:
    return "; ".join(f"{process} {how}" for process, how in span.ended.items() if how)


def _no_complaints(span: Span) -> str:
    return span.complaints[0] if span.complaints else ""


INVARIANTS = (
    Invariant(
        id="interval",
        sentence="an interval ticks at its period, neither silent nor in bursts",
        source=CELERY_BEAT,
        reads="day",
        rule=_interval,
    ),
    Invariant(
        id="crontab",
        sentence="a crontab in the default time zone fires once a day, at its wall time in TIME_ZONE",
        source=CELERY_ZONES,
        reads="day",
        rule=lambda span: span.misfire("crontab"),
    ),
    Invariant(
        id="own-zone",
        sentence="a crontab with a time zone of its own fires once a day, at that zone's wall time",
        source=BEAT_README,
        reads="day",
        rule=_own_zones,
    ),
    Invariant(
        id="no-storm",
        sentence="no schedule is sent more than once for an instant at which it is due",
        source=CELERY_BEAT,
        reads="*",
        rule=_no_storm,
    ),
    Invariant(
        id="calendar",
        sentence="day of week, day of month and month are those of the schedule's zone",
        source=CELERY_CRONTABS,
        reads="day",
        rule=_calendar,
    ),
    Invariant(
        id="clocked",
        sentence="a clocked task fires once, at its instant",
        source=BEAT_MODELS,
        reads="day",
        rule=lambda span: span.misfire("clocked"),
    ),
    Invariant(
        id="start-time",
        sentence="a task with a start time fires within a period of it, and not before",
        source=BEAT_MODELS,
        reads="day",
        rule=_start_time,
    ),
    Invariant(
        id="expires",
        sentence="a task that expires runs until then, and not after",
        source=BEAT_MODELS,
        reads="day",
        rule=_expires,
    ),
    Invariant(
        id="expire-seconds",
        sentence="a message with expire_seconds is run if the worker is in time",
        source=BEAT_MODELS,
        reads="day",
        rule=_expire_seconds,
    ),
    Invariant(
        id="one-off",
        sentence="a one-off task fires once and disables itself",
        source=BEAT_MODELS,
        reads="one-off",
        rule=_one_off,
    ),
    Invariant(
        id="changes",
        sentence="what is edited, disabled, enabled or deleted while beat runs is so from then on",
        source=CELERY_BEAT,
        reads="changes",
        rule=_changes,
    ),
    Invariant(
        id="restart",
        sentence="a beat that is restarted sends nothing again, and what is due later in time",
        source=CELERY_BEAT,
        reads="restarts",
        rule=_restart,
    ),
    Invariant(
        id="missed",
        sentence="what was missed while beat was down is sent at most once",
        source=CELERY_BEAT,
        reads="restarts",
        rule=_missed,
    ),
    Invariant(
        id="odd-hour",
        sentence="a crontab at a wall time that is skipped or comes twice neither storms nor is lost",
        source=CELERY_CRONTABS,
        reads="night *",
        rule=_odd_hour,
    ),
    Invariant(
        id="every-minute",
        sentence="an every-minute crontab goes on while clocks are changed, without an hour of silence",
        source=CELERY_CRONTABS,
        reads="night *",
        rule=_every_minute,
    ),
    Invariant(
        id="after-the-change",
        sentence="a daily crontab keeps its wall time after clocks are changed",
        source=CELERY_CRONTABS,
        reads="night *",
        rule=lambda span: span.misfire("noon"),
    ),
    Invariant(
        id="result-instants",
        sentence="a result is created and done at the instant at which its task ran",
        source=RESULT_MODELS,
        reads="day",
        rule=_result_instants,
    ),
    Invariant(
        id="last-run-at",
        sentence="last_run_at is the instant of the last run",
        source=BEAT_MODELS,
        reads="day",
        rule=_last_run_at,
    ),
    Invariant(
        id="awareness",
        sentence="instants in the database are aware with USE_TZ, and naive without",
        source=DJANGO_ZONES,
        reads="day",
        rule=_awareness,
    ),
    Invariant(
        id="named-results",
        sentence="a result tells the name of the periodic task it came from",
        source=RESULT_MODELS,
        reads="day",
        rule=_named_results,
    ),
    Invariant(
        id="survived",
        sentence="beat and worker are alive at the end of each span",
        source=CELERY_BEAT,
        reads="*",
        rule=_survived,
    ),
    Invariant(
        id="no-complaints",
        sentence="the logs have no error, and no warning about naive and aware instants",
        source=DJANGO_ZONES,
        reads="*",
        rule=_no_complaints,
    ),
)
