"""What only PostgreSQL does: a database begins as a copy of a migrated one."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.services.postgres import PostgresServer, connected

pytestmark = [pytest.mark.live, pytest.mark.parametrize("tools", ["postgresql"], indirect=True)]


def test_a_migrated_one_is_what_the_next_begins_with(server: PostgresServer) -> None:
    first, second = (server.database(tag=tag, template="same") for tag in ("one", "two"))
    other = server.database(tag="three", template="other")
    assert not first.create()
    with connected(first.address) as connection:
        connection.execute("CREATE TABLE t (i integer)")
        connection.execute("INSERT INTO t VALUES (7)")
    first.keep()
    first.keep()
    first.drop()
    assert second.create()
    with connected(second.address) as connection:
        assert connection.execute("SELECT i FROM t").fetchall() == [(7,)]
    assert not other.create()


def test_several_may_keep_theirs_at_once(server: PostgresServer) -> None:
    several = [server.database(tag=f"n{number}", template="same") for number in range(6)]
    for database in several:
        assert not database.create()
    with ThreadPoolExecutor(len(several)) as pool:
        list(pool.map(lambda database: database.keep(), several))
    assert server.database(tag="next", template="same").create()
