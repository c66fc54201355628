"""The agent: one Django process inside the cell's environment that does what the harness asks.

Requests and replies are JSON lines on its stdin and stdout; `sample_project/agent` is the other end.
"""

import contextlib
import json
import os
import select
import selectors
from collections.abc import Mapping
from typing import Any

from harness.proc.children import Child
from harness.proc.wait import Deadline, DeadlineExceeded


class AgentError(Exception):
    """The agent answered with an error. `str()` ends with the decisive line; `trace` is its traceback."""

    def __init__(self, operation: str, error: Mapping[str, str]) -> None:
        super().__init__(f"{operation}: {error['type']}: {error['message']}")
        self.type = error["type"]
        self.trace = error["traceback"]


class AgentGone(Exception):
    """The agent ended; its log says why."""


class Agent:
    """Asks one question at a time."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self._asked = 0
        self._buffer = b""
        self._selector = selectors.DefaultSelector()
        os.set_blocking(child.stdout.fileno(), False)
        self._selector.register(child.stdout, selectors.EVENT_READ)

    def ask(self, operation: str, *, timeout: float, **arguments: object) -> Any:  # noqa: ANN401 - JSON
        """The agent's answer to `operation`.

        Raises:
            AgentError: the operation raised.
            AgentGone: the agent has ended.
            DeadlineExceeded: no answer within `timeout` seconds.
        """
        self._asked += 1
        deadline = Deadline(timeout)
        request = {"id": self._asked, "operation": operation, "arguments": arguments}
        try:
            self._write(json.dumps(request).encode() + b"\n", deadline, operation)
        except (BrokenPipeError, ValueError):
            raise AgentGone("the agent has ended") from None
        reply = self._reply(deadline, operation)
        if "error" in reply:
            raise AgentError(operation, reply["error"])
        return reply["result"]

    def close(self) -> None:
        """Let it end, at once."""
        self._selector.close()
        self.child.kill()

    def _write(self, line: bytes, deadline: Deadline, operation: str) -> None:
        pipe = self.child.stdin.fileno()
        os.set_blocking(pipe, False)
        while line:
            if not select.select([], [pipe], [], deadline.left)[1]:
                raise DeadlineExceeded(f"the agent to read {operation}", deadline.seconds)
            line = line[os.write(pipe, line) :]

    def _reply(self, deadline: Deadline, operation: str) -> dict[str, Any]:
        while True:
            line = self._line(deadline, operation)
            # An answer that came after its question had been given up is passed over; so is what is none.
            with contextlib.suppress(ValueError):
                reply = json.loads(line)
                if isinstance(reply, dict) and reply.get("id") == self._asked:
                    return reply

    def _line(self, deadline: Deadline, operation: str) -> bytes:
        while b"\n" not in self._buffer:
            if not self._selector.select(deadline.left):
                raise DeadlineExceeded(f"the agent's answer to {operation}", deadline.seconds)
            chunk = os.read(self.child.stdout.fileno(), 65536)
            if not chunk:
                raise AgentGone("the agent has ended")
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line
