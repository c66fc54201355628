"""Messages sent on their own, without beat: when they run, and whether the worker knows their task.

Their observations have the shape of a span's without entries; `harness.contract` judges them with the others.
"""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from harness.checks.live import LiveCell, ProcessEnded, iso, wire
from harness.nodes.agent import AgentError
from harness.proc.logs import read_log

TASK = "record_call"
AHEAD = 1.5  # seconds from sending to the instant that is asked for; a busy machine sends for half a second
AFTER = 0.5  # seconds on to "it has not run"
ADDED = """from izone.celery import app


@app.task(name="{name}")
def added():
    return "added"
"""


def send_with_instants(cell: LiveCell) -> Mapping[str, Any]:
    """Messages with a countdown, and with ETAs as people write them, each some time ahead."""
    began = cell.clock.now()
    sent: dict[str, tuple[str, float]] = {}
    with noting_ends(cell) as ended:
        for how in ("countdown", "elsewhere", "naive"):
            due = cell.clock.now() + AHEAD
            with contextlib.suppress(AgentError):
                sent[how] = (_send(cell, how, due), due)
        cell.let_worker_pass(max([began, *(due for _, due in sent.values())]) + AFTER)
    held = cell.ask("held", seconds=cell.check_timeout)
    accepted = cell.journal.read().accepted
    return {
        **_observation(cell, began, ended),
        "messages": {
            how: {
                "meant": iso(due),
                "ran": iso(accepted[id_][0]) if id_ in accepted else None,
                "held": _held(held.get(id_)),
                "state": cell.ask("state", id=id_),
            }
            for how, (id_, due) in sent.items()
        },
    }


def add_a_task(cell: LiveCell) -> Mapping[str, Any]:
    """Add a task to the project's code, send it, start the worker again, and send it again."""
    began = cell.clock.now()
    states: dict[str, str] = {}
    name = f"{cell.additions.stem}.added"
    with noting_ends(cell) as ended:
        cell.additions.write_text(ADDED.format(name=name))
        states["before a restart"] = _state_of(cell, name)
        log = cell.worker.child.command.log
        size = len(read_log(log))
        cell.worker.child.stop(grace=cell.shutdown_timeout)
        cell.ask("purge")
        cell.worker.start()
        cell.wait(lambda: " ready." in read_log(log)[size:], "the worker to be ready again")
        states["after a restart"] = _state_of(cell, name)
    return {
        **_observation(cell, began, ended),
        "messages": {
            when: {"meant": None, "ran": None, "held": None, "state": state} for when, state in states.items()
        },
    }


@contextlib.contextmanager
def noting_ends(cell: LiveCell) -> Iterator[Mapping[str, str]]:
    """The end of beat or worker ends what goes on, and is noted in what is yielded."""
    ended = {"beat": "", "worker": ""}
    try:
        yield ended
    except ProcessEnded:
        for name, container in (("beat", cell.beat), ("worker", cell.worker)):
            if container.child.exit_code is not None:
                ended[name] = f"exited with code {container.child.exit_code}"


def _send(cell: LiveCell, how: str, due: float) -> str:
    if how == "countdown":
        return str(cell.ask("apply_async", task=TASK, countdown=AHEAD))
    return str(cell.ask("send_eta", task=TASK, instant=wire(due), how=how))


def _state_of(cell: LiveCell, name: str) -> str:
    """The state in which the worker leaves a task that is sent by its name."""
    id_ = cell.ask("send_by_name", name=name)
    cell.let_worker_pass(cell.clock.now())
    return str(cell.ask("state", id=id_))


def _held(text: str | None) -> str | None:
    """An ETA as Celery tells it; a naive one is in UTC."""
    if text is None:
        return None
    instant = datetime.fromisoformat(text)
    return iso((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp())


def _observation(cell: LiveCell, began: float, ended: Mapping[str, str]) -> dict[str, Any]:
    return {
        "began": iso(began),
        "settings": cell.settings,
        "database": cell.database,
        "ended": ended,
        "complaints": [],
    }
