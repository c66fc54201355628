"""One environment and several processes: two that build it at once, and one that is killed over it."""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest

from harness.env.build import Environment, why_not_usable
from harness.env.interpreters import Interpreter
from harness.model import Lock
from harness.proc.children import Child, Command
from harness.proc.marker import Marker
from harness.proc.sweep import sweep
from harness.proc.wait import Deadline, wait_until
from tests.env.conftest import Build, LookInside
from tests.env.index import VINE, LocalIndex
from tests.proc.processes import PATIENCE

# What another process does that wants the same environment.
BUILDER = """
import sys
from pathlib import Path
from harness.env.build import build
from harness.env.interpreters import Interpreter
from harness.env.uv import Uv
from harness.model import Lock
from harness.proc.marker import Marker

folder, cache, version, path, marker = sys.argv[1:]
uv = Uv(log=Path(folder, "uv.log"), marker=Marker(marker), timeout=60)
lock = Lock(distributions=("vine==1.3.0",), python=version)
print("begins", flush=True)
environment = build(lock, interpreter=Interpreter(version=version, path=Path(path)), uv=uv, cache=Path(cache))
print("built", environment.digest, flush=True)
"""


@dataclass(frozen=True)
class Held:
    """An index that holds back its files until `released`; `asked` when the first was asked for."""

    asked: Event
    released: Event


@pytest.fixture
def held(index: LocalIndex) -> Held:
    held = Held(Event(), Event())

    def hold(_filename: str) -> None:
        held.asked.set()
        held.released.wait(PATIENCE)

    index.add(VINE)
    index.before_file = hold
    return held


@pytest.fixture
def start_builder(
    tmp_path: Path, interpreter: Interpreter, cache: Path, marker: Marker
) -> Callable[[str], Child]:
    """What starts another process that builds the same."""

    def start(name: str) -> Child:
        folder = tmp_path / name
        folder.mkdir()
        own = marker.below(name)
        arguments = [folder, cache, interpreter.version, interpreter.path, own.text]
        return Child(
            Command(
                argv=[sys.executable, "-c", BUILDER, *map(str, arguments)],
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
                cwd=folder,
                log=folder / "builder.log",
                marker=own,
            )
        )

    return start


def wait_for_words(child: Child, words: str) -> None:
    def said() -> bool:
        assert child.exit_code in (None, 0), child.command.log.read_text()
        return words in child.command.log.read_text()

    wait_until(said, deadline=Deadline(PATIENCE), what=f"the builder to say {words!r}")


@pytest.mark.live
def test_two_processes_that_want_the_same_environment_build_it_once(
    held: Held, start_builder: Callable[[str], Child], tmp_path: Path
) -> None:
    first = start_builder("first")
    assert held.asked.wait(PATIENCE)
    second = start_builder("second")
    wait_for_words(second, "begins")
    held.released.set()
    for builder in (first, second):
        assert builder.wait(Deadline(PATIENCE)) == 0
        assert "built" in builder.command.log.read_text()
    assert [name for name in ("first", "second") if (tmp_path / name / "uv.log").exists()] == ["first"]


@pytest.mark.live
def test_an_environment_whose_builder_was_killed_is_built_again(
    held: Held,
    start_builder: Callable[[str], Child],
    build_it: Build,
    lock: Lock,
    cache: Path,
    look_inside: LookInside,
) -> None:
    builder = start_builder("killed")
    assert held.asked.wait(PATIENCE)
    builder.signal(signal.SIGKILL)
    builder.wait(Deadline(PATIENCE))
    left = sweep(builder.command.marker)
    assert any("uv" in command for command in left)
    (half_built,) = (path for path in (cache / "environments").iterdir() if path.is_dir())
    assert why_not_usable(Environment(path=half_built)) == "it was left half built"
    held.released.set()
    environment = build_it(lock)
    assert environment.path == half_built
    assert "vine-1.3.0" in look_inside(environment).distributions
