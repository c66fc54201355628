"""Byte code that goes from one environment to the next, and what Python makes of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.env.build import Environment
from harness.env.bytecode import keep_bytecode
from harness.env.interpreters import Interpreter
from harness.model import Lock
from harness.proc.children import Command, run
from harness.proc.marker import Marker
from tests.env.conftest import Build
from tests.env.index import VINE, LocalIndex, Release
from tests.proc.processes import PATIENCE

KOMBU = Release(name="kombu", version="4.6.11")


class Importer:
    """Imports a package in an environment as a worker does, and says which byte code was there before."""

    def __init__(self, folder: Path, marker: Marker) -> None:
        self._folder = folder
        self._marker = marker

    def __call__(self, environment: Environment, name: str) -> tuple[bool, str]:
        """Whether byte code had to be written, and the file that the code says it is from."""
        before = codes(environment, name)
        finished = run(
            Command(
                argv=[environment.program("python"), "-c", f"import {name}; print({name}.__file__)"],
                env={},
                cwd=self._folder,
                log=self._folder / "import.log",
                marker=self._marker,
            ),
            timeout=PATIENCE,
        )
        assert finished.exit_code == 0, finished.output
        return codes(environment, name) != before, finished.output.strip()


def codes(environment: Environment, name: str) -> dict[str, int]:
    """The byte code of a package, and the number of each file: what is written anew has another."""
    found = environment.path.glob(f"lib/*/site-packages/__pycache__/{name}.*.pyc")
    return {path.name: path.stat().st_ino for path in found}


@pytest.fixture
def imports(tmp_path: Path, marker: Marker) -> Importer:
    return Importer(tmp_path, marker)


def keep(environment: Environment, interpreter: Interpreter, cache: Path) -> None:
    keep_bytecode(environment.path, interpreter=interpreter, cache=cache)


@pytest.fixture
def both(lock: Lock, index: LocalIndex) -> Lock:
    index.add(VINE, KOMBU)
    return replace(lock, distributions=("kombu==4.6.11", "vine==1.3.0"))


def test_the_next_environment_is_given_it(
    build_it: Build, lock: Lock, both: Lock, imports: Importer, interpreter: Interpreter, cache: Path
) -> None:
    first = build_it(lock)
    assert imports(first, "vine")[0], "an installer compiles nothing"
    keep(first, interpreter, cache)
    second = build_it(both)
    assert codes(second, "vine") == codes(first, "vine")
    written, source = imports(second, "vine")
    assert not written
    assert Path(source).is_relative_to(second.path)
    assert imports(second, "kombu")[0], "nothing was kept of it"


def test_what_belongs_to_another_source_is_not_believed(
    build_it: Build, lock: Lock, both: Lock, imports: Importer, interpreter: Interpreter, cache: Path
) -> None:
    first = build_it(lock)
    imports(first, "vine")
    keep(first, interpreter, cache)
    second = build_it(both)
    (source,) = second.path.glob("lib/*/site-packages/vine.py")
    source.unlink()
    source.write_text("changed = 1\n")
    assert imports(second, "vine")[0]
    assert not imports(first, "vine")[0], "the other's is another file"


def test_another_interpreter_is_given_nothing(
    build_it: Build, lock: Lock, both: Lock, imports: Importer, interpreter: Interpreter, cache: Path
) -> None:
    first = build_it(lock)
    imports(first, "vine")
    keep(first, replace(interpreter, version="3.6.15"), cache)
    assert codes(build_it(both), "vine") == {}


def test_the_first_decides_what_is_kept(
    build_it: Build, lock: Lock, both: Lock, imports: Importer, interpreter: Interpreter, cache: Path
) -> None:
    first, second = build_it(lock), build_it(both)
    keep(first, interpreter, cache)
    imports(second, "vine")
    keep(second, interpreter, cache)
    assert codes(build_it(replace(both, distributions=("kombu==4.6.11",))), "kombu") == {}
    assert sorted(path.name for path in cache.glob("bytecode/*/*")) == sorted(
        {"kombu-4.6.11", "vine-1.3.0", *(path.name for path in cache.glob("bytecode/*/setuptools-*"))}
    )


def test_only_what_an_installer_brought_is_kept(
    build_it: Build,
    lock: Lock,
    index: LocalIndex,
    imports: Importer,
    interpreter: Interpreter,
    cache: Path,
) -> None:
    index.add(VINE)
    environment = build_it(lock)
    imports(environment, "vine")
    (folder,) = environment.path.glob("lib/*/site-packages")
    (folder / "added.py").write_text("")
    imports(environment, "added")
    keep(environment, interpreter, cache)
    assert [path.name.split(".")[0] for path in cache.glob("bytecode/*/vine-1.3.0/__pycache__/*")] == ["vine"]
