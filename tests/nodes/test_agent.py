"""The protocol, against a small agent that does what it is told. The real one is a Django process."""

import signal
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from harness.nodes.agent import Agent, AgentError, AgentGone
from harness.proc.wait import Deadline, DeadlineExceeded
from tests.proc.processes import PATIENCE, MakeCommand, Start

AGENT = """
    import json, os, signal, sys

    def reply(**reply):
        os.write(1, json.dumps(reply).encode() + b"\\n")

    late = []
    for line in sys.stdin:
        question = json.loads(line)
        number, operation, arguments = question["id"], question["operation"], question["arguments"]
        for one in late:
            reply(id=one, result="too late")
        late.clear()
        if operation == "echo":
            reply(id=number, result=arguments)
        elif operation == "fail":
            error = {"type": "ValueError", "message": "no such task", "traceback": "Traceback ..."}
            reply(id=number, error=error)
        elif operation == "dawdle":
            late.append(number)
        elif operation == "stutter":
            for byte in json.dumps({"id": number, "result": "é"}, ensure_ascii=False).encode() + b"\\n":
                os.write(1, bytes([byte]))
        elif operation == "say":
            os.write(1, arguments["text"].encode() + b"\\n")
            reply(id=number, result="said")
        elif operation == "leave half way":
            os.write(1, b'{"id"')
            sys.exit(1)
        elif operation == "leave":
            sys.exit(1)
        elif operation == "fall asleep":
            reply(id=number, result="good night")
            signal.pause()
"""


@pytest.fixture
def agent(python: MakeCommand, start: Start) -> Iterator[Agent]:
    """An agent that answers."""
    agent = Agent(start(replace(python(AGENT), talks=True)))
    yield agent
    agent.close()


def test_an_answer_is_what_was_asked_for(agent: Agent) -> None:
    assert agent.ask("echo", timeout=PATIENCE) == {}
    arguments = {"args": [1, "zwei", None], "kwargs": {"a": {"b": 0.5}}, "text": "naïve\n"}
    assert agent.ask("echo", timeout=PATIENCE, **arguments) == arguments


def test_answers_may_be_long(agent: Agent) -> None:
    text = "é" * 500_000
    assert agent.ask("echo", timeout=PATIENCE, text=text) == {"text": text}


def test_an_answer_may_come_in_pieces(agent: Agent) -> None:
    assert agent.ask("stutter", timeout=PATIENCE) == "é"


def test_an_error_says_what_the_agent_says(agent: Agent) -> None:
    with pytest.raises(AgentError, match=r"^fail: ValueError: no such task$") as caught:
        agent.ask("fail", timeout=PATIENCE)
    assert caught.value.type == "ValueError"
    assert caught.value.trace == "Traceback ..."
    assert agent.ask("echo", timeout=PATIENCE, still="there") == {"still": "there"}


def test_an_agent_that_leaves_is_gone(agent: Agent) -> None:
    with pytest.raises(AgentGone, match="the agent has ended"):
        agent.ask("leave", timeout=PATIENCE)
    for _ in range(2):
        with pytest.raises(AgentGone):
            agent.ask("echo", timeout=PATIENCE)


def test_an_agent_that_leaves_half_way_through_an_answer_is_gone(agent: Agent) -> None:
    with pytest.raises(AgentGone):
        agent.ask("leave half way", timeout=PATIENCE)


def test_an_agent_that_was_killed_is_gone(agent: Agent) -> None:
    agent.child.signal(signal.SIGKILL)
    agent.child.wait(Deadline(PATIENCE))
    with pytest.raises(AgentGone):
        agent.ask("echo", timeout=PATIENCE)


def test_an_agent_that_was_closed_is_gone(agent: Agent) -> None:
    agent.close()
    assert agent.child.exit_code == -signal.SIGKILL
    with pytest.raises(AgentGone):
        agent.ask("echo", timeout=PATIENCE)


def test_a_question_without_an_answer_is_given_up_at_its_deadline(agent: Agent) -> None:
    with pytest.raises(DeadlineExceeded, match=r"^the agent's answer to dawdle: not within 0\.05 s$"):
        agent.ask("dawdle", timeout=0.05)


def test_an_answer_that_comes_too_late_is_passed_over(agent: Agent) -> None:
    for _ in range(2):
        with pytest.raises(DeadlineExceeded):
            agent.ask("dawdle", timeout=0.05)
    assert agent.ask("echo", timeout=PATIENCE, the="right one") == {"the": "right one"}


def test_an_error_that_belongs_to_no_question_is_passed_over(agent: Agent) -> None:
    stray = '{"id": null, "error": {"type": "ValueError", "message": "?", "traceback": ""}}'
    assert agent.ask("say", timeout=PATIENCE, text=stray) == "said"


@pytest.mark.parametrize("text", ["import of settings says hello", "42", "[]", "{}", '{"id": '])
def test_a_line_that_is_no_reply_is_passed_over(agent: Agent, text: str) -> None:
    assert agent.ask("say", timeout=PATIENCE, text=text) == "said"
    assert agent.ask("echo", timeout=PATIENCE) == {}


@pytest.mark.live
def test_an_agent_that_does_not_read_is_given_up_at_the_deadline_too(agent: Agent) -> None:
    agent.ask("fall asleep", timeout=PATIENCE)
    outcome: list[Exception] = []

    def ask() -> None:
        try:
            agent.ask("echo", timeout=0.05, text="x" * 1_000_000)
        except Exception as error:  # noqa: BLE001 - looked at below
            outcome.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join(2)
    given_up = not asking.is_alive()
    agent.child.signal(signal.SIGKILL)
    asking.join(PATIENCE)
    assert given_up
    assert isinstance(outcome[0], DeadlineExceeded)
