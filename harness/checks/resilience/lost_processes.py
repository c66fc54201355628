"""A pool process, or a whole worker, is killed in a task: with early and late acknowledgement."""

from collections.abc import Mapping, Sequence

import psutil

from harness.checks.resilience.scene import Facts, Scene, live_through, seen_within
from harness.nodes.agent import Agent
from harness.nodes.crew import Crew
from harness.proc.children import Child
from harness.proc.wait import Deadline, wait_until

# The tasks by what is acknowledged when: before the task, after it, after it and put back if it was lost.
KINDS: Mapping[str, str] = {"early": "note", "late": "note_late", "late-reject": "note_again"}
WORK = 4.0  # seconds of work, in which the process is killed
SETTLE = 20.0  # seconds in which a worker replaces a lost process, and says what became of its task
VISIBILITY = 5  # seconds after which Redis may give a message to another worker
# A worker looks for such messages when it begins, and then every hundred seconds.
REDELIVERED = 35.0
_ENDED = ("SUCCESS", "FAILURE")


def lose_children(scene: Scene) -> dict[str, Facts]:
    """Kill the one pool process in a task of each kind, one after the other."""
    with scene.crew("child-killed") as crew:
        crew.start_redis()
        worker = crew.started("worker", timeout=scene.timeout)
        agent = crew.start_agent(timeout=scene.timeout)
        return {"child-killed": {kind: _lose_child(crew, worker, agent, scene, kind) for kind in KINDS}}


def _lose_child(crew: Crew, worker: Child, agent: Agent, scene: Scene, kind: str) -> Facts:
    (id_,) = _send(agent, scene, KINDS[kind], [kind])
    _wait_in_hand(crew, scene, [kind])
    for process in psutil.Process(worker.pid).children():
        if process.pid == crew.notes(kind)[0].pid:
            process.kill()
    _wait_for_work(crew, agent, scene, f"{kind}-after")
    seen_within(
        SETTLE,
        lambda: _status(agent, scene, id_) in _ENDED and _at_rest(crew, kind),
        "what became of it to be known",
    )
    return _fate(crew, agent, scene, kind, id_)


def lose_worker(scene: Scene) -> dict[str, Facts]:
    """Kill a worker with all its processes in a task of each kind, and start another."""
    tokens = list(KINDS)
    with scene.crew("worker-killed", IZONE_VISIBILITY_TIMEOUT=str(VISIBILITY)) as crew:
        crew.start_redis()
        worker = crew.started("worker", "--concurrency", str(len(KINDS)), timeout=scene.timeout)
        agent = crew.start_agent(timeout=scene.timeout)
        ids = {token: _send(agent, scene, KINDS[token], [token])[0] for token in tokens}
        _wait_in_hand(crew, scene, tokens)
        worker.kill()
        live_through(VISIBILITY + 1)
        crew.started("worker", "--concurrency", str(len(KINDS)), timeout=scene.timeout)
        _wait_for_work(crew, agent, scene, "after")
        late = [kind for kind in KINDS if kind != "early"]
        seen_within(
            REDELIVERED,
            lambda: all(
                len(crew.times("began", each)) > 1
                and _at_rest(crew, each)
                # Its end is told by the task; its result is stored after that.
                and _status(agent, scene, ids[each]) in _ENDED
                for each in late
            ),
            "what had not been acknowledged to run again",
        )
        fates = {token: _fate(crew, agent, scene, token, ids[token]) for token in tokens}
        return {"worker-killed": {"visibility_timeout": VISIBILITY, **fates}}


def _send(agent: Agent, scene: Scene, task: str, tokens: Sequence[str]) -> list[str]:
    ids: list[str] = agent.ask("send_notes", timeout=scene.timeout, task=task, tokens=tokens, seconds=WORK)
    return ids


def _wait_in_hand(crew: Crew, scene: Scene, tokens: Sequence[str]) -> None:
    wait_until(
        lambda: all(crew.times("began", token) for token in tokens),
        deadline=Deadline(scene.timeout),
        what="the tasks to be in hand",
    )


def _wait_for_work(crew: Crew, agent: Agent, scene: Scene, token: str) -> None:
    """The worker works: a task that is sent now has run, or cannot within the deadline of a check."""
    agent.ask("send_notes", timeout=scene.timeout, task="note", tokens=[token])
    wait_until(
        lambda: crew.times("ended", token), deadline=Deadline(scene.timeout), what="the worker to work again"
    )


def _at_rest(crew: Crew, token: str) -> bool:
    """Whether its last run has ended; a run whose process was killed never does."""
    began, ended = crew.times("began", token), crew.times("ended", token)
    return len(began) == 1 or (len(ended) > 0 and ended[-1] > began[-1])


def _status(agent: Agent, scene: Scene, id_: str) -> str:
    return str(agent.ask("state", timeout=scene.timeout, id=id_))


def _fate(crew: Crew, agent: Agent, scene: Scene, token: str, id_: str) -> Facts:
    """How often it began and ended, and what its result row says."""
    return {
        "began": len(crew.times("began", token)),
        "ended": len(crew.times("ended", token)),
        "status": _status(agent, scene, id_),
    }
