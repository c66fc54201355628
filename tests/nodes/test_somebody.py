"""A project of somebody else's, tested with pytest-celery on our nodes: a pytest of its own, no Docker."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.proc.logs import read_log
from harness.proc.sweep import marked
from harness.proc.wait import Deadline
from tests.proc.processes import MakeCommand, Start

THEIRS = Path(__file__).parent / "somebody"
MINUTES = 600.0  # seconds; it takes one


@pytest.mark.live
def test_their_tests_pass_without_docker_and_leave_nothing(
    python: MakeCommand, start: Start, tmp_path: Path
) -> None:
    command = python("")
    options = [
        "-c",
        str(THEIRS / "pytest.ini"),
        "-p",
        "no:cacheprovider",
        f"--basetemp={tmp_path / 'theirs'}",
    ]
    child = start(
        replace(
            command,
            argv=[sys.executable, "-m", "pytest", *options, str(THEIRS)],
            env={
                **command.env,
                "DOCKER_HOST": f"unix://{tmp_path}/no-docker.sock",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
    )
    code = child.wait(Deadline(MINUTES))
    log = read_log(child.command.log)
    assert code == 0, log
    tests = "\n".join(path.read_text() for path in THEIRS.glob("test_*.py"))
    written = len(re.findall(r"^def test_", tests, re.MULTILINE))
    assert re.search(rf"^=+ {written} passed in ", log, re.MULTILINE), log
    assert [process.cmdline() for process in marked(lambda text: text.startswith(f"{child.pid}."))] == []
