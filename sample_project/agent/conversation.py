"""The agent's protocol.

A question is `{"id": 1, "operation": "send", "arguments": {...}}`; its reply is `{"id": 1, "result": ...}`
or `{"id": 1, "error": {"type": ..., "message": ..., "traceback": ...}}`. Nothing a question holds ends
the agent: a line that is no question gets an error reply with the id null.
"""

import json
import traceback

from agent import screen  # noqa: F401 - its operation is registered
from agent.operations import OPERATIONS


def converse(questions, replies):
    """Answer every line of `questions` on `replies`."""
    for line in questions:
        if line.strip():
            replies.write(answer(line) + "\n")
            replies.flush()


def answer(line):
    """The reply to one line, as one line."""
    number = None
    try:
        question = json.loads(line)
        number = question["id"]
        operation = OPERATIONS.get(question["operation"])
        if operation is None:
            raise LookupError(
                "no operation %r; there are %s" % (question["operation"], ", ".join(sorted(OPERATIONS)))
            )
        reply = {"id": number, "result": operation(**question.get("arguments", {}))}
        return json.dumps(reply)
    except Exception as error:  # whatever a version of a package raises is what is to be seen
        return json.dumps({"id": number, "error": describe(error)})


def describe(error):
    """An exception as JSON."""
    return {
        "type": type(error).__name__,
        "message": str(error),
        "traceback": "".join(traceback.format_exception(type(error), error, error.__traceback__)),
    }
