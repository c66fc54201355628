"""Shutdown: what is in hand is finished, and nothing stays behind."""

from collections.abc import Callable

import pytest

from harness.checks.live import LiveCell
from harness.checks.shutdown import ShutdownExperiment, run_shutdown_experiment

pytestmark = pytest.mark.stage("shutdown")


@pytest.fixture(scope="session")
def shutdown(cell: LiveCell, observe: Callable[..., None]) -> ShutdownExperiment:
    """The shutdown experiment, run once."""
    experiment = run_shutdown_experiment(cell)
    observe("shutdown", experiment.data())
    return experiment


def check_task_in_hand(shutdown: ShutdownExperiment) -> None:
    """TERM lets the worker finish the task it has in hand."""
    assert shutdown.state == "SUCCESS", f"its state is {shutdown.state}"


def check_worker_exit(shutdown: ShutdownExperiment) -> None:
    """The worker ends with code 0."""
    assert shutdown.worker_exit == 0, _how(shutdown.worker_exit)


def check_beat_exit(shutdown: ShutdownExperiment) -> None:
    """Beat ends with code 0."""
    assert shutdown.beat_exit == 0, _how(shutdown.beat_exit)


def check_nothing_left(shutdown: ShutdownExperiment) -> None:
    """No process of the worker or of beat outlives it."""
    assert not shutdown.left, f"still there: {'; '.join(shutdown.left)}"


def _how(code: int | None) -> str:
    return "it had to be killed" if code is None else f"exit code {code}"
