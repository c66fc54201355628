"""A worker process as pytest-celery's worker node."""

from pytest_celery import CeleryTestWorker, CeleryWorkerContainer

from harness.nodes.waiting import wait_for_log


class ProcessWorkerContainer(CeleryWorkerContainer):
    """A worker container whose Celery is whatever the process's interpreter has."""

    @classmethod
    def version(cls) -> str:
        """Unknown to the class: the node's banner says it."""
        return "of the process"


class ProcessWorker(CeleryTestWorker):
    """A worker: `ready`, `logs`, `kill`, `restart` and `wait_for_log` as on any node."""

    def wait_for_log(self, log: str, message: str = "", timeout: float = 60) -> None:
        """Wait for a log line, looking many times a second."""
        wait_for_log(self, log, message=message, timeout=timeout)
