"""What people may expect of a killed beat, of two, of its pidfile, and when the clock is set. Pure."""

from collections.abc import Callable

from harness.contract.promise import Facts, Promise
from harness.contract.span import NotObserved

_CLOCK = "https://github.com/celery/celery/issues/6742"
_TICKED = 3  # ticks of which one surely began, and sent what was due, since the clock was set


def _sent_again(facts: Facts) -> str:
    again = facts["hourly_sent_again"]
    return f"{again} of {facts['hourly']} hourly tasks were sent again at once" if again else ""


def _two_beats(facts: Facts) -> str:
    if facts["second"] != "lives":
        return ""
    return f"the second sends as well: {facts['second_sent']} beside {facts['first_sent_meanwhile']}"


def _starts(facts: Facts) -> str:
    each = facts["of_the_dead"]
    return "" if each["starts"] else f"it does not start: {each['said']}"


def _refuses(facts: Facts) -> str:
    return "it starts all the same" if facts["of_another"]["starts"] else ""


def _no_burst(facts: Facts) -> str:
    sent, seconds = facts["forward"]["sent"], facts["seconds"]
    if not sent:
        return _goes_on("forward")(facts)
    return f"it was sent {sent} times within {seconds:g} s" if sent > 2 * seconds else ""


def _goes_on(part: str) -> Callable[[Facts], str]:
    def rule(facts: Facts) -> str:
        if facts[part]["sent"]:
            return ""
        if facts[part]["beat"] == "lives" and facts[part]["wakes"] < _TICKED:
            raise NotObserved("beat hardly ticked")
        return f"beat {facts[part]['beat']} and sent nothing within {facts['seconds']:g} s"

    return rule


OF_BEATS = (
    Promise(
        id="beat-killed-once",
        reads="beat-killed",
        sentence="beat, killed and started again, does not send again what it has sent already",
        caveat="beat, killed and started again, sends again what it had sent since it last saved",
        judge=_sent_again,
        link="https://github.com/celery/celery/pull/1876",
    ),
    Promise(
        id="two-beats",
        reads="two-beats",
        sentence="a second beat in the same folder does not start",
        caveat="a second beat starts beside the first, and everything is sent twice",
        judge=_two_beats,
        link="https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html",
    ),
    Promise(
        id="pidfile-stale",
        reads="pidfile",
        sentence="beat starts although its pidfile names a process that is no more",
        caveat="beat does not start while its pidfile names a process that is no more",
        judge=_starts,
    ),
    Promise(
        id="pidfile-held",
        reads="pidfile",
        sentence="beat does not start while its pidfile names a process that lives",
        caveat="beat starts although its pidfile names a process that lives",
        judge=_refuses,
        link="https://github.com/celery/celery/issues/1855",
    ),
    Promise(
        id="clock-forward",
        reads="clock",
        sentence="an interval of a second goes on when the clock is set an hour forward, without a burst",
        caveat="an interval does not just go on when the clock is set forward",
        judge=_no_burst,
    ),
    Promise(
        id="clock-back",
        reads="clock",
        sentence="an interval of a second goes on when the clock is set an hour back",
        caveat="beat sends nothing for an hour when the clock is set an hour back",
        judge=_goes_on("back"),
        link=_CLOCK,
    ),
    Promise(
        id="clock-back-restart",
        reads="clock",
        sentence="an interval of a second goes on at the latest when beat is started again after that",
        caveat="beat sends nothing after the clock was set back, even when it is started again",
        judge=_goes_on("restarted"),
        link=_CLOCK,
    ),
)
