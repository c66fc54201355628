"""Starting a run's database servers, and ending them; what does not start is told by each of its cells."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pymysql

from harness.errors import StageFailed
from harness.proc.marker import Marker
from harness.services.databases import BrokenServer, Given, Program, Server, Source
from harness.services.mariadb import MariadbProcess, MariadbServer
from harness.services.postgres import PostgresProcess, PostgresServer

_ERRORS = (psycopg.Error, pymysql.MySQLError, StageFailed)


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
def _own(program: Program, folder: Path, marker: Marker, timeout: float) -> Iterator[Server]:
    log = folder / f"{program.kind}.log"
    make = PostgresProcess if program.kind == "postgresql" else MariadbProcess
    process = make(program, log=log, marker=marker.below(program.kind), timeout=timeout)
    answering = PostgresServer if program.kind == "postgresql" else MariadbServer
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
    make = PostgresServer if given.kind == "postgresql" else MariadbServer
    server = make(address=given.address, marker=marker)
    # What it refuses now it refuses each cell, which says so.
    with contextlib.suppress(*_ERRORS):
        server.tidy()
    try:
        yield server
    finally:
        with contextlib.suppress(*_ERRORS):
            server.tidy(ended=True)
