"""The shutdown experiment: TERM with work in hand, then a look for what is left."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.checks.live import LiveCell
from harness.nodes.process import ProcessContainer
from harness.proc.sweep import descendants, marked
from harness.proc.wait import Deadline, DeadlineExceeded

WORK = 0.7  # seconds of the task that is in hand


@dataclass(frozen=True, kw_only=True)
class ShutdownExperiment:
    """Exit codes (None: it had to be killed), the task's state, and the command lines left."""

    worker_exit: int | None
    beat_exit: int | None
    state: str
    left: tuple[str, ...]

    def data(self) -> Mapping[str, Any]:
        """The observation."""
        return {
            "worker_exit": self.worker_exit,
            "beat_exit": self.beat_exit,
            "task_in_hand": self.state,
            "left": list(self.left),
        }


def run_shutdown_experiment(cell: LiveCell) -> ShutdownExperiment:
    """Stop the worker in the middle of a task, and beat. Nothing can be checked live after this."""
    cell.assert_alive()
    # Whatever beat did before, nothing stands in the queue before the slow task.
    cell.ask("silence")
    id_ = cell.ask("delay", task="slow_task", args=[WORK])
    cell.wait(lambda: id_ in cell.ask("active", seconds=2), "the worker to have the slow task in hand")
    cell.worker.child.signal(signal.SIGTERM)
    cell.let_beat_sleep()
    cell.beat.child.signal(signal.SIGTERM)
    worker_exit, beat_exit = (_ended(each, cell.shutdown_timeout) for each in (cell.worker, cell.beat))
    known = {cell.agent.child.pid, cell.broker.child.pid}
    left = {process.pid: process for process in (*marked(cell.marker.covers), *descendants())}
    commands = [" ".join(process.cmdline()) for pid, process in left.items() if pid not in known]
    return ShutdownExperiment(
        worker_exit=worker_exit,
        beat_exit=beat_exit,
        state=cell.ask("state", id=id_),
        left=tuple(filter(None, commands)),
    )


def _ended(container: ProcessContainer, grace: float) -> int | None:
    try:
        return container.child.wait(Deadline(grace))
    except DeadlineExceeded:
        container.child.kill()
        return None
