"""Many tasks: 250 through children that end after 100 each, as in the article, and 1,000 at once."""

import psutil

from harness.checks.resilience.scene import Facts, Scene, seen_within
from harness.nodes.agent import Agent
from harness.nodes.crew import Crew

FEW, MANY = 250, 1000
WORKED_OFF = 120.0  # seconds for either, on a machine with much to do
_MIB = 2**20


def work_off(scene: Scene) -> dict[str, Facts]:
    """Both, one after the other, with one worker of one process at a time."""
    with scene.crew("load") as crew:
        crew.start_redis()
        worker = crew.started("worker", timeout=scene.timeout)
        agent = crew.start_agent(timeout=scene.timeout)
        few = _send(crew, agent, scene, "few", FEW)
        before = psutil.Process(worker.pid).memory_info().rss
        many = _send(crew, agent, scene, "many", MANY)
        grown = psutil.Process(worker.pid).memory_info().rss - before
        return {"250-tasks": few, "1000-tasks": {**many, "worker_grew_mib": round(grown / _MIB, 1)}}


def _send(crew: Crew, agent: Agent, scene: Scene, name: str, number: int) -> Facts:
    tokens = [f"{name}-{each}" for each in range(number)]
    ids = agent.ask("send_notes", timeout=WORKED_OFF, task="note", tokens=tokens)
    wanted = dict(zip(ids, tokens, strict=True))

    def worked_off() -> bool:
        ended = {note.token for note in crew.notes() if note.what == "ended"}
        return ended.issuperset(tokens)

    seen_within(WORKED_OFF, worked_off, "the worker to work them off")
    outcomes: dict[str, tuple[str, str]] = {}

    def stored() -> bool:
        # The last result is written after the task's own last word.
        outcomes.update(agent.ask("outcomes", timeout=scene.timeout, ids=ids))
        return len(outcomes) == number

    seen_within(5.0, stored, "the results to be stored")
    began = [note for note in crew.notes(*tokens) if note.what == "began"]
    ended = [note for note in crew.notes(*tokens) if note.what == "ended"]
    seconds = max(note.at for note in ended) - min(note.at for note in began) if ended else 0.0
    right = [id_ for id_, (status, result) in outcomes.items() if (status, result) == _right(wanted[id_])]
    return {
        "sent": number,
        "lost": number - len({note.token for note in began}),
        "twice": len(began) - len({note.token for note in began}),
        "right": len(right),
        "children": len({note.pid for note in began}),
        "a_second": round(number / seconds, 1) if seconds else None,
    }


def _right(token: str) -> tuple[str, str]:
    return ("SUCCESS", f'"{token}"')
