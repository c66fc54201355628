"""The gate, with real threads and real children."""

import threading
from pathlib import Path

import pytest

from harness.proc import children, fork
from harness.proc.children import Child, run
from harness.proc.fork import IsolatedChild
from harness.proc.gate import Gate, GateClosed
from harness.proc.marker import Marker
from harness.proc.sweep import marked
from tests.proc.processes import PATIENCE, SLEEPER, MakeCommand, Start


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """A gate of the test's own, in place of the one of the process."""
    gate = Gate()
    monkeypatch.setattr(children, "GATE", gate)
    monkeypatch.setattr(fork, "GATE", gate)
    return gate


def test_an_open_gate_lets_one_after_another_pass(gate: Gate, python: MakeCommand, start: Start) -> None:
    with gate.passing():
        pass
    assert start(python(SLEEPER)).exit_code is None
    assert start(python(SLEEPER)).exit_code is None


def test_nothing_is_started_once_the_gate_is_closed(
    gate: Gate, marker: Marker, python: MakeCommand, tmp_path: Path
) -> None:
    gate.close()
    with pytest.raises(GateClosed):
        Child(python(SLEEPER))
    with pytest.raises(GateClosed):
        run(python("print('started')"), timeout=PATIENCE)
    with pytest.raises(GateClosed):
        IsolatedChild("tests.proc.targets:count", 1, marker=marker, log=tmp_path / "isolated.log")
    assert list(marked(marker.covers)) == []
    assert all(log.stat().st_size == 0 for log in tmp_path.iterdir())


def test_a_gate_stays_closed(gate: Gate) -> None:
    gate.close()
    gate.close()
    for _ in range(2):
        with pytest.raises(GateClosed), gate.passing():
            pytest.fail("passed")


def test_a_gate_closes_when_nothing_is_passing_any_more(gate: Gate) -> None:
    order: list[str] = []
    waiting = threading.Event()

    def close() -> None:
        waiting.set()
        gate.close()
        order.append("closed")

    closing = threading.Thread(target=close)
    with gate.passing():
        closing.start()
        assert waiting.wait(PATIENCE)
        closing.join(0.05)
        order.append("passed")
    closing.join(PATIENCE)
    assert order == ["passed", "closed"]


def test_a_start_that_fails_leaves_the_gate_open(gate: Gate, python: MakeCommand) -> None:
    with pytest.raises(ValueError, match="broken"), gate.passing():
        raise ValueError("broken")
    assert run(python("print('started')"), timeout=PATIENCE).output == "started\n"
