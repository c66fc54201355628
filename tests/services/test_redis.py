"""A real Redis server, its own and other people's."""

import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import redis

from harness.errors import StageFailed
from harness.proc.marker import VARIABLE, Marker
from harness.proc.sweep import marked, sweep
from harness.proc.wait import Deadline, wait_until
from harness.services import redis as module
from harness.services.programs import RedisProgram, find_redis
from harness.services.redis import RedisServer
from tests.proc.processes import PATIENCE, until_gone

# What a client says that only looks.
HARMLESS = {"cmdstat_info", "cmdstat_hello", "cmdstat_client|setinfo", "cmdstat_client|maint_notifications"}

MakeServer = Callable[..., RedisServer]
Connect = Callable[[int], "redis.Redis"]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> RedisProgram:
    """The server program of this machine."""
    marker = Marker.of_this_harness("tests")
    found = find_redis(os.environ, log=tmp_path_factory.mktemp("redis") / "version.log", marker=marker)
    if found is None:
        pytest.skip("no Redis server here")
    return found


@pytest.fixture
def server(program: RedisProgram, marker: Marker, tmp_path: Path) -> Iterator[MakeServer]:
    """What makes a server that is gone after the test; each has a folder of its own."""
    made: list[RedisServer] = []

    def make(
        name: str, *, program: RedisProgram = program, timeout: float = PATIENCE, lasting: bool = False
    ) -> RedisServer:
        folder = tmp_path / name
        folder.mkdir()
        made.append(
            RedisServer(
                program,
                log=folder / "redis.log",
                marker=marker.below(name),
                timeout=timeout,
                lasting=lasting,
            )
        )
        return made[-1]

    yield make
    for server in made:
        if server.child is not None:
            server.child.kill()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """What makes a client of the server on a port."""
    clients: list[redis.Redis] = []

    def connected(port: int) -> redis.Redis:
        clients.append(redis.Redis(host="127.0.0.1", port=port, socket_timeout=PATIENCE))
        return clients[-1]

    yield connected
    for client in clients:
        client.close()


@pytest.fixture
def fake(tmp_path: Path) -> Callable[[str], RedisProgram]:
    """What makes a server program that is a shell script."""

    def make(script: str) -> RedisProgram:
        path = tmp_path / "fake-server"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return RedisProgram(path=path, origin="fake", version="redis 7.0.0")

    return make


def test_it_answers_on_a_port_of_its_own_and_is_proven_our_child(
    server: MakeServer, connect: Connect
) -> None:
    one, two = server("one"), server("two")
    children = [one.start(), two.start()]
    assert one.port != two.port
    for own, child in zip((one, two), children, strict=True):
        assert own.child is child
        assert connect(own.port).info("server")["process_id"] == child.pid
        assert own.url == f"redis://127.0.0.1:{own.port}/0"


def test_it_listens_on_loopback_only(server: MakeServer) -> None:
    own = server("own")
    connections = psutil.Process(own.start().pid).net_connections(kind="all")
    listening = {tuple(one.laddr) for one in connections if one.status == psutil.CONN_LISTEN}
    assert listening == {("127.0.0.1", own.port)}


def test_it_begins_empty_and_leaves_nothing_behind(
    server: MakeServer, connect: Connect, tmp_path: Path
) -> None:
    own = server("own")
    child = own.start()
    client = connect(own.port)
    assert client.dbsize() == 0
    client.set("key", "value")
    child.stop(grace=PATIENCE)
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["redis.log"]


def test_its_marker_survives_in_its_environment_so_that_a_sweep_finds_it(
    server: MakeServer, connect: Connect, marker: Marker
) -> None:
    own = server("own")
    process = psutil.Process(own.start().pid)
    # A server that renames itself does so while it starts, and has started when it answers.
    assert connect(own.port).ping()
    assert process.environ()[VARIABLE] == marker.below("own").text
    assert sweep(marker)
    until_gone(process)


def test_a_restart_keeps_the_port_and_not_the_data(server: MakeServer, connect: Connect) -> None:
    own = server("own")
    first = own.start()
    port = own.port
    connect(port).set("key", "value")
    first.kill()
    second = own.start()
    assert own.port == port
    assert own.child is second is not first
    assert connect(port).dbsize() == 0
    assert connect(port).info("server")["process_id"] == second.pid


def test_a_foreign_server_on_the_port_is_neither_used_nor_touched(
    server: MakeServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign, own = server("foreign"), server("own")
    foreign.start()
    connect(foreign.port).set("key", "theirs")
    connect(foreign.port).config_resetstat()
    ports = iter([foreign.port, module._free_port()])
    monkeypatch.setattr(module, "_free_port", lambda: next(ports))
    child = own.start()
    assert own.port != foreign.port
    assert connect(own.port).info("server")["process_id"] == child.pid
    asked = set(connect(foreign.port).info("commandstats"))
    assert asked - {"cmdstat_config|resetstat"} <= HARMLESS
    assert connect(foreign.port).get("key") == b"theirs"


@pytest.mark.live
def test_a_foreign_server_with_a_password_is_not_used_either(
    server: MakeServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign, own = server("foreign"), server("own")
    foreign.start()
    connect(foreign.port).config_set("requirepass", "secret")
    ports = iter([foreign.port, module._free_port()])
    monkeypatch.setattr(module, "_free_port", lambda: next(ports))
    own.start()
    assert own.port != foreign.port


def test_a_port_that_is_always_taken_is_a_failed_stage(
    server: MakeServer, connect: Connect, marker: Marker, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign, own = server("foreign"), server("own")
    foreign.start()
    connect(foreign.port).set("key", "theirs")
    monkeypatch.setattr(module, "_free_port", lambda: foreign.port)
    with pytest.raises(StageFailed, match="no free port in 5 tries") as caught:
        own.start()
    assert caught.value.log == "redis.log"
    assert own.child is None
    assert list(marked(marker.below("own").covers)) == []
    assert connect(foreign.port).get("key") == b"theirs"


def test_a_port_that_was_taken_while_it_was_down_is_not_used(
    server: MakeServer, marker: Marker, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign, own = server("foreign"), server("own")
    own.start().kill()
    port = own.port
    with monkeypatch.context() as patch:
        patch.setattr(module, "_free_port", lambda: port)
        foreign.start()
    with pytest.raises(StageFailed, match="no free port"):
        own.start()
    assert list(marked(marker.below("own").covers)) == []


@pytest.mark.live
def test_a_listener_that_never_answers_is_not_waited_for(
    server: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ports = iter([silent.getsockname()[1], module._free_port()])
        monkeypatch.setattr(module, "_free_port", lambda: next(ports))
        own = server("own")
        deadline = Deadline(6)
        own.start()
    assert own.port
    assert not deadline.passed


@pytest.mark.live
def test_a_server_that_ends_is_a_failed_stage_with_its_last_words(
    server: MakeServer, fake: Callable[[str], RedisProgram]
) -> None:
    own = server("own", program=fake("echo 'out of luck'; exit 3"))
    with pytest.raises(StageFailed, match=r"^the server ended with code 3\nout of luck\n$") as caught:
        own.start()
    assert caught.value.log == "redis.log"
    assert caught.value.evidence == str(caught.value)


@pytest.mark.live
def test_a_server_that_never_answers_is_a_failed_stage_and_is_killed(
    server: MakeServer, fake: Callable[[str], RedisProgram], marker: Marker
) -> None:
    own = server("own", program=fake("echo 'thinking'; exec sleep 120"), timeout=0.1)
    with pytest.raises(StageFailed, match=r"^the server's first answer: not within 0\.1 s\nthinking\n$"):
        own.start()
    assert own.child is None
    wait_until(
        lambda: not list(marked(marker.covers)), deadline=Deadline(PATIENCE), what="the server to be gone"
    )


@pytest.mark.live
def test_a_server_that_ends_for_another_reason_after_a_taken_port_is_told_as_it_is(
    server: MakeServer, fake: Callable[[str], RedisProgram]
) -> None:
    taken = "touch tried; echo 'Address already in use'; exit 1"
    own = server("own", program=fake(f"if [ -e tried ]; then echo 'out of luck'; exit 3; fi; {taken}"))
    with pytest.raises(StageFailed, match=r"^the server ended with code 3\n"):
        own.start()


@pytest.mark.parametrize("lasting", [False, True])
def test_a_killed_server_comes_back_with_its_data_or_without(
    server: MakeServer,
    connect: Connect,
    *,
    lasting: bool,
) -> None:
    own = server("own", lasting=lasting)
    own.start()
    connect(own.port).rpush("celery", "a task")
    assert own.child is not None
    own.child.kill()
    own.start()
    assert connect(own.port).llen("celery") == int(lasting)


def test_a_port_that_is_held_down_refuses_and_is_still_its_servers(
    server: MakeServer, connect: Connect
) -> None:
    own = server("own")
    with own.held_down():
        with socket.socket() as client:
            assert client.connect_ex(("127.0.0.1", own.port)) != 0
        with socket.socket() as somebody, pytest.raises(OSError, match="in use"):
            somebody.bind(("127.0.0.1", own.port))
        port = own.port
        own.start()
        assert own.port == port
    assert connect(port).ping()


def test_a_port_that_somebody_has_cannot_be_held_down(server: MakeServer) -> None:
    own = server("own")
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        own.port = somebody.getsockname()[1]
        with pytest.raises(StageFailed, match="in use"), own.held_down():
            pass
