"""What people may expect of killed workers, of long tasks, of many, and of a locked database. Pure."""

from collections.abc import Callable

from harness.contract.promise import Facts, Promise
from harness.contract.span import NotObserved

_LOOKS = 3.0  # seconds within which a worker that is ready has surely looked for what is late
_ACKNOWLEDGED = "https://docs.celeryq.dev/en/stable/userguide/configuration.html#task-reject-on-worker-lost"
_CAVEATS_OF_REDIS = (
    "https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html#caveats"
)


def _marked_failed(kind: str) -> Callable[[Facts], str]:
    def rule(facts: Facts) -> str:
        each = facts[kind]
        if each["began"] == 1 and each["status"] == "FAILURE":
            return ""
        return _ran(each)

    return rule


def _ran_again(kind: str) -> Callable[[Facts], str]:
    def rule(facts: Facts) -> str:
        each = facts[kind]
        if each["began"] > 1 and each["ended"] >= 1 and each["status"] == "SUCCESS":
            return ""
        return _ran(each)

    return rule


def _ran(each: Facts) -> str:
    times = "once" if each["began"] == 1 else f"{each['began']} times"
    return f"it began {times}, ended {each['ended']} times, and its status is {each['status']}"


def _all_right(facts: Facts) -> str:
    told = [
        f"{facts['lost']} of {facts['sent']} are lost" if facts["lost"] else "",
        f"{facts['twice']} ran twice" if facts["twice"] else "",
        f"{facts['right']} of {facts['sent']} results are right" if facts["right"] != facts["sent"] else "",
    ]
    return ", ".join(filter(None, told))


def _children(facts: Facts) -> str:
    least = -(-facts["sent"] // 100)
    return "" if facts["children"] >= least else f"there were {facts['children']}, not {least}"


def _never_lost(facts: Facts) -> str:
    return ", ".join(f"the {each} task did not end" for each in ("long", "eta") if not facts[f"{each}_ended"])


def _once(facts: Facts) -> str:
    if facts["watched"] < _LOOKS:
        raise NotObserved("the second worker was ready too late to look for anything")
    return ", ".join(
        f"the {each} task ran {facts[each]} times" for each in ("long", "eta") if facts[each] > 1
    )


def _stored(facts: Facts) -> str:
    if facts["status"] == "SUCCESS":
        return ""
    return f"the result is lost, its status is {facts['status']}, and the worker {facts['worker']}"


def _works_again(facts: Facts) -> str:
    if facts["works_again"] and facts["status_after"] == "SUCCESS":
        return ""
    return f"the worker {facts['worker']}, and the next task's status is {facts['status_after']}"


OF_PROCESSES = (
    Promise(
        id="child-killed-early",
        reads="child-killed",
        sentence="a task whose pool process is killed is marked as failed, and not run again",
        caveat="a task whose pool process is killed is not marked as failed",
        judge=_marked_failed("early"),
        link=_ACKNOWLEDGED,
    ),
    Promise(
        id="child-killed-late",
        reads="child-killed",
        sentence="with acks_late alone a task whose pool process is killed is marked as failed, too",
        caveat="with acks_late alone a task whose pool process is killed is not just marked as failed",
        judge=_marked_failed("late"),
        link=_ACKNOWLEDGED,
    ),
    Promise(
        id="child-killed-reject",
        reads="child-killed",
        sentence="with acks_late and reject_on_worker_lost it is run again, and has the second run's result",
        caveat="with acks_late and reject_on_worker_lost what a killed pool process had is not run again",
        judge=_ran_again("late-reject"),
        link=_ACKNOWLEDGED,
    ),
    Promise(
        id="worker-killed-late",
        reads="worker-killed",
        sentence="with acks_late a task whose worker is killed is run again after the visibility timeout",
        caveat="with acks_late a task whose worker is killed is not run again after the visibility timeout",
        judge=_ran_again("late"),
        link=_CAVEATS_OF_REDIS,
    ),
    Promise(
        id="worker-killed-reject",
        reads="worker-killed",
        sentence="with reject_on_worker_lost as well it is run again after the visibility timeout",
        caveat="with reject_on_worker_lost a task whose worker is killed is not run again",
        judge=_ran_again("late-reject"),
        link=_CAVEATS_OF_REDIS,
    ),
    Promise(
        id="visibility-ended",
        reads="visibility",
        sentence="what takes longer than the visibility timeout ends all the same",
        caveat="what takes longer than the visibility timeout does not end",
        judge=_never_lost,
    ),
    Promise(
        id="visibility-once",
        reads="visibility",
        sentence="what takes longer than the visibility timeout, or has a later ETA, runs once",
        caveat="with acks_late or a late ETA a task runs twice once the visibility timeout has passed",
        judge=_once,
        link="https://github.com/celery/kombu/issues/337",
    ),
    Promise(
        id="250-tasks",
        reads="250-tasks",
        sentence="of 250 tasks, with 100 for each pool process, none is lost and none runs twice",
        caveat="of 250 tasks, with 100 for each pool process, not all are right",
        judge=_all_right,
    ),
    Promise(
        id="250-tasks-children",
        reads="250-tasks",
        sentence="250 tasks with 100 for each pool process take three of them",
        caveat="a pool process goes on beyond worker_max_tasks_per_child",
        judge=_children,
    ),
    Promise(
        id="1000-tasks",
        reads="1000-tasks",
        sentence="of 1,000 tasks at once none is lost, none runs twice, and all results are right",
        caveat="of 1,000 tasks at once not all are right",
        judge=_all_right,
    ),
)

OF_DATABASES = tuple(
    Promise(
        id=f"{part}-{reads}",
        reads=reads,
        sentence=f"{told}: {sentence}",
        caveat=f"{caveat} when {told}",
        judge=rule,
        link="https://docs.djangoproject.com/en/stable/ref/databases/#database-is-locked-errors",
    )
    for reads, told in (
        ("locked-30", "SQLite is locked for 5 s and the project waits for 30 s"),
        ("locked-5", "SQLite is locked for 8 s and the project waits for Django's 5 s"),
    )
    for part, sentence, caveat, rule in (
        ("stored", "the result is stored later", "a result is lost", _stored),
        ("works", "the worker works again", "the worker does not work again", _works_again),
    )
)
