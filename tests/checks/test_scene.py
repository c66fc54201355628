"""How long a scenario waits for somebody: while they live, and no longer than it says."""

import sys
from pathlib import Path

import pytest

from harness.checks.resilience.scene import seen_of
from harness.proc.children import Child, Command
from harness.proc.marker import Marker
from harness.proc.wait import Deadline

LONG = 60.0  # seconds; nobody waits so long here


def child(work: Path, marker: Marker, code: str) -> Child:
    return Child(
        Command(argv=[sys.executable, "-c", code], env={}, cwd=work, log=work / "child.log", marker=marker)
    )


@pytest.fixture
def ended(tmp_path: Path, marker: Marker) -> Child:
    """A child that has ended."""
    gone = child(tmp_path, marker, "")
    gone.wait(Deadline(LONG))
    return gone


@pytest.mark.parametrize("nothing", [None, []])
def test_who_has_ended_is_not_waited_for(ended: Child, nothing: list[float] | None) -> None:
    deadline = Deadline(LONG)
    assert seen_of(ended, LONG, lambda: nothing, "anything") is None
    assert not deadline.passed


def test_what_somebody_did_before_they_ended_counts(ended: Child) -> None:
    assert seen_of(ended, LONG, lambda: "done", "anything") == "done"


def test_who_lives_is_waited_for(tmp_path: Path, marker: Marker) -> None:
    living = child(tmp_path, marker, "import signal; signal.pause()")
    try:
        later = iter([None, None, "done"])
        assert seen_of(living, LONG, lambda: next(later), "anything") == "done"
        assert seen_of(living, 0.0, lambda: None, "anything") is None
    finally:
        living.kill()
