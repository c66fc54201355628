"""The worker is told to stop while it has tasks in hand that take longer than the article's stopwaitsecs."""

import time
from collections.abc import Mapping

from harness.checks.resilience.scene import live_through, rounded, seen_within
from harness.checks.supervised.post import LEAVE, VISIBILITY, WORK, Facts, Post, Posts, alive, left_of
from harness.nodes.supervisor import BEAT, WORKER
from harness.nodes.supervisor_log import Stop

# The options of each way to stop that differ from the article's, by its name.
STOPS: Mapping[str, Mapping[str, str]] = {
    "stop": {},
    "stop-patient": {"stopwaitsecs": "10"},
    "stop-killasgroup": {"killasgroup": "true"},
    "stop-stopasgroup": {"stopwaitsecs": "10", "stopasgroup": "true"},
}
# The tasks by what is acknowledged when: before the task, and after it.
KINDS: Mapping[str, str] = {"early": "note", "late": "note_late"}
# A worker looks for what is late when it begins, and then every hundred seconds.
_REDELIVERED = 35.0
_ROUNDS = 5  # it is a matter of chance what a worker that has nothing to do is at


def stop_worker(name: str, posts: Posts) -> dict[str, Facts]:
    """`supervisorctl stop` with a task of each kind in hand, and `start` when Redis gives them away again."""
    with posts.post(name, **STOPS[name]) as post:
        ids = {kind: post.send(task, kind, WORK) for kind, task in KINDS.items()}
        post.wait_for("began", *KINDS)
        began = time.time()
        children = post.supervisor.process(WORKER).children(recursive=True)
        post.supervisor.control("stop", WORKER, timeout=post.timeout)
        at_once = len(alive(children))
        left = left_of(children, within=WORK + LEAVE)
        stop = _told(post.supervisor.last_stop(WORKER))
        live_through(max(0.0, began + VISIBILITY + 1 - time.time()))
        post.supervisor.control("start", WORKER, timeout=post.timeout)
        post.send("note", "after")
        post.wait_for("ended", "after")
        seen_within(_REDELIVERED, lambda: _settled(post, ids), "what was not acknowledged to run again")
        return {
            name: {
                "options": STOPS[name],
                **stop,
                "left_at_once": at_once,
                "left": left,
                **{kind: post.fate(kind, id_) for kind, id_ in ids.items()},
            }
        }


def stop_idle(posts: Posts) -> dict[str, Facts]:
    """`supervisorctl stop all` while nothing is in hand but what beat sends, and `start all`, in rounds."""
    with posts.post("stop-idle") as post:
        return {"stop-idle": {"rounds": [_stop_idle(post, f"idle-{number}") for number in range(_ROUNDS)]}}


def _stop_idle(post: Post, token: str) -> Facts:
    post.send("note", token)
    post.wait_for("ended", token)
    post.supervisor.control("stop", "all", timeout=post.timeout)
    seen = {name: _told(post.supervisor.last_stop(name)) for name in (WORKER, BEAT)}
    post.supervisor.control("start", "all", timeout=post.timeout)
    return seen


def _told(stop: Stop) -> Facts:
    return {"seconds": rounded(stop.seconds), "how": stop.how, "killed": stop.killed}


def _settled(post: Post, ids: Mapping[str, str]) -> bool:
    """Whether nobody has any of the tasks, or may have it yet."""
    messages = [*post.crew.queued(), *post.crew.unacknowledged()]
    return not any(id_ in message for message in messages for id_ in ids.values())
