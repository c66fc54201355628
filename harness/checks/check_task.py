"""Tasks: sent in every way people send them, and ended in every way they end."""

from collections.abc import Callable

import pytest

from harness.checks.live import LiveCell
from harness.checks.tasks import LATE, TaskExperiment, run_task_experiment

pytestmark = pytest.mark.stage("task")


@pytest.fixture(scope="session")
def tasks(cell: LiveCell, observe: Callable[..., None]) -> TaskExperiment:
    """The task experiment, run once."""
    experiment = run_task_experiment(cell)
    observe("tasks", experiment.data())
    return experiment


@pytest.mark.parametrize("name", ["delay", "args", "kwargs"])
def check_result(tasks: TaskExperiment, name: str) -> None:
    """`simple_task` of 1 and 9, called in the three usual ways, gives 10."""
    _assert_gave(tasks, name, 10)


def check_row(tasks: TaskExperiment) -> None:
    """The result is a row of TaskResult, as the admin lists it."""
    row = tasks.row("delay")
    shown = (row["status"], row["result"])
    assert shown == ("SUCCESS", "10"), f"its status and result are {shown}"


@pytest.mark.caveat("the admin shows no name and no arguments of a task with its result")
def check_row_describes_task(tasks: TaskExperiment) -> None:
    """The row says which task it was, and with which arguments."""
    row = tasks.row("delay")
    assert row["task_name"] == "easytask.tasks.simple_task", f"task_name is {row['task_name']!r}"
    assert "1, 9" in str(row["task_args"]), f"task_args is {row['task_args']!r}"


def check_failure(tasks: TaskExperiment) -> None:
    """A task that raises ends as FAILURE, and its caller gets the exception."""
    status, reply = tasks.row("failing")["status"], tasks.sent["failing"].reply
    assert status == "FAILURE", f"its status is {status}"
    assert reply == {"error": "ValueError", "message": "as it should"}, f"its caller got {reply}"


@pytest.mark.caveat("the traceback of a failed task is not kept with its result")
def check_failure_traceback(tasks: TaskExperiment) -> None:
    """The row of a failed task holds its traceback."""
    traceback = tasks.row("failing")["traceback"]
    assert "ValueError: as it should" in str(traceback), f"traceback is {traceback!r}"


def check_retry(tasks: TaskExperiment) -> None:
    """A task that retries succeeds on its second try."""
    _assert_gave(tasks, "retrying", 1)


@pytest.mark.parametrize("name", ["countdown", "eta"])
def check_instant(tasks: TaskExperiment, name: str) -> None:
    """A task with a countdown or an ETA runs once, at its instant."""
    sent, ran = tasks.sent[name], tasks.accepted[name]
    _assert_gave(tasks, name, 10)
    assert sent.due is not None, "it was sent without an instant"
    assert len(ran) == 1, f"it ran {len(ran)} times"
    assert -0.1 <= ran[0] - sent.due <= LATE, f"it ran {ran[0] - sent.due:.1f} s off its instant"


def check_expired(tasks: TaskExperiment) -> None:
    """A message that expired before it was received is not run."""
    assert not tasks.accepted["expired"], "it ran although it had expired"


def check_group(tasks: TaskExperiment) -> None:
    """A group gives its members' results in order."""
    _assert_gave(tasks, "group", [2, 4, 6])


def check_chain(tasks: TaskExperiment) -> None:
    """A chain hands each result on."""
    _assert_gave(tasks, "chain", 6)


def check_chord(tasks: TaskExperiment) -> None:
    """A chord's body gets what its header gave, through the database backend."""
    _assert_gave(tasks, "chord", 12)


def check_revoke(tasks: TaskExperiment) -> None:
    """A waiting task that is revoked does not run."""
    assert tasks.sent["revoked"].error is None, str(tasks.sent["revoked"].error)
    assert not tasks.accepted["revoked"], "it ran although it had been revoked"


@pytest.mark.caveat("results cannot be kept in Django's cache")
def check_cache_backend(tasks: TaskExperiment) -> None:
    """The cache backend keeps a result, too."""
    _assert_gave(tasks, "cached", 10)


def _assert_gave(tasks: TaskExperiment, name: str, expected: object) -> None:
    value = tasks.value(name)
    assert value == expected, f"it gave {value!r} instead of {expected!r}"
