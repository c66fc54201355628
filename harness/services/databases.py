"""What the database servers of a run have in common: where one is, what one can do, what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from harness.errors import StageFailed, UsageError
from harness.model import DatabaseKind, ServerKind

# What people call them.
NAMES: Mapping[DatabaseKind, str] = {
    "sqlite": "SQLite",
    "postgresql": "PostgreSQL",
    "mariadb": "MariaDB",
}
# The environment variable that gives a server of somebody's own.
URL_VARIABLES: Mapping[ServerKind, str] = {
    "postgresql": "HARNESS_POSTGRESQL_URL",
    "mariadb": "HARNESS_MARIADB_URL",
}
_SCHEMES: Mapping[str, ServerKind] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mariadb": "mariadb",
    "mysql": "mariadb",
}


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a database is, in the parts that Django's DATABASES has.

    A `host` that begins with a slash is a unix socket (PostgreSQL: its folder); `name` is a file for sqlite.
    """

    kind: DatabaseKind
    name: str
    host: str = ""
    port: str = ""
    user: str = ""
    password: str = ""


class Database(Protocol):
    """The database of one attempt. Crosses to the cell's child."""

    @property
    def address(self) -> Address:
        """Where it is, or will be."""

    def create(self) -> bool:
        """Make it; True when it begins as one that has been migrated.

        Raises:
            StageFailed: the server refuses, or does not answer.
        """

    def keep(self) -> None:
        """It has been migrated: let others begin with what it is now, where that is cheap."""

    def drop(self) -> None:
        """Remove it, if it is there. What a server refuses now goes with the server, or at the next start."""


class Server(Protocol):
    """A server of a run."""

    def database(self, *, tag: str, template: str) -> Database:
        """The database of an attempt; all with the same `template` are migrated to the same."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A server program of this machine; `initialiser` makes its data folder.

    `version` is such as "15.18", `origin` such as "on this machine" or "bundled".
    """

    kind: ServerKind
    path: Path
    initialiser: Path
    version: str
    origin: str


@dataclass(frozen=True, kw_only=True)
class Given:
    """A server that somebody has given the URL of. In it, only databases of our own names are touched."""

    kind: ServerKind
    address: Address
    version: str
    origin: str


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Why there is no such server, and the one command that adds it."""

    kind: ServerKind
    why: str
    remedy: str


Source = Program | Given


@dataclass(frozen=True, kw_only=True)
class BrokenServer:
    """In place of a server that did not start: what every attempt is told."""

    kind: ServerKind
    evidence: str
    log: str

    def database(self, *, tag: str, template: str) -> Database:  # noqa: ARG002 - as of any server
        """One that cannot be made."""
        return BrokenDatabase(server=self)


@dataclass(frozen=True, kw_only=True)
class BrokenDatabase:
    """A database of a server that did not start."""

    server: BrokenServer

    @property
    def address(self) -> Address:
        """Nowhere."""
        return Address(kind=self.server.kind, name="")

    def create(self) -> bool:
        """Say why not.

        Raises:
            StageFailed: always.
        """
        raise StageFailed(self.server.evidence, log=self.server.log)

    def keep(self) -> None:
        """There is nothing."""

    def drop(self) -> None:
        """There is nothing."""


def parse_url(kind: ServerKind, url: str) -> Address:
    """The address in `scheme://user:password@host:port/name`; a host may be a unix socket, `%2Fvar%2Frun`.

    Raises:
        UsageError: it is no such URL, or one of another kind of server.
    """
    variable = URL_VARIABLES[kind]
    parts = urlsplit(url)
    if _SCHEMES.get(parts.scheme) != kind:
        raise UsageError(
            f"{variable} is no URL of a {NAMES[kind]} server",
            hint=f"write it as {kind}://user:password@host:port/name",
        )
    return Address(
        kind=kind,
        name=unquote(parts.path.removeprefix("/")),
        # Not parts.hostname, which is in small letters: a socket's path has capitals, too.
        host=unquote(parts.netloc.rpartition("@")[2].rpartition("]")[2].partition(":")[0])
        or (parts.hostname or ""),
        port=_port(parts, variable),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _port(parts: SplitResult, variable: str) -> str:
    try:
        return str(parts.port or "")
    except ValueError as error:
        raise UsageError(f"{variable}: {error}") from None
