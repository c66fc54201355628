import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.cell.project import Project
from harness.nodes.agent import Agent, AgentError
from harness.proc.children import Child, Command
from harness.proc.marker import Marker
from harness.proc.wait import Deadline

pytestmark = pytest.mark.live


@pytest.fixture
def child(project: Project, marker: Marker) -> Iterator[Child]:
    child = Child(
        Command(
            argv=project.agent,
            env=project.variables,
            cwd=project.work,
            log=project.work / "agent.log",
            marker=marker,
            talks=True,
        )
    )
    yield child
    child.kill()


def say(child: Child, line: str) -> dict[str, Any]:
    child.stdin.write(line.encode() + b"\n")
    child.stdin.flush()
    reply: dict[str, Any] = json.loads(child.stdout.readline())
    return reply


def test_whatever_is_asked_the_agent_replies_and_lives(child: Child) -> None:
    for line, number, error in (
        ("{", None, "JSONDecodeError"),
        ("[]", None, "TypeError"),
        ("null", None, "TypeError"),
        ("{}", None, "KeyError"),
        ('{"id": 1}', 1, "KeyError"),
        ('{"id": 2, "operation": "helo"}', 2, "LookupError"),
        ('{"id": 3, "operation": ["hello"]}', 3, "TypeError"),
        ('{"id": 4, "operation": "hello", "arguments": {"to": "you"}}', 4, "TypeError"),
        ('{"id": 5, "operation": "hello", "arguments": []}', 5, "TypeError"),
        (
            '{"id": 6, "operation": "enable", "arguments": {"name": "x", "enabled": true}}',
            6,
            "OperationalError",
        ),
    ):
        reply = say(child, line)
        assert (reply["id"], reply["error"]["type"]) == (number, error), line
    assert say(child, '{"id": 7, "operation": "hello"}') == {
        "id": 7,
        "result": {"django": "5.2.12", "celery": "5.6.3"},
    }


def test_an_unknown_operation_is_told_with_the_known_ones(child: Child) -> None:
    message = say(child, '{"id": 1, "operation": "helo"}')["error"]["message"]
    assert "no operation 'helo'; there are active, apply_async," in message


def test_it_ends_when_its_questions_end(child: Child) -> None:
    say(child, '{"id": 1, "operation": "hello"}')
    child.stdin.close()
    assert child.wait(Deadline(20)) == 0


def test_what_the_project_prints_is_no_reply(project: Project, child: Child) -> None:
    agent = Agent(child)
    agent.ask("hello", timeout=30)
    agent.ask("migrate", timeout=60)
    assert agent.ask("missing_migrations", timeout=30) == {"output": ""}
    with pytest.raises(AgentError, match="enable: DoesNotExist"):
        agent.ask("enable", timeout=30, name="nobody", enabled=True)
    agent.close()
    assert Path(project.database.name).exists()
