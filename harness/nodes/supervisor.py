"""A supervisord over the worker and the beat of a crew, by the supervisord.conf of the crew's project."""

import signal
import time
from collections.abc import Mapping
from contextlib import suppress

import psutil

from harness.errors import StageFailed
from harness.nodes.crew import Crew, MemberEnded
from harness.nodes.supervisor_conf import with_options
from harness.nodes.supervisor_log import Event, Stop, parse_events, stop_in
from harness.proc.children import Child
from harness.proc.logs import read_log
from harness.proc.marker import Marker
from harness.proc.wait import Deadline, wait_until
from harness.services.private import make_folder, remove_folder

WORKER, BEAT = "celery.worker", "celery.beat"
_CONFIGURATION, _LOG = "supervisord.conf", "supervisord.log"


class Supervisor:
    """`options` of the worker's program are put in place of the file's own."""

    def __init__(self, crew: Crew, options: Mapping[str, str], *, marker: Marker) -> None:
        self._crew = crew
        self._daemon: Child | None = None
        configuration = crew.project / _CONFIGURATION
        text = with_options(configuration.read_text(encoding="utf-8"), f"program:{WORKER}", options)
        configuration.write_text(text, encoding="utf-8")
        # The path of its socket has a hundred bytes at most, and the folders of cells are deep.
        self._short = make_folder(marker)
        (self._short / "project").symlink_to(crew.project)
        self._argument = ("-c", str(self._short / "project" / _CONFIGURATION))

    def start(self, *, timeout: float) -> None:
        """Start it, and wait until both of its programs are RUNNING.

        Raises:
            DeadlineExceeded: they are not within `timeout` seconds.
            MemberEnded: supervisord has ended, or has given up.
        """
        daemon = self._daemon = self._crew.start("supervisord", "-n", *self._argument)

        def running() -> bool:
            if daemon.exit_code is not None or any(each.what == "gave up" for each in self.events()):
                raise MemberEnded("supervisord", daemon)
            return all(
                self.events(name)[-1:] and self.events(name)[-1].what == "running" for name in (WORKER, BEAT)
            )

        wait_until(running, deadline=Deadline(timeout), what="worker and beat to be RUNNING")

    def events(self, name: str = "") -> list[Event]:
        """What it has logged of its programs, or of one of them."""
        events = parse_events(read_log(self._crew.project / _LOG))
        return [event for event in events if not name or event.name == name]

    def output(self, name: str) -> str:
        """What a program has said, in the file that the configuration names."""
        return read_log(self._crew.project / f"{name}.log")

    def process(self, name: str) -> psutil.Process:
        """The program's process, as it was spawned last.

        Raises:
            psutil.NoSuchProcess: it is no more.
        """
        return psutil.Process(int([event for event in self.events(name) if event.what == "spawned"][-1].said))

    def processes(self) -> list[psutil.Process]:
        """All that have it for an ancestor."""
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self._running.pid).children(recursive=True)
        return []

    def last_stop(self, name: str) -> Stop:
        """How a program has been stopped that was spawned last.

        Raises:
            StageFailed: it has not.
        """
        stop = stop_in(self.events(name))
        if stop is None:
            raise StageFailed(f"supervisor has not stopped {name}", log=_LOG)
        return stop

    def control(self, *words: str, timeout: float) -> None:
        """`supervisorctl WORDS`, to its end.

        Raises:
            DeadlineExceeded: it has not ended within `timeout` seconds.
        """
        self._crew.start("supervisorctl", *self._argument, *words).wait(Deadline(timeout))

    def shut_down(self, *, timeout: float) -> tuple[float, int]:
        """`supervisorctl shutdown`, to its end: the seconds it took, and supervisord's exit code.

        Raises:
            DeadlineExceeded: it still runs.
        """
        began = time.monotonic()
        self.control("shutdown", timeout=timeout)
        code = self._running.wait(Deadline(timeout))
        return time.monotonic() - began, code

    def end(self) -> None:
        """Kill it, and all that it has started and that still belongs to it."""
        if self._daemon is not None:
            # It starts again what is killed before it.
            self._daemon.signal(signal.SIGSTOP)
            started = self.processes()
            self._daemon.kill()
            for process in started:
                with suppress(psutil.Error):
                    process.kill()
        remove_folder(self._short)

    @property
    def _running(self) -> Child:
        assert self._daemon is not None, "who asks has started it"  # noqa: S101
        return self._daemon
