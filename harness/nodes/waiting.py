"""`wait_for_log` without pytest-celery's pause of a second between two looks."""

from pytest_celery import CeleryTestNode
from pytest_docker_tools.exceptions import TimeoutError as ContainerTimeoutError

from harness.proc.wait import Deadline, DeadlineExceeded, wait_until


def wait_for_log(node: CeleryTestNode, log: str, *, message: str, timeout: float) -> None:
    """Wait until `log` is in the node's logs.

    Raises:
        TimeoutError: pytest-docker-tools', which `assert_log_exists` turns into an assertion.
    """
    what = message or f"{node.name()} to log {log!r}"
    try:
        wait_until(lambda: log in node.logs(), deadline=Deadline(timeout), what=what)
    except DeadlineExceeded as error:
        raise ContainerTimeoutError(str(error)) from None
