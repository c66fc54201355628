"""What a URL says, and what a server that did not start says of itself."""

import pytest

from harness.errors import StageFailed, UsageError
from harness.model import ServerKind
from harness.services.databases import Address, BrokenServer, parse_url


@pytest.mark.parametrize(
    ("kind", "url", "address"),
    [
        (
            "postgresql",
            "postgresql://me:p%40ss@db.example.org:5433/mine",
            Address(
                kind="postgresql",
                name="mine",
                host="db.example.org",
                port="5433",
                user="me",
                password="p@ss",  # noqa: S106 - of nobody
            ),
        ),
        (
            "postgresql",
            "postgres://me@%2Fvar%2FRun%2Fpostgresql",
            Address(kind="postgresql", name="", host="/var/Run/postgresql", user="me"),
        ),
        (
            "mariadb",
            "mariadb://root@localhost/",
            Address(kind="mariadb", name="", host="localhost", user="root"),
        ),
        (
            "mariadb",
            "mysql://root@%2Frun%2Fmysqld%2Fmysqld.sock",
            Address(kind="mariadb", name="", host="/run/mysqld/mysqld.sock", user="root"),
        ),
        (
            "mariadb",
            "mariadb://me@[::1]:3307",
            Address(kind="mariadb", name="", host="::1", port="3307", user="me"),
        ),
    ],
)
def test_a_url_is_an_address(kind: ServerKind, url: str, address: Address) -> None:
    assert parse_url(kind, url) == address


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("postgresql", "mariadb://root@localhost"),
        ("mariadb", "postgresql://root@localhost"),
        ("mariadb", "localhost"),
        ("postgresql", "postgresql://localhost:port/x"),
    ],
)
def test_what_is_none_of_its_kind_is_refused(kind: ServerKind, url: str) -> None:
    with pytest.raises(UsageError, match=r"^HARNESS_"):
        parse_url(kind, url)


def test_a_password_is_not_told() -> None:
    with pytest.raises(UsageError) as caught:
        parse_url("mariadb", "postgresql://me:secret@localhost")
    assert "secret" not in f"{caught.value} {caught.value.hint}"


def test_a_server_that_did_not_start_tells_every_attempt_why() -> None:
    server = BrokenServer(kind="mariadb", evidence="out of luck", log="mariadb.log")
    database = server.database(tag="some", template="some")
    with pytest.raises(StageFailed, match="out of luck") as caught:
        database.create()
    assert caught.value.log == "mariadb.log"
    database.keep()
    database.drop()
    assert database.address.kind == "mariadb"
