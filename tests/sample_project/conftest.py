"""An environment as a reader of the sample project's README makes it, and the project in it."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cell.project import Project, make_additions
from harness.env.build import Environment, build
from harness.env.interpreters import Interpreter
from harness.env.resolve import resolve
from harness.env.supervisor import build_supervisor
from harness.env.uv import Uv
from harness.model import Question, Resolution
from harness.proc.marker import Marker
from harness.proc.sweep import sweep
from harness.services.databases import Address
from harness.services.programs import find_redis
from harness.services.redis import RedisServer

SOURCE = Path(__file__).parent.parent.parent / "sample_project"
PINS = (
    "django==5.2.12",
    "celery==5.6.3",
    "django-celery-beat==2.9.0",
    "django-celery-results==2.6.0",
    "redis==7.4.0",
)


@pytest.fixture(scope="session")
def marker() -> Iterator[Marker]:
    """On every process of these tests."""
    marker = Marker.of_this_harness("sample-project")
    yield marker
    sweep(marker)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory, marker: Marker) -> Environment:
    """The five packages in an environment of their own, as of their time."""
    folder = tmp_path_factory.mktemp("environment")
    interpreter = Interpreter(version=".".join(map(str, sys.version_info[:3])), path=Path(sys.executable))
    uv = Uv(log=folder / "uv.log", marker=marker, timeout=600)
    question = Question(requirements=PINS, pinned=PINS, resolution=Resolution.ERA, as_of=None, grace_days=30)
    lock = resolve(question, interpreter=interpreter, uv=uv, cache=folder / "locks")
    return build(lock, interpreter=interpreter, uv=uv, cache=folder)


@pytest.fixture(scope="session")
def supervisor(tmp_path_factory: pytest.TempPathFactory, marker: Marker) -> Environment:
    """Supervisor in an environment of its own."""
    folder = tmp_path_factory.mktemp("supervisor")
    return build_supervisor(uv=Uv(log=folder / "uv.log", marker=marker, timeout=600), cache=folder)


@pytest.fixture
def project(tmp_path: Path, environment: Environment, marker: Marker) -> Iterator[Project]:
    """A copy of the project with a Redis of its own, under its own settings."""
    shutil.copytree(SOURCE, tmp_path / "project")
    program = find_redis(os.environ, log=tmp_path / "redis-version.log", marker=marker)
    assert program is not None
    server = RedisServer(program, log=tmp_path / "redis.log", marker=marker, timeout=20)
    child = server.start()
    yield Project(
        source=tmp_path / "project",
        environment=environment.path,
        work=tmp_path,
        settings={},
        broker_url=server.url,
        database=Address(kind="sqlite", name=str(tmp_path / "db.sqlite3")),
        additions=make_additions(tmp_path),
        clock_environment={},
        beat_sleep=0.2,
    )
    child.kill()
