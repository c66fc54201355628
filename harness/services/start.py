"""Starting a run's database servers, and ending them; what does not start is told by each of its cells."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import pymysql

from harness.errors import StageFailed
from harness.model import ServerKind
from harness.proc.marker import Marker
from harness.services import mariadb, postgres
from harness.services.databases import Address, BrokenServer, Given, Program, Server, Source
from harness.services.mariadb import MariadbProcess, MariadbServer
from harness.services.own import OwnServer
from harness.services.postgres import PostgresProcess, PostgresServer
from harness.services.private import new_token

_ERRORS = (psycopg.Error, pymysql.MySQLError, StageFailed)
_CLASSES: Mapping[ServerKind, tuple[type[OwnServer], type[PostgresServer] | type[MariadbServer]]] = {
    "postgresql": (PostgresProcess, PostgresServer),
    "mariadb": (MariadbProcess, MariadbServer),
}


@contextlib.contextmanager
def server_of(source: Source, *, folder: Path, marker: Marker, timeout: float) -> Iterator[Server]:
    """A server that answers; ours ends with the block, and in one that was given our databases do.

    `folder` is where its log goes; `timeout` in seconds is for each step of its start.
    """
    match source:
        case Program():
            with _own(source, folder, marker, timeout) as server:
                yield server
        case Given():
            with _somebodys(source, marker) as server:
                yield server


@contextlib.contextmanager
def breakable(
    program: Program, *, log: Path, marker: Marker, timeout: float, settings: Mapping[str, str]
) -> Iterator[tuple[OwnServer, Address]]:
    """A server with some settings that somebody may break, and an empty database in it.

    Raises:
        StageFailed: it does not come up.
    """
    make, answering = _CLASSES[program.kind]
    process = make(program, log=log, marker=marker.below(program.kind), timeout=timeout, settings=settings)
    try:
        process.start()
        database = answering(address=process.address, marker=marker).database(tag=new_token(), template="")
        database.create()
        yield process, database.address
    finally:
        process.stop()


@contextlib.contextmanager
def table_held(address: Address, table: str) -> Iterator[None]:
    """Nobody else reads or writes a table within the block.

    Raises:
        StageFailed: the server refuses, or does not answer.
    """
    held = postgres.table_held if address.kind == "postgresql" else mariadb.table_held
    try:
        with held(address, table):
            yield
    except (psycopg.Error, pymysql.MySQLError) as error:
        raise StageFailed(f"{type(error).__name__}: {error}", log=f"{address.kind}.log") from None


def is_cut_within(address: Address, idle: Callable[[], None]) -> bool:
    """Whether a server cuts a connection that does nothing until `idle` returns."""
    connected = postgres.connected if address.kind == "postgresql" else mariadb.connected
    was_idle = False
    with contextlib.suppress(*_ERRORS), connected(address) as connection:
        idle()
        was_idle = True
        connection.execute("SELECT 1")
        return False
    return was_idle


@contextlib.contextmanager
def _own(program: Program, folder: Path, marker: Marker, timeout: float) -> Iterator[Server]:
    log = folder / f"{program.kind}.log"
    make, answering = _CLASSES[program.kind]
    process = make(program, log=log, marker=marker.below(program.kind), timeout=timeout)
    server: Server = answering(address=process.address, marker=marker)
    try:
        try:
            process.start()
        except StageFailed as error:
            server = BrokenServer(kind=program.kind, evidence=error.evidence, log=error.log)
        yield server
    finally:
        process.stop()


@contextlib.contextmanager
def _somebodys(given: Given, marker: Marker) -> Iterator[Server]:
    _, answering = _CLASSES[given.kind]
    server = answering(address=given.address, marker=marker)
    # What it refuses now it refuses each cell, which says so.
    with contextlib.suppress(*_ERRORS):
        server.tidy()
    try:
        yield server
    finally:
        with contextlib.suppress(*_ERRORS):
            server.tidy(ended=True)
