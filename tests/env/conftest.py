import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from harness.env.build import Environment, build
from harness.env.interpreters import Interpreter, find_interpreters, pyenv_folders
from harness.env.uv import Uv
from harness.model import Lock
from harness.proc.children import Command, run
from harness.proc.marker import Marker
from tests.env.index import LocalIndex
from tests.proc.processes import PATIENCE, marker

__all__ = ["marker"]

MakeUv = Callable[[], Uv]
Build = Callable[[Lock], Environment]


@dataclass(frozen=True)
class Inside:
    """What the Python of an environment says of itself."""

    version: str
    distributions: frozenset[str]


LookInside = Callable[[Environment], Inside]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's own index, proxies and caches; no download of anything."""
    for variable in os.environ:
        if variable.upper().startswith(("UV_", "PIP_")) or variable.upper().endswith("_PROXY"):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    monkeypatch.setenv("UV_OFFLINE", "1")


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalIndex]:
    """An empty index, and the only one."""
    with LocalIndex() as index:
        monkeypatch.delenv("UV_OFFLINE")
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        yield index


@pytest.fixture
def make_uv(tmp_path: Path, marker: Marker) -> MakeUv:
    """What makes a uv with a folder and a log of its own, as each stage of each attempt has one."""
    numbers = count(1)

    def make() -> Uv:
        folder = tmp_path / f"stage-{next(numbers)}"
        folder.mkdir()
        return Uv(
            log=folder / "uv.log",
            marker=marker,
            timeout=PATIENCE,
            path_prefix=pyenv_folders(os.environ),
        )

    return make


@pytest.fixture
def uv(make_uv: MakeUv) -> Uv:
    return make_uv()


@pytest.fixture(scope="session")
def interpreter() -> Interpreter:
    """The one that runs the tests."""
    return Interpreter(version=platform.python_version(), path=Path(sys.executable).resolve())


@pytest.fixture(scope="session")
def interpreters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Interpreter]:
    """Every one of this machine."""
    uv = Uv(
        log=tmp_path_factory.mktemp("inventory") / "uv.log",
        marker=Marker.of_this_harness("tests"),
        timeout=PATIENCE,
        path_prefix=pyenv_folders(os.environ),
    )
    return find_interpreters(uv)


@pytest.fixture
def lock(interpreter: Interpreter) -> Lock:
    return Lock(distributions=("vine==1.3.0",), python=interpreter.version)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def build_it(make_uv: MakeUv, interpreter: Interpreter, cache: Path) -> Build:
    """What builds on this Python, each time with a folder and a log of its own."""
    return lambda lock: build(lock, interpreter=interpreter, uv=make_uv(), cache=cache)


@pytest.fixture
def look_inside(tmp_path: Path, marker: Marker) -> LookInside:
    def look_inside(environment: Environment) -> Inside:
        script = (
            "import json, os, sys, sysconfig;"
            "names = [name for name in os.listdir(sysconfig.get_path('purelib')) if '-info' in name];"
            "print(json.dumps([sys.version.split()[0], names]))"
        )
        finished = run(
            Command(
                argv=[environment.program("python"), "-I", "-c", script],
                env={"PATH": os.defpath},
                cwd=tmp_path,
                log=tmp_path / "inside.log",
                marker=marker,
            ),
            timeout=PATIENCE,
        )
        version, names = json.loads(finished.output.splitlines()[-1])
        return Inside(version, frozenset(name.rpartition(".")[0] for name in names))

    return look_inside
