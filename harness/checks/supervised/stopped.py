"""The worker is told to stop while it has tasks in hand that take longer than the article's stopwaitsecs."""

import time
from collections.abc import Mapping

from harness.checks.resilience.scene import live_through, rounded, seen_within
from harness.checks.supervised.post import LEAVE, VISIBILITY, WORK, Facts, Post, Posts, alive, left_of
from harness.nodes.supervisor import WORKER

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


def stop_worker(name: str, posts: Posts) -> dict[str, Facts]:
    """`supervisorctl stop` with a task of each kind in hand, and `start` when Redis gives them away again."""
    with posts.post(name, **STOPS[name]) as post:
        ids = {kind: post.send(task, kind, WORK) for kind, task in KINDS.items()}
        post.wait_for("began", *KINDS)
        began = time.time()
        children = post.supervisor.process(WORKER).children(recursive=True)
        seconds = post.supervisor.control("stop", WORKER, timeout=post.timeout)
        at_once = len(alive(children))
        left = left_of(children, within=WORK + LEAVE)
        ended = post.supervisor.events(WORKER)[-1]
        live_through(max(0.0, began + VISIBILITY + 1 - time.time()))
        post.supervisor.control("start", WORKER, timeout=post.timeout)
        post.send("note", "after")
        post.wait_for("ended", "after")
        seen_within(_REDELIVERED, lambda: _settled(post, ids), "what was not acknowledged to run again")
        return {
            name: {
                "options": STOPS[name],
                "seconds": rounded(seconds),
                "how": ended.said,
                "left_at_once": at_once,
                "left": left,
                **{kind: post.fate(kind, id_) for kind, id_ in ids.items()},
            }
        }


def _settled(post: Post, ids: Mapping[str, str]) -> bool:
    """Whether nobody has any of the tasks, or may have it yet."""
    messages = [*post.crew.queued(), *post.crew.unacknowledged()]
    return not any(id_ in message for message in messages for id_ in ids.values())
