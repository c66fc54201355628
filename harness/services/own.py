"""A database server of our own: started, proven to be our child, and ended with all that is its."""

import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from harness.errors import StageFailed
from harness.model import ServerKind
from harness.proc.children import Child, Command, run
from harness.proc.logs import tail
from harness.proc.marker import Marker
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until
from harness.services.databases import Address, Program
from harness.services.private import make_folder, remove_folder, server_user


class OwnServer(ABC):
    """A server that nobody else uses. Its data lives and dies with it."""

    kind: ClassVar[ServerKind]
    variables: ClassVar[Mapping[str, str]] = {"PATH": os.defpath, "LC_ALL": "C"}
    # What makes it write all that it has, cut every connection, and end.
    quitting: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(
        self,
        program: Program,
        *,
        log: Path,
        marker: Marker,
        timeout: float,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.program = program
        self.settings = settings or {}
        self.folder = make_folder(marker)
        self.child: Child | None = None
        self._log = log
        self._marker = marker
        self._timeout = timeout

    @property
    @abstractmethod
    def address(self) -> Address:
        """Its socket."""

    @property
    def data(self) -> Path:
        """Where its data are."""
        return self.folder / "data"

    def start(self) -> Child:
        """Make its data and start it.

        Raises:
            StageFailed: it does not come up, or what answers is not our child.
        """
        try:
            made = run(self._command(self.initialising()), timeout=self._timeout)
        except (DeadlineExceeded, OSError) as error:
            raise self._failed(error) from None
        if made.exit_code != 0:
            raise self._failed(f"{self.program.initialiser.name} ended with code {made.exit_code}")
        return self.serve()

    def serve(self) -> Child:
        """Start it on the data that it has.

        Raises:
            StageFailed: it does not come up, or what answers is not our child.
        """
        self.child = Child(self._command(self.serving()))
        try:
            wait_until(self._own_answer, deadline=Deadline(self._timeout), what="the server's first answer")
        except (DeadlineExceeded, StageFailed) as error:
            raise self._failed(error) from None
        return self.child

    def halt(self) -> None:
        """Stop it in an orderly way; its data stay, and `serve` starts it again.

        Raises:
            DeadlineExceeded: it does not end.
        """
        assert self.child is not None, "it has been started"  # noqa: S101
        self.child.signal(self.quitting)
        self.child.wait(Deadline(self._timeout))

    def stop(self) -> None:
        """Stop it at once, and remove its data."""
        if self.child is not None:
            self.end(self.child)
        remove_folder(self.folder)

    @abstractmethod
    def initialising(self) -> Sequence[str]:
        """The command line that makes its data."""

    @abstractmethod
    def serving(self) -> Sequence[str]:
        """Its own command line."""

    @abstractmethod
    def who_answers(self) -> tuple[Path, int] | None:
        """The data folder and the process id of what answers at its address; None while nothing does."""

    def end(self, child: Child) -> None:
        """End it; nothing has to be written."""
        child.kill()

    def _command(self, argv: Sequence[str]) -> Command:
        return Command(
            argv=list(argv),
            env=self.variables,
            cwd=self.folder,
            log=self._log,
            marker=self._marker,
            bounded=False,  # a bound that one cell reaches would be all cells'
            user=server_user(),
        )

    def _own_answer(self) -> bool:
        assert self.child is not None  # noqa: S101 - it has been started
        if self.child.exit_code is not None:
            raise StageFailed(f"the server ended with code {self.child.exit_code}", log=f"{self.kind}.log")
        answers = self.who_answers()
        if answers is None:
            return False
        if answers != (self.data, self.child.pid):
            raise StageFailed("what answers is not the server that was started", log=f"{self.kind}.log")
        return True

    def _failed(self, error: object) -> StageFailed:
        return StageFailed(f"{error}\n{tail(self._log)}", log=f"{self.kind}.log")
