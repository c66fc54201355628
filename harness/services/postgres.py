"""PostgreSQL for a run: a server of its own behind a socket of its own, and a database per attempt."""

import contextlib
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from harness.errors import StageFailed
from harness.proc.children import Child
from harness.proc.marker import Marker
from harness.services.databases import Address, Database
from harness.services.own import OwnServer
from harness.services.private import belongs_to, is_orphan, own_name

LOG = "postgresql.log"
_USER = "harness"
_PATIENCE = 10.0  # seconds for one answer of a server that runs
# What a server costs, and not what it answers: nothing has to outlive it.
_CHEAP = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "shared_buffers": "32MB",
    "max_connections": "500",
    "autovacuum": "off",  # a database that it looks into cannot be taken for a template
    "jit": "off",
    "dynamic_shared_memory_type": "mmap",  # in the data folder, and so gone with it
}


class PostgresProcess(OwnServer):
    """A PostgreSQL of our own."""

    kind = "postgresql"
    quitting: ClassVar[signal.Signals] = signal.SIGINT  # at SIGTERM it waits for whoever is connected

    @property
    def address(self) -> Address:
        """Its socket."""
        return Address(kind="postgresql", name="postgres", host=str(self.folder), user=_USER)

    def initialising(self) -> Sequence[str]:
        """`initdb`. The C locale is everywhere; who may connect is who may look into the folder."""
        options = ("-U", _USER, "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
        return (str(self.program.initialiser), "-D", str(self.data), *options)

    def serving(self) -> Sequence[str]:
        """`postgres`."""
        options = {
            **_CHEAP,
            **self.settings,
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
        }
        settings = (word for name, value in options.items() for word in ("-c", f"{name}={value}"))
        return (str(self.program.path), "-D", str(self.data), *settings)

    def who_answers(self) -> tuple[Path, int] | None:
        """As it tells itself, and the file of its process id there."""
        try:
            with connected(self.address) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return None
        assert row is not None  # noqa: S101 - it has a value always
        data = Path(row[0])
        return data, int((data / "postmaster.pid").read_text().partition("\n")[0])

    def end(self, child: Child) -> None:
        """End it "immediately": nothing is written, and its shared memory is given back."""
        child.signal(signal.SIGQUIT)
        child.stop(grace=_PATIENCE)


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """A server that answers, ours or one that was given, and the harness that makes databases in it."""

    address: Address
    marker: Marker

    def database(self, *, tag: str, template: str) -> Database:
        """The database of an attempt."""
        return PostgresDatabase(
            server=self.address,
            name=own_name(self.marker, tag),
            template=own_name(self.marker, f"t{template}"),
        )

    def tidy(self, *, ended: bool = False) -> None:
        """Drop what dead harnesses have left in it; when ours has `ended`, what it has, too."""
        with connected(self.address) as connection:
            names = [name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()]
            for name in names:
                if is_orphan(name) or (ended and belongs_to(name, self.marker)):
                    _drop(connection, name)


@dataclass(frozen=True, kw_only=True)
class PostgresDatabase:
    """A database of one attempt, begun as a copy of a migrated one."""

    server: Address
    name: str
    template: str

    @property
    def address(self) -> Address:
        """The server's, with the name."""
        return replace(self.server, name=self.name)

    def create(self) -> bool:
        """Copy the migrated one, if there is one.

        Raises:
            StageFailed: the server refuses, or does not answer.
        """
        try:
            with connected(self.server) as connection:
                try:
                    _copy(connection, self.template, self.name)
                except psycopg.errors.InvalidCatalogName:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.name)))
                    return False
        except psycopg.Error as error:
            raise StageFailed(f"{type(error).__name__}: {error}", log=LOG) from None
        return True

    def keep(self) -> None:
        """Copy it, unless somebody is quicker, or still looks into it: then others migrate theirs, too."""
        with contextlib.suppress(psycopg.Error), connected(self.server) as connection:
            _copy(connection, self.name, self.template)

    def drop(self) -> None:
        """Drop it, whoever is still connected."""
        with contextlib.suppress(psycopg.Error), connected(self.server) as connection:
            _drop(connection, self.name)


@contextlib.contextmanager
def table_held(address: Address, table: str) -> Iterator[None]:
    """Nobody else reads or writes a table within the block."""
    with connected(address) as connection, connection.transaction():
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table)))
        yield


def version_of(address: Address) -> str:
    """The version of the server that answers, such as "15.18".

    Raises:
        psycopg.Error: it does not answer, or it refuses.
    """
    with connected(address) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return str(row[0]).partition(" ")[0] if row else ""


@contextlib.contextmanager
def connected(address: Address) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """A connection on which each statement is a transaction of its own."""
    connection = psycopg.connect(
        host=address.host or None,
        port=address.port or None,
        user=address.user or None,
        password=address.password or None,
        dbname=address.name or "postgres",
        connect_timeout=int(_PATIENCE),
        options=f"-c statement_timeout={int(_PATIENCE * 1000)}",
        autocommit=True,
    )
    with contextlib.closing(connection):
        yield connection


def _copy(connection: "psycopg.Connection[tuple[Any, ...]]", source: str, target: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    connection.execute(statement.format(sql.Identifier(target), sql.Identifier(source)))


def _drop(connection: "psycopg.Connection[tuple[Any, ...]]", name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
