"""A real server of our own, of each kind: whose it is, what is made in it, and what is left of it."""

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pymysql
import pytest

from harness.checks.resilience.scene import live_through
from harness.errors import StageFailed
from harness.proc.marker import VARIABLE, Marker
from harness.proc.sweep import sweep, sweep_orphans
from harness.services.choose import find_database
from harness.services.databases import URL_VARIABLES, Given, Program
from harness.services.private import own_name, remove_orphaned_folders, server_user
from harness.services.start import breakable, is_cut_within, server_of, table_held
from tests.proc.processes import PATIENCE, until_gone
from tests.services.servers import AnyServer, MakeProcess, Tools, let_anybody_in, names

pytestmark = pytest.mark.live

START = """
import sys
from pathlib import Path
from harness.proc.marker import Marker
from harness.services.databases import Program
from harness.services.start import server_of
kind, path, initialiser, folder = sys.argv[1:]
source = Program(kind=kind, path=Path(path), initialiser=Path(initialiser), version="", origin="")
marker = Marker.of_this_harness("killed")
with server_of(source, folder=Path(folder), marker=marker, timeout=60) as server:
    server.database(tag="x", template="x").create()
    print(server.address.host, flush=True)
    sys.stdin.read()
"""


def test_it_answers_on_a_socket_of_its_own_and_is_our_child(
    process: MakeProcess, program: Program, tools: Tools
) -> None:
    one, two = process("one"), process("two")
    children = [one.start(), two.start()]
    assert one.address.host != two.address.host
    for own, child in zip((one, two), children, strict=True):
        assert own.child is child
        assert tools.version_of(own.address).startswith(program.version)


def test_nobody_else_can_reach_it(process: MakeProcess) -> None:
    own = process()
    child = own.start()
    listening = [
        connection
        for connection in psutil.Process(child.pid).net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening == []
    assert own.folder.stat().st_mode & 0o077 == 0


def test_it_runs_as_nobody_of_importance(process: MakeProcess) -> None:
    username = psutil.Process(process().start().pid).username()
    assert username == (server_user() or psutil.Process().username())
    assert username != "root"


def test_its_marker_survives_in_its_environment_so_that_a_sweep_finds_it(
    process: MakeProcess, marker: Marker
) -> None:
    own = process()
    child = own.start()
    every = [psutil.Process(child.pid), *psutil.Process(child.pid).children(recursive=True)]
    assert every[0].environ()[VARIABLE] == marker.below("own").text
    assert sweep(marker)
    until_gone(*every)


def test_it_leaves_nothing_behind(process: MakeProcess) -> None:
    before = segments()
    own = process()
    child = own.start()
    every = [psutil.Process(child.pid), *psutil.Process(child.pid).children(recursive=True)]
    own.stop()
    until_gone(*every)
    assert not own.folder.exists()
    assert segments() <= before


def test_one_that_was_killed_leaves_nothing_either(process: MakeProcess) -> None:
    before = segments()
    own = process()
    own.start().kill()
    own.stop()
    assert not own.folder.exists()
    assert segments() <= before


def test_what_a_killed_harness_leaves_is_gone_after_the_next_start(program: Program, tmp_path: Path) -> None:
    before = segments()
    harness = started(program, tmp_path)
    with harness:
        folder = folder_of(harness)
        left = at_home_in(folder)
        harness.send_signal(signal.SIGKILL)
    assert left
    sweep_orphans()
    remove_orphaned_folders()
    until_gone(*left)
    assert not folder.exists()
    assert segments() <= before


def test_a_harness_that_ends_takes_it_along(program: Program, tmp_path: Path) -> None:
    harness = started(program, tmp_path)
    with harness:
        folder = folder_of(harness)
    assert harness.returncode == 0
    assert not folder.exists()


def test_an_attempt_has_a_database_of_its_own(server: AnyServer, tools: Tools) -> None:
    one, two = (server.database(tag=tag, template="x") for tag in ("one", "two"))
    assert not one.create()
    assert not two.create()
    with tools.connected(one.address) as connection:
        connection.execute("CREATE TABLE t (i integer)")
    assert names(server, tools) == {one.address.name, two.address.name}
    one.drop()
    assert names(server, tools) == {two.address.name}
    one.drop()


def test_it_is_dropped_whoever_still_looks_into_it(server: AnyServer, tools: Tools) -> None:
    database = server.database(tag="one", template="x")
    database.create()
    with tools.connected(database.address):
        database.drop()
        assert names(server, tools) == set()


def test_one_that_is_there_already_is_a_failed_stage(server: AnyServer, tools: Tools) -> None:
    database = server.database(tag="one", template="x")
    database.create()
    with pytest.raises(StageFailed, match="exists") as caught:
        database.create()
    assert caught.value.log == f"{tools.kind}.log"


def test_a_server_that_is_gone_is_a_failed_stage(process: MakeProcess, marker: Marker, tools: Tools) -> None:
    own = process()
    own.start().kill()
    database = tools.server(address=own.address, marker=marker).database(tag="one", template="x")
    with pytest.raises(StageFailed, match="OperationalError"):
        database.create()
    database.drop()


def test_one_that_was_halted_serves_again_with_its_data(
    process: MakeProcess, marker: Marker, tools: Tools
) -> None:
    own = process()
    first = own.start()
    database = tools.server(address=own.address, marker=marker).database(tag="one", template="x")
    database.create()
    with tools.connected(database.address) as connection:
        connection.execute("CREATE TABLE t (i integer)")
        own.halt()
    assert first.exit_code is not None
    assert own.who_answers() is None
    own.serve()
    with tools.connected(database.address) as connection:
        connection.execute("SELECT i FROM t")


def test_a_table_is_held_and_whoever_is_idle_is_cut(
    program: Program, marker: Marker, tmp_path: Path, tools: Tools
) -> None:
    limit = {"idle_session_timeout": "3s"} if tools.kind == "postgresql" else {"wait_timeout": "3"}
    with breakable(program, log=tmp_path / "own.log", marker=marker, timeout=PATIENCE, settings=limit) as (
        _,
        address,
    ):
        with tools.connected(address) as connection:
            connection.execute("CREATE TABLE t (i integer)")
        with table_held(address, "t"), tools.connected(address) as connection:
            wait = {"postgresql": "SET lock_timeout = '50ms'", "mariadb": "SET lock_wait_timeout = 1"}
            connection.execute(wait[tools.kind])
            with pytest.raises((psycopg.Error, pymysql.MySQLError), match="timeout"):
                connection.execute("INSERT INTO t VALUES (1)")
        with tools.connected(address) as connection:
            connection.execute("INSERT INTO t VALUES (1)")
        assert is_cut_within(address, lambda: live_through(4.5))
        assert not is_cut_within(address, lambda: None)
        with pytest.raises(StageFailed), table_held(address, "nowhere"):
            pass


def test_a_server_that_was_given_keeps_all_but_what_is_ours(
    process: MakeProcess, marker: Marker, tmp_path: Path, tools: Tools
) -> None:
    own = process()
    own.start()
    dead = Marker("4194999.1/run")
    somebodys = tools.server(address=own.address, marker=marker)
    orphan = tools.server(address=own.address, marker=dead).database(tag="left", template="x")
    orphan.create()
    theirs = replace(own.address, name="theirs")
    with tools.connected(own.address) as connection:
        connection.execute("CREATE DATABASE theirs")
    variable = URL_VARIABLES[tools.kind]
    url = f"{tools.kind}://{own.address.user}@{own.address.host.replace('/', '%2F')}"
    environ = {"PATH": os.environ.get("PATH", os.defpath), variable: url}
    given = find_database(tools.kind, environ, log=tmp_path / "version.log", marker=marker)
    assert isinstance(given, Given)
    assert given.origin == f"given by {variable}"
    with server_of(given, folder=tmp_path, marker=marker, timeout=PATIENCE) as server:
        assert names(somebodys, tools) == set()
        server.database(tag="one", template="x").create()
        assert names(somebodys, tools) == {own_name(marker, "one")}
    assert names(somebodys, tools) == set()
    assert own.child is not None
    assert own.child.exit_code is None
    with tools.connected(theirs) as connection:
        connection.execute("SELECT 1")


def test_one_that_does_not_start_is_told_by_every_cell_with_its_last_words(
    program: Program, marker: Marker, tmp_path: Path
) -> None:
    script = tmp_path / "fake"
    script.write_text("#!/bin/sh\necho out of luck\nexit 3\n")
    script.chmod(0o755)
    let_anybody_in(tmp_path)
    broken = replace(program, path=script)
    with server_of(broken, folder=tmp_path, marker=marker, timeout=PATIENCE) as server:
        database = server.database(tag="one", template="x")
        with pytest.raises(StageFailed, match=r"^the server ended with code 3\n(?s:.*)out of luck\n$"):
            database.create()


def started(program: Program, folder: Path) -> "subprocess.Popen[bytes]":
    """A harness with a server, that ends when its stdin does."""
    arguments = [program.kind, program.path, program.initialiser, folder]
    return subprocess.Popen(
        [sys.executable, "-c", START, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def folder_of(harness: "subprocess.Popen[bytes]") -> Path:
    """Where its server lives, as soon as it answers."""
    assert harness.stdout is not None
    host = Path(harness.stdout.readline().decode().strip())
    return host if host.is_dir() else host.parent


def at_home_in(folder: Path) -> list[psutil.Process]:
    """The processes whose working folder is in `folder`."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def segments() -> set[str]:
    """The shared memory that nobody uses: the ids of segments, and the names of POSIX files."""
    table = Path("/proc/sysvipc/shm")
    rows = [row.split() for row in table.read_text().splitlines()[1:]] if table.exists() else []
    attached = 6  # the column with how many are
    files = {path.name for path in Path("/dev/shm").glob("PostgreSQL*")}  # noqa: S108 - looked at
    return {row[1] for row in rows if row[attached] == "0"} | {name for name in files if not is_mapped(name)}


def is_mapped(name: str) -> bool:
    """Whether some process, another test's server for one, has mapped a file of this name."""
    for maps in Path("/proc").glob("[0-9]*/maps"):
        with contextlib.suppress(OSError):
            if name in maps.read_text():
                return True
    return False
