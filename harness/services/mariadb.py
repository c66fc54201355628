"""MariaDB for a run: a server of its own behind a socket of its own, and a database per attempt."""

import contextlib
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pymysql
from pymysql.cursors import Cursor

from harness.errors import StageFailed
from harness.proc.marker import Marker
from harness.services.databases import Address, Database
from harness.services.own import OwnServer
from harness.services.private import belongs_to, is_orphan, own_name

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


class MariadbProcess(OwnServer):
    """A MariaDB of our own."""

    kind = "mariadb"
    variables: ClassVar[Mapping[str, str]] = {
        "PATH": os.pathsep.join((os.defpath, "/usr/sbin")),
        "LC_ALL": "C",
    }

    @property
    def address(self) -> Address:
        """Its socket."""
        return Address(kind="mariadb", name="", host=str(self.folder / "socket"), user="root")

    def initialising(self) -> Sequence[str]:
        """`mariadb-install-db`; who may connect is decided by who may look into the folder."""
        return (
            str(self.program.initialiser),
            *self._own_settings,
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
            _LOG_SIZE,
        )

    def serving(self) -> Sequence[str]:
        """`mariadbd`."""
        own = (f"--socket={self.address.host}", f"--pid-file={self.folder / 'pid'}", "--skip-networking")
        settings = (f"--{name}={value}" for name, value in self.settings.items())
        return (str(self.program.path), *self._own_settings, *own, *_CHEAP, *settings)

    def who_answers(self) -> tuple[Path, int] | None:
        """As it tells itself, and the file of its process id."""
        try:
            with connected(self.address) as cursor:
                cursor.execute("SELECT @@datadir, @@pid_file")
                row = cursor.fetchone()
        except pymysql.err.OperationalError:
            return None
        assert row is not None  # noqa: S101 - these have values always
        return Path(row[0]), int(Path(row[1]).read_text())

    @property
    def _own_settings(self) -> tuple[str, str, str]:
        # The machine's own settings are of the machine's own server. One that starts removes temporary tables
        # that others make in the same folder.
        return "--no-defaults", f"--datadir={self.data}", f"--tmpdir={self.folder}"


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


@contextlib.contextmanager
def table_held(address: Address, table: str) -> Iterator[None]:
    """Nobody else reads or writes a table within the block."""
    with connected(address) as cursor:
        cursor.execute(f"LOCK TABLES `{table}` WRITE")
        yield
        cursor.execute("UNLOCK TABLES")


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
