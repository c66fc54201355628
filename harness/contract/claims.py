"""What the article says, each claim with its sentence: found so, not so, or not observed.

A claim has the shape of an invariant and no part in a verdict: one that is not so is no fault of a version.
"""

from collections.abc import Callable

from harness.contract import results
from harness.contract.agenda import SHOWN
from harness.contract.invariant import Invariant
from harness.contract.span import NotObserved, Span
from harness.contract.wall import MINUTE, due_instants, offset_at

ARTICLE = "../sample_project/README.md"


def _utc_entry(span: Span) -> str:
    """The entry says 10:00; the claim makes that 10:00 in UTC."""
    if span.settings.get("CELERY_ENABLE_UTC") is not False:
        raise NotObserved("CELERY_ENABLE_UTC is not False")
    entry = span.entry(SHOWN)
    if not offset_at(span.began, entry.zone):
        raise NotObserved("TIME_ZONE is UTC")
    if not span.misfire(SHOWN):
        return "fired at the time that was entered"
    return span.misfire_of(SHOWN, due_instants(entry.fields, "UTC", span.began + MINUTE, span.over))


def _unaware_on_mysql(span: Span) -> str:
    """So when an aware beat ends, or does not keep time."""
    if span.database != "mariadb":
        raise NotObserved(f"the database is {span.database or 'another one'}")
    if span.settings.get("DJANGO_CELERY_BEAT_TZ_AWARE") is not True:
        raise NotObserved("DJANGO_CELERY_BEAT_TZ_AWARE is False")
    if span.ended_early or span.misfire(SHOWN):
        return ""
    return "it may be True: beat lived, and kept time"


def _results_shown_off(span: Span) -> str:
    return _shown_off(span, results.shown_results)


def _last_run_shown_off(span: Span) -> str:
    return _shown_off(span, results.shown_last_run)


def _shown_off(span: Span, rule: Callable[[Span], str]) -> str:
    """In UTC nothing can be off; elsewhere what is off is what violates the invariant of the same page."""
    if not offset_at(span.began, span.zone):
        raise NotObserved("TIME_ZONE is UTC")
    return "" if rule(span) else "it shows them in local time"


def _added_in_the_admin(span: Span) -> str:
    span.entry(SHOWN)
    return "" if any(span.sends.values()) else "nothing that was added was sent"


def _added_in_the_code(span: Span) -> str:
    states = {when: message.state for when, message in span.messages.items()}
    if not {"before a restart", "after a restart"} <= set(states):
        raise NotObserved("no task was added")
    if states["after a restart"] != "SUCCESS":
        return f"after a restart it is {states['after a restart']} all the same"
    return "it ran without a restart" if states["before a restart"] == "SUCCESS" else ""


CLAIMS = (
    Invariant(
        id="utc-entry",
        sentence="with CELERY_ENABLE_UTC False a task meant for 16:00 in Shanghai must be entered as 8:00",
        source=ARTICLE,
        reads="day",
        rule=_utc_entry,
    ),
    Invariant(
        id="unaware-on-mysql",
        sentence="with MySQL, DJANGO_CELERY_BEAT_TZ_AWARE must be False",
        source=ARTICLE,
        reads="*",
        rule=_unaware_on_mysql,
        of_ends=True,
    ),
    Invariant(
        id="results-shown-off",
        sentence="the admin shows a result's times eight hours off",
        source=ARTICLE,
        reads="day",
        rule=_results_shown_off,
    ),
    Invariant(
        id="last-run-shown-off",
        sentence="the admin shows a periodic task's last run eight hours off",
        source=ARTICLE,
        reads="day",
        rule=_last_run_shown_off,
    ),
    Invariant(
        id="added-in-the-admin",
        sentence="a task added in the admin needs no restart",
        source=ARTICLE,
        reads="day",
        rule=_added_in_the_admin,
    ),
    Invariant(
        id="added-in-the-code",
        sentence="a task added in tasks.py needs a restart of the worker",
        source=ARTICLE,
        reads="additions",
        rule=_added_in_the_code,
    ),
)
