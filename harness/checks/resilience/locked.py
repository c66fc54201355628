"""The database of results is locked, by somebody else, when a task ends."""

import contextlib
import sqlite3

from harness.checks.resilience.scene import Facts, Scene, life, live_through, seen_within
from harness.proc.wait import Deadline, wait_until

# How long it is locked, by how long the project waits for a lock: the sample project's, and Django's own.
LOCKED = {30: 5.0, 5: 8.0}
SETTLE = 15.0


def lock_database(patience: int, scene: Scene) -> dict[str, Facts]:
    """Lock the file while a task is in hand, until well after it has ended."""
    name = f"locked-{patience}"
    with scene.crew(name, IZONE_DATABASE_TIMEOUT=str(patience)) as crew:
        crew.start_redis()
        worker = crew.started("worker", timeout=scene.timeout)
        agent = crew.start_agent(timeout=scene.timeout)
        ids = agent.ask("send_notes", timeout=scene.timeout, task="note", tokens=["locked"], seconds=1)
        wait_until(
            lambda: crew.times("began", "locked"), deadline=Deadline(scene.timeout), what="the task to begin"
        )
        file = sqlite3.connect(crew.database.name, isolation_level=None, timeout=SETTLE)
        with contextlib.closing(file) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            live_through(LOCKED[patience])
            lock.execute("ROLLBACK")
        ids += agent.ask("send_notes", timeout=scene.timeout, task="note", tokens=["after"])
        works = seen_within(SETTLE, lambda: crew.times("ended", "after"), "the worker to work")

        def statuses() -> list[str]:
            return [agent.ask("state", timeout=scene.timeout, id=id_) for id_ in ids]

        seen_within(5.0, lambda: set(statuses()) == {"SUCCESS"}, "the results")
        locked, after = statuses()
        return {
            name: {
                "locked": LOCKED[patience],
                "patience": patience,
                "status": locked,
                "runs": len(crew.times("began", "locked")),
                "worker": life(worker),
                "works_again": bool(works),
                "status_after": after,
            }
        }
