"""Rules about what beat sends, and when: what was seen instead of what an invariant promises.

Spans and entries are those of `harness.contract.agenda`. A rule gives "" when its invariant holds, and
raises NotObserved when the span has nothing to judge by.
"""

from collections.abc import Sequence
from itertools import pairwise

from harness.contract.agenda import CLEANUP, CLEANUP_AT, INTERVAL, NIGHT_INTERVAL, OWN_ZONES, SUN
from harness.contract.span import NotObserved, Span, times
from harness.contract.wall import HOUR, MINUTE, due_instants, from_iso, how_far_off, how_long

_CALENDAR = ("weekday", "day-of-month", "month-end", "month")
_NIGHT = 8 * HOUR  # a span of a night begins 1.5 h before clocks are changed
_SILENCE = 20 * MINUTE  # a night is looked at every quarter of an hour


def interval(span: Span) -> str:
    """Ticks are a period apart, and none that was due is missing."""
    return _ticks(span, "interval", INTERVAL)


def interval_by_night(span: Span) -> str:
    """The same, while clocks are changed."""
    return _ticks(span, "by-night", NIGHT_INTERVAL)


def _ticks(span: Span, name: str, period: float) -> str:
    span.entry(name)
    sends, last = span.sends.get(name, ()), span.began
    if name in span.storms:
        return span.storms[name]
    for before, after in pairwise(sends):
        if after - before < period - 1:
            return f"fired again after {how_long(after - before)}"
    for instant in (*sends, span.over):
        look = span.look_after(last + period)
        # It was due when somebody looked, and came later or never.
        if look is not None and look.ended < min(instant, span.over):
            silent = how_long(instant - last)
            return f"silent for {silent}" if sends else f"never fired in {silent}"
        last = instant
    return ""


def own_zones(span: Span) -> str:
    """Every zone that an entry names."""
    return _misfires(span, {f"own:{zone}": zone for zone in OWN_ZONES})


def calendar(span: Span) -> str:
    """Every field of a date."""
    return _misfires(span, {name: name for name in _CALENDAR})


def _misfires(span: Span, entries: dict[str, str]) -> str:
    seen = {title: span.misfire(entry) for entry, title in entries.items()}
    return "; ".join(f"{title} {words}" for title, words in seen.items() if words)


def no_storm(span: Span) -> str:
    """One send a look at most."""
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


def start_time(span: Span) -> str:
    """The first tick."""
    start = from_iso(span.entry("start-time").options["start_time"])
    sends = span.sends.get("start-time", ())
    look = span.look_after(start + INTERVAL)
    if not sends:
        return "never fired"
    too_late = look is not None and sends[0] > look.ended
    return f"first fired {how_far_off(sends[0], start)}" if sends[0] < start or too_late else ""


def expires(span: Span) -> str:
    """The last run."""
    end = from_iso(span.entry("expires").options["expires"])
    # Beat may go on sending what no worker runs any more.
    runs = span.runs.get("expires", ())
    if not runs:
        return "never ran"
    # The last look at which it was both due and not yet expired.
    due = span.look_after(runs[-1] + INTERVAL)
    too_short = due is not None and due.ended < end
    return f"last ran {how_far_off(runs[-1], end)}" if runs[-1] > end or too_short else ""


def expire_seconds(span: Span) -> str:
    """Sent in time, and run."""
    if words := span.misfire("expire-seconds"):
        return words
    return "" if span.runs.get("expire-seconds") else "was sent, and not run"


def one_off(span: Span) -> str:
    """Sent once, and disabled."""
    span.entry("one-off")
    sends = span.sends.get("one-off", ())
    if len(sends) != 1:
        return f"fired {times(len(sends))}"
    return "stayed enabled" if span.rows["one-off"]["enabled"] else ""


def changes(span: Span) -> str:
    """Noticed, and as it was changed to from then on."""
    span.entry("edited")
    unnoticed = [change["what"] for change in span.changes if change["noticed"] == "no"]
    if unnoticed:
        return f"beat did not notice: {', '.join(unnoticed)}"
    return _misfires(span, {name: name for name in span.entries})


def restart(span: Span) -> str:
    """What was sent already is not sent again, and what comes is sent."""
    return _misfires(span, {"at-five": "the one before", "at-seven": "the one after"})


def missed(span: Span) -> str:
    """At most one send."""
    span.entry("at-six")
    sends = span.sends.get("at-six", ())
    return f"fired {times(len(sends))}" if len(sends) > 1 else ""


def odd_hour(span: Span) -> str:
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


def every_minute(span: Span) -> str:
    """Looked at every quarter of an hour."""
    span.entry("every-minute")
    if "every-minute" in span.storms:
        return span.storms["every-minute"]
    night = span.began + _NIGHT / 2  # looked at every quarter of an hour until then
    sends = [span.began, *(send for send in span.sends.get("every-minute", ()) if send < night)]
    for before, after in pairwise([*sends, max(look.began for look in span.looks if look.began < night)]):
        if after - before > _SILENCE:
            return f"silent for {how_long(after - before)}"
    return ""


def solar(span: Span) -> str:
    """Once, as near to the computed instant as two ways to compute it agree."""
    return span.misfire("solar", slack=SUN)


def cleanup_time(span: Span) -> str:
    """Celery's own entry, which beat enters if results expire at all."""
    if not span.looks:
        raise NotObserved("its time was not lived through")
    if not span.result_expires:
        return span.misfire_of(CLEANUP, ()) if span.sends.get(CLEANUP) else ""
    return span.misfire_of(CLEANUP, due_instants(CLEANUP_AT, span.zone, span.began + MINUTE, span.over))


def survived(span: Span) -> str:
    """What ended is told with its exit code."""
    return span.ended_early


def no_complaints(span: Span) -> str:
    """The first of them."""
    return span.complaints[0] if span.complaints else ""
