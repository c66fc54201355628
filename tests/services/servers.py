"""Real database servers for tests. A machine may lack one; a machine of CI may not."""

import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.model import ServerKind
from harness.proc.marker import Marker
from harness.services import mariadb, postgres
from harness.services.choose import find_database
from harness.services.databases import NAMES, Address, Missing, Program
from harness.services.mariadb import MariadbProcess, MariadbServer
from harness.services.own import OwnServer
from harness.services.postgres import PostgresProcess, PostgresServer

AnyServer = MariadbServer | PostgresServer
MakeProcess = Callable[..., OwnServer]


def let_anybody_in(folder: Path) -> None:
    """Open a test's folder, and pytest's own around it: a server program is run as nobody of importance."""
    for each in (folder, *folder.parents):
        if each == Path(tempfile.gettempdir()):
            return
        each.chmod(0o755)


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What there is for a kind of server."""

    kind: ServerKind
    process: type[OwnServer]
    server: Callable[..., AnyServer]
    connected: Callable[[Address], AbstractContextManager[Any]]
    version_of: Callable[[Address], str]
    databases: Callable[[Address], Iterable[tuple[str]]]


def _of_mariadb(address: Address) -> Iterable[tuple[str]]:
    with mariadb.connected(address) as cursor:
        cursor.execute("SHOW DATABASES")
        return cursor.fetchall()


def _of_postgres(address: Address) -> Iterable[tuple[str]]:
    with postgres.connected(address) as connection:
        return connection.execute("SELECT datname FROM pg_database").fetchall()


TOOLS = {
    "mariadb": Tools(
        kind="mariadb",
        process=MariadbProcess,
        server=MariadbServer,
        connected=mariadb.connected,
        version_of=mariadb.version_of,
        databases=_of_mariadb,
    ),
    "postgresql": Tools(
        kind="postgresql",
        process=PostgresProcess,
        server=PostgresServer,
        connected=postgres.connected,
        version_of=postgres.version_of,
        databases=_of_postgres,
    ),
}


def program_or_skip(kind: ServerKind, folder: Path) -> Program:
    """The server program of this machine."""
    environ = {"PATH": os.environ.get("PATH", os.defpath)}
    log, marker = folder / "version.log", Marker.of_this_harness("tests")
    found = find_database(kind, environ, log=log, marker=marker)
    if isinstance(found, Missing):
        why = f"no {NAMES[kind]} here: {found.why}; {found.remedy}"
        assert "CI" not in os.environ, why
        pytest.skip(why)
    assert isinstance(found, Program)
    return found


def names(server: AnyServer, tools: Tools) -> set[str]:
    """The databases in it that are ours."""
    return {name for (name,) in tools.databases(server.address) if name.startswith("harness_")}
