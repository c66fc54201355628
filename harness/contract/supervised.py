"""What people may expect of a worker and a beat under supervisor. Pure.

The facts are those of `harness/checks/supervised`, by what was done.
"""

from collections.abc import Callable, Mapping

from harness.contract.promise import Facts, Promise
from harness.contract.span import NotObserved

# By the program of the article's supervisord.conf: the seconds for which it has to run before it is RUNNING.
STARTSECS: Mapping[str, float] = {"worker-killed": 3.0, "beat-killed": 2.0}
_OPTIONS = "https://supervisord.org/configuration.html#program-x-section-settings"
# Since this, pool processes end with their worker whatever ends it, and what they have in hand is lost.
_ORPHANS = "https://github.com/celery/celery/pull/6942"
# Who stops the worker by its group stops its pool processes in the middle of their tasks.
_BY_GROUP = "https://github.com/celery/celery/issues/6541"
# How the worker is stopped, by the name of what is done: supervisor's patience in seconds, the words, a link.
STOPS: Mapping[str, tuple[float, str, str]] = {
    "stop": (3.0, "stopwaitsecs=3 as in the article", _OPTIONS),
    "stop-patient": (10.0, "stopwaitsecs=10", _OPTIONS),
    "stop-killasgroup": (3.0, "stopwaitsecs=3 and killasgroup", _OPTIONS),
    "stop-stopasgroup": (10.0, "stopwaitsecs=10 and stopasgroup", _BY_GROUP),
}
# Seconds by which supervisor may kill late; on a machine that takes longer, too much of the task is done.
_LATE = 1.5
_WITHIN_A_TASK = "with a task of 5 s in hand"


def _silent(facts: Facts) -> str:
    return f"nothing of {' and '.join(facts['silent'])} is there" if facts["silent"] else ""


def _restarted(facts: Facts, startsecs: float) -> str:
    if facts["spawned_after"] is None:
        return "it is not"
    if facts["running_after"] is None or facts["ended_again"]:
        return "it is started and does not keep running"
    late = facts["spawned_after"] > startsecs
    return f"it is started after {facts['spawned_after']:g} s" if late else ""


def _left(facts: Facts) -> str:
    return f"{facts['left']} still run" if facts["left"] else ""


def _drained(facts: Facts) -> str:
    return f"it is killed after {facts['seconds']:g} s" if facts["killed"] else ""


def _idle(program: str) -> Callable[[Facts], str]:
    def rule(facts: Facts) -> str:
        rounds = [each[program] for each in facts["rounds"]]
        killed = sum(each["killed"] for each in rounds)
        told = f"{killed} of {len(rounds)} times it is killed"
        # It is a matter of some tenths of a second, on any machine: now so, now so is a rate and no verdict.
        if 0 < killed < len(rounds):
            raise NotObserved(told)
        return told if killed else ""

    return rule


def _goes_on(fact: str) -> Callable[[Facts], str]:
    return lambda facts: "they do not" if facts[fact] is None else ""


def _ended(kind: str) -> Callable[[Facts], str]:
    def rule(facts: Facts) -> str:
        each = facts[kind]
        if each["ended"] and each["status"] == "SUCCESS":
            return ""
        began, ended = _times(each["began"]), _times(each["ended"])
        return f"it began {began}, ended {ended}, and its status is {each['status']}"

    return rule


def _once(kind: str) -> Callable[[Facts], str]:
    return lambda facts: f"it began {_times(facts[kind]['began'])}" if facts[kind]["began"] > 1 else ""


def _in_time(patience: float, rule: Callable[[Facts], str]) -> Callable[[Facts], str]:
    """A rule that says nothing of a stop in which supervisor itself was late."""

    def judged(facts: Facts) -> str:
        if facts["killed"] and facts["seconds"] > patience + _LATE:
            raise NotObserved(
                f"supervisor was late on a busy machine: it killed after {facts['seconds']:g} s"
            )
        return rule(facts)

    return judged


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


_OF_KILLS = (
    Promise(
        id="logs",
        reads="boot",
        sentence="what worker and beat say is in the files that supervisord.conf names",
        caveat="under supervisor what worker and beat say is not in the files that supervisord.conf names",
        judge=_silent,
    ),
    Promise(
        id="worker-restarted",
        reads="worker-killed",
        sentence="a worker that is killed is started again within startsecs, and keeps running",
        caveat="under supervisor a worker that is killed is not started again within startsecs",
        judge=lambda facts: _restarted(facts, STARTSECS["worker-killed"]),
    ),
    Promise(
        id="worker-goes-on",
        reads="worker-killed",
        sentence="tasks go on when a killed worker has been started again",
        caveat="under supervisor tasks do not go on when the worker has been killed",
        judge=_goes_on("works_after"),
    ),
    Promise(
        id="worker-children",
        reads="worker-killed",
        sentence="no pool process of a killed worker remains once its task is over",
        caveat="under supervisor pool processes of a killed worker remain",
        judge=_left,
        link=_ORPHANS,
    ),
    Promise(
        id="worker-in-hand",
        reads="worker-killed",
        sentence="what a killed worker had in hand is done all the same",
        caveat="what a worker has in hand is lost when it is killed under supervisor",
        judge=_ended("in_hand"),
        link=_ORPHANS,
    ),
    Promise(
        id="beat-restarted",
        reads="beat-killed",
        sentence="a beat that is killed is started again within startsecs, and keeps running",
        caveat="under supervisor a beat that is killed is not started again within startsecs",
        judge=lambda facts: _restarted(facts, STARTSECS["beat-killed"]),
    ),
    Promise(
        id="beat-goes-on",
        reads="beat-killed",
        sentence="what beat sends goes on when it has been killed and started again",
        caveat="under supervisor nothing is sent any more when beat has been killed",
        judge=_goes_on("sends_after"),
    ),
    Promise(
        id="worker-idle",
        reads="stop-idle",
        sentence="a worker that has nothing in hand ends by itself within the article's 3 s",
        caveat="supervisor kills a worker that has nothing in hand: it does not end within 3 s",
        judge=_idle("celery.worker"),
    ),
    Promise(
        id="beat-idle",
        reads="stop-idle",
        sentence="beat ends by itself within the article's 2 s",
        caveat="supervisor kills beat: it does not end within 2 s",
        judge=_idle("celery.beat"),
    ),
    Promise(
        id="shutdown-left",
        reads="shutdown",
        sentence="nothing remains when supervisor is shut down",
        caveat="something remains when supervisor is shut down",
        judge=_left,
    ),
)

_OF_STOPS = tuple(
    Promise(
        id=f"{part}-{reads}",
        reads=reads,
        sentence=f"{told}: {sentence}",
        caveat=f"{caveat} when supervisor stops the worker, {told}",
        judge=_in_time(patience, rule),
        link=_ORPHANS if rule is _left else link,
    )
    for reads, (patience, told, link) in STOPS.items()
    for part, sentence, caveat, rule in (
        ("drains", f"a worker {_WITHIN_A_TASK} ends by itself", "it has to be killed", _drained),
        ("early-ended", "the task in hand is done", "a task in hand is lost", _ended("early")),
        ("late-ended", "with acks_late it is done", "with acks_late a task in hand is lost", _ended("late")),
        ("early-once", "the task in hand runs once", "a task in hand runs twice", _once("early")),
        (
            "late-once",
            "with acks_late it runs once",
            "with acks_late a task in hand runs twice",
            _once("late"),
        ),
        ("left", "no pool process remains", "pool processes remain", _left),
    )
)

PROMISES: tuple[Promise, ...] = (*_OF_KILLS, *_OF_STOPS)
