"""What people may expect when a database server goes away, holds a table, or cuts who is idle. Pure."""

from harness.contract.promise import Facts, Promise
from harness.contract.span import NotObserved

_GONE = "the database server is away for 5 s"
_HELD = "the table of results is locked for 5 s"
_CUT = "the database server cuts who is idle"
_STORING = "https://github.com/celery/django-celery-results/issues/119"
_GONE_AWAY = "https://github.com/celery/django-celery-results/issues/58"
_UNRECOVERABLE = "https://github.com/celery/celery/issues/9239"
_BEAT = "https://github.com/celery/django-celery-beat/pull/157"


def _stored_when_gone(facts: Facts) -> str:
    if not facts["ended_meanwhile"]:
        raise NotObserved("the task did not end while the server was away")
    return _stored(facts)


def _stored(facts: Facts) -> str:
    if facts["status"] == "SUCCESS":
        return ""
    return f"the result is lost, its status is {facts['status']}, and the worker {facts['worker']}"


def _once(facts: Facts) -> str:
    return "" if facts["runs"] == 1 else f"it ran {facts['runs']} times"


def _worker_lives(facts: Facts) -> str:
    return "" if facts["worker"] == "lives" else f"the worker {facts['worker']}"


def _stores_again(facts: Facts) -> str:
    if facts["stores_again"] is not None:
        return ""
    helps = "one that is started again does" if facts["stores_when_restarted"] else "nor does a new one"
    return f"the worker {facts['worker']} and stores nothing; {helps}"


def _beat_sends(facts: Facts) -> str:
    return "" if facts["beat_sends"] is not None else f"beat {facts['beat']} and sends nothing"


def _beat_notices(facts: Facts) -> str:
    if facts["beat_notices"] is not None:
        return ""
    if not facts["notices_when_restarted"]:
        raise NotObserved("another beat does not send a task that is added either")
    return f"beat {facts['beat']} and does not take up a new task; one that is started again does"


def _works_again(facts: Facts) -> str:
    if facts["works_again"] and facts["status_after"] == "SUCCESS":
        return ""
    return f"the worker {facts['worker']}, and the next task's status is {facts['status_after']}"


def _cut(facts: Facts) -> None:
    if not facts["cut"]:
        raise NotObserved("the server did not cut a connection that was idle")


def _between(facts: Facts) -> str:
    _cut(facts)
    if facts["between"] == "SUCCESS":
        return ""
    return f"the next result is lost, its status is {facts['between']}, and the worker {facts['worker']}"


def _within(facts: Facts) -> str:
    _cut(facts)
    if facts["within"] == "SUCCESS":
        return ""
    return f"its status is {facts['within']}, and the worker {facts['worker']}"


def _stores_after(facts: Facts) -> str:
    _cut(facts)
    return "" if facts["stores_after"] else f"the worker {facts['worker']} and stores nothing"


def _idle_beat(facts: Facts) -> str:
    _cut(facts)
    return _beat_notices(facts)


OF_SERVERS = (
    Promise(
        id="stored-server-gone",
        reads="server-gone",
        sentence=f"{_GONE}: the result of a task that ends meanwhile is stored later",
        caveat=f"a result is lost when {_GONE}",
        judge=_stored_when_gone,
        link=_STORING,
    ),
    Promise(
        id="once-server-gone",
        reads="server-gone",
        sentence=f"{_GONE}: a task that ends meanwhile is run once",
        caveat=f"a task is not run once when {_GONE}",
        judge=_once,
    ),
    Promise(
        id="lives-server-gone",
        reads="server-gone",
        sentence=f"{_GONE}: the worker lives",
        caveat=f"the worker ends when {_GONE}",
        judge=_worker_lives,
        link=_UNRECOVERABLE,
    ),
    Promise(
        id="again-server-gone",
        reads="server-gone",
        sentence=f"{_GONE}: the worker stores results again without a restart",
        caveat=f"the worker does not store results again when {_GONE}",
        judge=_stores_again,
        link=_GONE_AWAY,
    ),
    Promise(
        id="beat-server-gone",
        reads="server-gone",
        sentence=f"{_GONE}: beat lives and sends again",
        caveat=f"beat does not send again when {_GONE}",
        judge=_beat_sends,
        link=_BEAT,
    ),
    Promise(
        id="changes-server-gone",
        reads="server-gone",
        sentence=f"{_GONE}: beat takes up what is added afterwards",
        caveat=f"beat does not notice changes any more when {_GONE}",
        judge=_beat_notices,
        link=_BEAT,
    ),
    Promise(
        id="stored-table-locked",
        reads="table-locked",
        sentence=f"{_HELD}: the result is stored later",
        caveat=f"a result is lost when {_HELD}",
        judge=_stored,
    ),
    Promise(
        id="works-table-locked",
        reads="table-locked",
        sentence=f"{_HELD}: the worker works again",
        caveat=f"the worker does not work again when {_HELD}",
        judge=_works_again,
    ),
    Promise(
        id="between-idle",
        reads="idle",
        sentence=f"{_CUT}: a worker without work for longer stores the next result",
        caveat=f"a worker without work for longer loses the next result when {_CUT}",
        judge=_between,
        link=_GONE_AWAY,
    ),
    Promise(
        id="within-idle",
        reads="idle",
        sentence=f"{_CUT}: the result of a task that asks the database and then works for longer is stored",
        caveat=f"the result of a task that asks the database and then works for longer is lost when {_CUT}",
        judge=_within,
        link=_GONE_AWAY,
    ),
    Promise(
        id="after-idle",
        reads="idle",
        sentence=f"{_CUT}: after such a task the worker stores results without a restart",
        caveat=f"after such a task the worker stores nothing when {_CUT}",
        judge=_stores_after,
        link=_GONE_AWAY,
    ),
    Promise(
        id="changes-idle",
        reads="idle",
        sentence=f"{_CUT}: a beat that has slept for longer takes up what is added",
        caveat=f"a beat that has slept for longer does not notice changes when {_CUT}",
        judge=_idle_beat,
        link=_BEAT,
    ),
)
