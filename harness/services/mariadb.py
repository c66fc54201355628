"""MariaDB for a run: a server of its own behind a socket of its own, and a database per attempt."""

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pymysql
from pymysql.cursors import Cursor

from harness.errors import StageFailed
from harness.proc.children import Child, Command, run
from harness.proc.logs import tail
from harness.proc.marker import Marker
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until
from harness.services.databases import Address, Database, Program
from harness.services.private import (
    belongs_to,
    is_orphan,
    make_folder,
    own_name,
    remove_folder,
    server_user,
)

LOG = "mariadb.log"
_PATIENCE = 10  # seconds for one answer of a server that runs
_LOG_SIZE = "--innodb-log-file-size=8M"
# What a server costs, and not what it answers: nothing has to outlive it.
_CHEAP = (
    _LOG_SIZE,
    "--innodb-buffer-pool-size=32M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=OFF",
    "--innodb-use-native-aio=OFF",  # what the kernel grants of it is shared by all of the machine
    "--performance-schema=OFF",
    "--skip-log-bin",
    "--max-connections=500",
)


class MariadbProcess:
    """A server that nobody else uses. Its data lives and dies with it."""

    def __init__(self, program: Program, *, log: Path, marker: Marker, timeout: float) -> None:
        self._program = program
        self._log = log
        self._marker = marker
        self._timeout = timeout
        self.folder = make_folder(marker)
        self.child: Child | None = None

    @property
    def address(self) -> Address:
        """Its socket."""
        return Address(kind="mariadb", name="", host=str(self.folder / "socket"), user="root")

    def start(self) -> Child:
        """Make its data and start it.

        Raises:
            StageFailed: it does not come up, or what answers is not our child.
        """
        try:
            made = run(
                self._command(
                    self._program.initialiser,
                    # Who may connect is decided by who may look into the folder.
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                    "--skip-name-resolve",
                    _LOG_SIZE,
                ),
                timeout=self._timeout,
            )
        except (DeadlineExceeded, OSError) as error:
            raise self._failed(error) from None
        if made.exit_code != 0:
            raise self._failed(f"{self._program.initialiser.name} ended with code {made.exit_code}")
        own = (f"--socket={self.address.host}", f"--pid-file={self._pid_file}", "--skip-networking")
        self.child = Child(self._command(self._program.path, *own, *_CHEAP))
        try:
            wait_until(self._own_answer, deadline=Deadline(self._timeout), what="the server's first answer")
        except (DeadlineExceeded, StageFailed) as error:
            raise self._failed(error) from None
        return self.child

    def stop(self) -> None:
        """Stop it at once, and remove its data."""
        if self.child is not None:
            self.child.kill()
        remove_folder(self.folder)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _pid_file(self) -> Path:
        return self.folder / "pid"

    def _command(self, program: Path, *arguments: str) -> Command:
        return Command(
            # The machine's own settings are of the machine's own server.
            argv=[str(program), "--no-defaults", f"--datadir={self._data}", *arguments],
            env={"PATH": os.pathsep.join((os.defpath, "/usr/sbin")), "LC_ALL": "C"},
            cwd=self.folder,
            log=self._log,
            marker=self._marker,
            bounded=False,  # a bound that one cell reaches would be all cells'
            user=server_user(),
        )

    def _own_answer(self) -> bool:
        assert self.child is not None  # noqa: S101 - it has been started
        if self.child.exit_code is not None:
            raise StageFailed(f"the server ended with code {self.child.exit_code}", log=LOG)
        try:
            with connected(self.address) as cursor:
                cursor.execute("SELECT @@datadir, @@pid_file")
                row = cursor.fetchone()
        except pymysql.err.OperationalError:
            return False
        if row != (f"{self._data}/", str(self._pid_file)) or self._pid_file.read_text().strip() != str(
            self.child.pid
        ):
            raise StageFailed("what answers is not the server that was started", log=LOG)
        return True

    def _failed(self, error: object) -> StageFailed:
        return StageFailed(f"{error}\n{tail(self._log)}", log=LOG)


@dataclass(frozen=True, kw_only=True)
class MariadbServer:
    """A server that answers, ours or one that was given, and the harness that makes databases in it."""

    address: Address
    marker: Marker

    def database(self, *, tag: str, template: str) -> Database:  # noqa: ARG002 - it copies no databases
        """The database of an attempt, migrated each time."""
        return MariadbDatabase(server=self.address, name=own_name(self.marker, tag))

    def tidy(self, *, ended: bool = False) -> None:
        """Drop what dead harnesses have left in it; when ours has `ended`, what it has, too."""
        with connected(self.address) as cursor:
            cursor.execute("SHOW DATABASES")
            for (name,) in cursor.fetchall():
                if is_orphan(name) or (ended and belongs_to(name, self.marker)):
                    _drop(cursor, name)


@dataclass(frozen=True, kw_only=True)
class MariadbDatabase:
    """A database of one attempt."""

    server: Address
    name: str

    @property
    def address(self) -> Address:
        """The server's, with the name."""
        return replace(self.server, name=self.name)

    def create(self) -> bool:
        """Make an empty one.

        Raises:
            StageFailed: the server refuses, or does not answer.
        """
        try:
            with connected(self.server) as cursor:
                cursor.execute(f"CREATE DATABASE `{self.name}` CHARACTER SET utf8mb4")
        except pymysql.MySQLError as error:
            raise StageFailed(f"{type(error).__name__}: {error}", log=LOG) from None
        return False

    def keep(self) -> None:
        """Nothing: MariaDB cannot copy a database."""

    def drop(self) -> None:
        """Drop it."""
        with contextlib.suppress(pymysql.MySQLError), connected(self.server) as cursor:
            _drop(cursor, self.name)


def version_of(address: Address) -> str:
    """The version of the server that answers, such as "10.11.19-MariaDB"; MySQL's has no "MariaDB" in it.

    Raises:
        pymysql.MySQLError: it does not answer, or it refuses.
    """
    with connected(address) as cursor:
        cursor.execute("SELECT VERSION()")
        row = cursor.fetchone()
    return str(row[0]) if row else ""


@contextlib.contextmanager
def connected(address: Address) -> Iterator[Cursor]:
    """A cursor on which each statement is a transaction of its own."""
    connection = pymysql.connect(
        host=address.host or "127.0.0.1",
        port=int(address.port or 3306),
        user=address.user or None,
        password=address.password,
        database=address.name or None,
        connect_timeout=_PATIENCE,
        read_timeout=_PATIENCE,
        write_timeout=_PATIENCE,
        autocommit=True,
        defer_connect=True,
    )
    connection.connect(_unix_socket(address.host) if address.host.startswith("/") else None)
    with contextlib.closing(connection), connection.cursor() as cursor:
        yield cursor


def _unix_socket(path: str) -> socket.socket:
    """A connected one. PyMySQL makes one, too, but does not close it when nobody listens."""
    connected = socket.socket(socket.AF_UNIX)
    connected.settimeout(_PATIENCE)
    try:
        connected.connect(path)
    except OSError as error:
        connected.close()
        raise pymysql.err.OperationalError(2003, f"{error.strerror}: {path}") from None
    return connected


def _drop(cursor: Cursor, name: str) -> None:
    # A killed client's transaction is given up by the server when it notices; until then it holds its tables.
    cursor.execute(f"SET SESSION lock_wait_timeout = {_PATIENCE // 2}")
    cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
