"""Rules about what is kept in the database, and what the admin shows of it; as in `schedules`."""

import re
from datetime import datetime

from harness.contract.agenda import CLEANUP, SHOWN
from harness.contract.span import NotObserved, Span
from harness.contract.wall import MINUTE, from_iso, how_far_off, how_long, on_the_wall

SLACK = 60.0  # seconds; a busy machine is that late at most, a wrong time zone half an hour at least


def result_instants(span: Span) -> str:
    """Of every entry's first result."""
    if not span.results:
        raise NotObserved("no task was run")
    for entry, row in span.results.items():
        if not span.runs.get(entry):
            continue  # the worker's log does not say when
        ran = span.runs[entry][0]
        for field in ("date_created", "date_done"):
            if row[field] is not None and abs(from_iso(row[field]["instant"]) - ran) > SLACK:
                return f"{field} is {how_far_off(from_iso(row[field]['instant']), ran)}"
    return ""


def last_run_at(span: Span) -> str:
    """Of every entry that was sent."""
    judged = False
    for name, row in sorted(span.rows.items()):
        sends = span.sends.get(name, ())
        if row["last_run_at"] is None or not sends:
            continue
        judged = True
        last = from_iso(row["last_run_at"]["instant"])
        if abs(sends[-1] - last) > SLACK:
            return f"that of {name} is {how_far_off(last, sends[-1])}"
    if not judged:
        raise NotObserved("beat saved none")
    return ""


def awareness(span: Span) -> str:
    """Of every value read back."""
    if not span.results:
        raise NotObserved("no task was run")
    use_tz = span.settings["USE_TZ"] is True
    for name, row in sorted(span.rows.items()):
        if row["last_run_at"] is not None and row["last_run_at"]["aware"] is not use_tz:
            return f"last_run_at of {name} is {_aware(not use_tz)}"
    for row in span.results.values():
        for field in ("date_created", "date_done"):
            if row[field] is not None and row[field]["aware"] is not use_tz:
                return f"{field} is {_aware(not use_tz)}"
    return ""


def _aware(aware: bool) -> str:  # noqa: FBT001 - what it is about
    return "aware" if aware else "naive"


def named_results(span: Span) -> str:
    """Of every entry's first result."""
    if not span.results:
        raise NotObserved("no task was run")
    for name, row in span.results.items():
        if row["periodic_task_name"] is None:
            raise NotObserved("no name is kept")
        if row["periodic_task_name"] != name:
            return f"that of {name} says {row['periodic_task_name']!r}"
    return ""


def cleanup_removes(span: Span) -> str:
    """What was planted, judged by when the clean-up ran, be that at its time or not."""
    expires = span.result_expires
    runs = span.runs.get(CLEANUP, ())
    if not span.planted or (expires and not runs):
        raise NotObserved(f"{CLEANUP} was not run")
    for done, left in span.planted.values():
        ages = [run - done for run in runs] or [span.over - done]
        old = bool(expires) and max(ages) > expires
        if left is old:
            return f"{'left' if left else 'removed'} what was done {how_long(max(ages))} before"
    return ""


def shown_results(span: Span) -> str:
    """The page of a result in the admin."""
    ran = span.runs.get(SHOWN, ())
    if not ran:
        raise NotObserved(f"{SHOWN} was not run")
    return _shown(span, "result", ran[0])


def shown_last_run(span: Span) -> str:
    """The page of a periodic task in the admin."""
    sends = span.sends.get(SHOWN, ())
    if not sends:
        raise NotObserved(f"{SHOWN} was not sent")
    if SHOWN in span.storms:
        raise NotObserved(f"{SHOWN} stormed, and was disabled before it was saved")
    return _shown(span, "entry", sends[-1])


def admin_lists(span: Span) -> str:
    """The lists of both models."""
    if "lists" not in span.pages:
        raise NotObserved("the admin was not looked at")
    return "; ".join(f"{name}: {error}" for name, error in span.pages["lists"].items() if error)


def _shown(span: Span, page: str, instant: float) -> str:
    """What the texts of a page say that is not the wall time of an instant."""
    texts = {name: text for name, text in span.pages.get(page, {}).items() if text is not None}
    if not texts:
        raise NotObserved("the admin does not show it")
    for name, text in texts.items():
        amiss = shown_amiss(text, instant, span.zone)
        if amiss:
            return f"{name} is shown {amiss}"
    return ""


def shown_amiss(text: str, instant: float, zone: str) -> str:
    """What is wrong with a text that is to show an instant as wall time in `zone`; empty when nothing is."""
    # Year, month, day, hour and minute, in the order in which the project's language has them.
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if len(numbers) < len(("year", "month", "day", "hour", "minute")):
        return f"as {text!r}"
    year, month, day, hour, minute = numbers[:5]
    shown = on_the_wall(datetime(year, month, day, hour, minute), zone)  # noqa: DTZ001 - wall time
    return how_far_off(shown, instant) if abs(shown - instant) > SLACK + MINUTE else ""
