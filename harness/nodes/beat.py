"""A live beat as a node, in pytest-celery's manner."""

from pytest_celery import CeleryTestContainer, CeleryTestNode

from harness.nodes.waiting import wait_for_log


class BeatContainer(CeleryTestContainer):
    """The container of a beat. It listens on no port."""

    @property
    def ready_prompt(self) -> str:
        """What beat logs when it runs."""
        return "beat: Starting..."


class CeleryTestBeat(CeleryTestNode):
    """A beat: `ready`, `logs`, `kill`, `restart` and `wait_for_log` as on any node."""

    def wait_for_log(self, log: str, message: str = "", timeout: float = 60) -> None:
        """Wait for a log line, looking many times a second."""
        wait_for_log(self, log, message=message, timeout=timeout)
