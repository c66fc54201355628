"""Beat and the worker are killed, one after the other, and then all is shut down."""

import time

from harness.checks.resilience.scene import rounded, seen_within
from harness.checks.supervised.post import LEAVE, WORK, Facts, Post, Posts, left_of
from harness.nodes.supervisor import BEAT, WORKER

RESTART = 20.0  # seconds in which whoever starts again what has ended has done so


def kill_both(posts: Posts) -> dict[str, Facts]:
    """By the configuration as it is: beat, then the worker in a task, then `supervisorctl shutdown`."""
    with posts.post("article") as post:
        running = {name: _took(post, name) for name in (WORKER, BEAT)}
        return {
            "boot": {"running_after": running, "silent": post.silent()},
            # Beat first: what it sends is seen by the worker that runs it.
            "beat-killed": _kill_beat(post),
            "worker-killed": _kill_worker(post),
            "shutdown": _shut_down(post),
        }


def _kill_worker(post: Post) -> Facts:
    id_ = post.send("note", "in-hand", WORK)
    post.wait_for("began", "in-hand")
    worker = post.supervisor.process(WORKER)
    children = worker.children(recursive=True)
    before = len(post.supervisor.events(WORKER))
    worker.kill()
    killed = time.time()
    restart = _restart(post, WORKER, before)
    post.send("note", "after")
    works = seen_within(post.timeout, lambda: post.crew.times("ended", "after"), "the worker to work again")
    left = left_of(children, within=max(0.0, killed + WORK + LEAVE - time.time()))
    return {
        **restart,
        "ended_again": _ended_again(post, WORKER, before),
        "works_after": rounded(works[0] - killed) if works else None,
        "children": len(children),
        "left": left,
        "in_hand": post.fate("in-hand", id_),
    }


def _kill_beat(post: Post) -> Facts:
    before = len(post.supervisor.events(BEAT))
    post.supervisor.process(BEAT).kill()
    killed = time.time()
    restart = _restart(post, BEAT, before)
    # What it had sent before it was killed has long run by then.
    tick = post.first_tick(time.time())
    return {
        **restart,
        "ended_again": _ended_again(post, BEAT, before),
        "sends_after": rounded(tick - killed) if tick else None,
    }


def _shut_down(post: Post) -> Facts:
    processes = post.supervisor.processes()
    seconds, code = post.supervisor.shut_down(timeout=post.timeout)
    return {
        "seconds": rounded(seconds),
        "code": code,
        "processes": len(processes),
        "left": left_of(processes, within=LEAVE),
    }


def _restart(post: Post, name: str, before: int) -> Facts:
    """Seconds from its end, as supervisord has seen it, to the next start, and until it was RUNNING again."""

    def after(what: str) -> float | None:
        new = post.supervisor.events(name)[before:]
        began = [event.instant for event in new if event.what == what]
        return began[0] - new[0].instant if began else None

    spawned = seen_within(
        RESTART, lambda: (after("spawned"),) if after("spawned") is not None else None, name
    )
    running = seen_within(RESTART, lambda: after("running"), name) if spawned else None
    return {"spawned_after": rounded(spawned[0]) if spawned else None, "running_after": rounded(running)}


def _ended_again(post: Post, name: str, before: int) -> int:
    """How often it has ended since it was started again: also one that is RUNNING may end at once."""
    ends = [event for event in post.supervisor.events(name)[before:] if event.what == "exited"]
    return max(0, len(ends) - 1)


def _took(post: Post, name: str) -> float | None:
    spawned, *_, running = post.supervisor.events(name)
    return rounded(running.instant - spawned.instant)
