"""The task experiment: everything a worker is asked to do, sent at once and awaited once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.checks.live import LiveCell, iso, wire
from harness.nodes.agent import AgentError
from harness.proc.wait import Deadline

AHEAD = 1.0  # seconds from sending to the instant a countdown or an ETA asks for
LATE = 5.0  # seconds after which a task has not run "at its instant", on a machine with much to do
AFTER_END = 2.0  # seconds from the worker's last word on a task to its result being readable
WAITING = 2.5  # seconds a task waits in the worker before it is revoked or run


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One thing sent: its task id, or how sending it failed; later its result."""

    id: str = ""
    is_group: bool = False
    due: float | None = None
    reply: Mapping[str, Any] | None = None
    error: AgentError | None = None


@dataclass(frozen=True, kw_only=True)
class TaskExperiment:
    """What came of it. `accepted` holds, by name, every instant at which a pool process took the task."""

    sent: Mapping[str, Sent]
    rows: Mapping[str, Mapping[str, Any]]
    accepted: Mapping[str, tuple[float, ...]]

    def value(self, name: str) -> Any:  # noqa: ANN401 - whatever the task returned
        """The result of one sent thing.

        Raises:
            AgentError: sending failed.
            AssertionError: there is no result; says what there is.
        """
        sent = self.sent[name]
        if sent.error is not None:
            raise sent.error
        assert sent.reply is not None, "its result was not asked for"  # noqa: S101
        if "value" in sent.reply:
            return sent.reply["value"]
        ran = "" if sent.is_group else f" ({'it was' if self.accepted[name] else 'it was never'} run)"
        raise AssertionError(f"no result: {sent.reply['error']}: {sent.reply['message']}{ran}")

    def row(self, name: str) -> Mapping[str, Any]:
        """The TaskResult row of one sent thing.

        Raises:
            AssertionError: there is none.
        """
        sent = self.sent[name]
        if sent.error is not None:
            raise sent.error
        assert sent.id in self.rows, "the task has no row among the results"  # noqa: S101
        return self.rows[sent.id]

    def data(self) -> dict[str, Any]:
        """The observation."""
        return {
            name: {
                "due": iso(sent.due) if sent.due is not None else None,
                "ran": [iso(instant) for instant in self.accepted[name]],
                "reply": sent.reply,
                "error": str(sent.error) if sent.error else None,
                "row": self.rows.get(sent.id),
            }
            for name, sent in self.sent.items()
        }


def run_task_experiment(cell: LiveCell) -> TaskExperiment:
    """Send, revoke, wait for every result, and prove that the worker has passed every instant."""
    sent = _send_everything(cell)
    deadline = Deadline(cell.check_timeout)
    awaited = {
        name: _await(cell, one, deadline) if name not in ("revoked", "expired") else one
        for name, one in sent.items()
    }
    cell.let_worker_pass(max(one.due for one in awaited.values() if one.due is not None) + AHEAD)
    ids = [one.id for one in awaited.values() if one.id]
    rows = cell.ask("result_rows", ids=ids)
    journal = cell.journal.read()
    accepted = {name: tuple(journal.accepted.get(one.id, ())) for name, one in awaited.items()}
    return TaskExperiment(sent=awaited, rows=rows, accepted=accepted)


def _send_everything(cell: LiveCell) -> dict[str, Sent]:
    now = cell.clock.now()
    sum_of: dict[str, Any] = {"task": "simple_task", "args": [1, 9]}
    sent = {
        "revoked": _send(cell, "apply_async", **sum_of, countdown=WAITING),
        "delay": _send(cell, "delay", **sum_of),
        "args": _send(cell, "apply_async", **sum_of),
        "kwargs": _send(cell, "apply_async", task="simple_task", kwargs={"x": 1, "y": 9}),
        "failing": _send(cell, "delay", task="failing_task", args=["as it should"]),
        "retrying": _send(cell, "delay", task="retrying_task"),
        "expired": _send(cell, "apply_async", **sum_of, expires=wire(now - 60)),
        "cached": _send(cell, "delay", task="cached_task", args=[1, 9]),
        "group": _send(cell, "send_canvas", kind="group", numbers=[1, 2, 3]),
        "chain": _send(cell, "send_canvas", kind="chain", numbers=[1, 2, 3]),
        "chord": _send(cell, "send_canvas", kind="chord", numbers=[1, 2, 3]),
    }
    if sent["revoked"].id:
        cell.ask("revoke", id=sent["revoked"].id)
    due = cell.clock.now() + AHEAD
    sent["countdown"] = _send(cell, "apply_async", **sum_of, countdown=AHEAD, due=due)
    due = cell.clock.now() + AHEAD
    sent["eta"] = _send(cell, "apply_async", **sum_of, eta=wire(due), due=due)
    sent["revoked"] = replace(sent["revoked"], due=now + WAITING)
    sent["group"] = replace(sent["group"], is_group=True)
    return sent


def _send(cell: LiveCell, operation: str, *, due: float | None = None, **arguments: Any) -> Sent:  # noqa: ANN401
    try:
        return Sent(id=cell.ask(operation, **arguments), due=due)
    except AgentError as error:
        return Sent(error=error, due=due)


def _await(cell: LiveCell, sent: Sent, deadline: Deadline) -> Sent:
    """Ask for the result: soon after the worker has logged the task's end, else at the common deadline.

    A group has no end of its own; everything sent before it does.
    """
    if sent.error is not None:
        return sent

    def ended() -> bool:
        late = sent.due is not None and cell.clock.now() > sent.due + LATE
        return sent.id in cell.journal.read().ended or late or deadline.passed

    if not sent.is_group:
        cell.wait(ended, "the worker to end a task")
    seconds = deadline.left if sent.is_group else AFTER_END
    timeout = seconds + cell.check_timeout
    reply = cell.agent.ask("result", timeout=timeout, id=sent.id, seconds=seconds)
    return replace(sent, reply=reply)
