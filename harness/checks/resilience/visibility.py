"""A task that takes longer than Redis keeps a message for its worker, and one with a later ETA."""

import time
from collections import Counter

from harness.checks.resilience.scene import Facts, Scene, live_through, rounded, seen_within
from harness.proc.wait import Deadline, wait_until

VISIBILITY = 4  # seconds
LONG = 25.0  # seconds of work, and until the ETA: a worker looks for old messages when it begins
REDELIVERED = 40.0
_TASKS = ("long", "eta")


def outlast_visibility(scene: Scene) -> dict[str, Facts]:
    """Have one worker hold both, and start a second: what is older than the timeout is given to it."""
    with scene.crew("visibility", IZONE_VISIBILITY_TIMEOUT=str(VISIBILITY)) as crew:
        crew.start_redis()
        crew.started("worker", "-n", "first@%h", "--concurrency", "2", timeout=scene.timeout)
        agent = crew.start_agent(timeout=scene.timeout)
        agent.ask("send_notes", timeout=scene.timeout, task="note_late", tokens=["long"], seconds=LONG)
        agent.ask("send_notes", timeout=scene.timeout, task="note", tokens=["eta"], countdown=LONG)
        wait_until(
            lambda: crew.times("began", "long") and len(crew.unacknowledged()) == len(_TASKS),
            deadline=Deadline(scene.timeout),
            what="both tasks to be in hand",
        )
        live_through(VISIBILITY + 1)
        crew.started("worker", "-n", "second@%h", "--concurrency", "2", timeout=scene.timeout)
        ready = time.time()

        def is_over() -> bool:
            """Whether all that began has ended."""
            notes = crew.notes()
            began = Counter(note.token for note in notes if note.what == "began")
            ended = Counter(note.token for note in notes if note.what == "ended")
            return began == ended and all(ended[token] for token in _TASKS)

        seen_within(
            REDELIVERED,
            lambda: (
                is_over()
                # Once more: a message may be on its way back into the queue, or have been given out.
                and not crew.queued()
                and not crew.unacknowledged()
                and not crew.queued()
                and is_over()
            ),
            "all that was given out to end",
        )
        ended = crew.times("ended", "long")
        return {
            "visibility": {
                "timeout": VISIBILITY,
                "seconds": LONG,
                # How long there was somebody to look for what is late, before it was done.
                "watched": rounded((ended[0] if ended else time.time()) - ready),
                **{token: len(crew.times("began", token)) for token in _TASKS},
                **{f"{token}_ended": len(crew.times("ended", token)) for token in _TASKS},
            }
        }
