"""Which environments are removed, and which never."""

import multiprocessing
import os
from pathlib import Path

import pytest
from filelock import FileLock

from harness.env import unused
from harness.env.build import COMPLETE, Environment
from harness.env.unused import in_use
from harness.proc.marker import Marker


@pytest.fixture
def built(tmp_path: Path) -> list[Environment]:
    """Five environments, used one after the other, and one that is half built."""
    for number in range(5):
        folder = tmp_path / "environments" / f"{number:016d}"
        (folder / "bin").mkdir(parents=True)
        (folder / COMPLETE).touch()
        os.utime(folder / COMPLETE, (number, number))
    (tmp_path / "environments" / f"{5:016d}").mkdir()
    return [Environment(path=tmp_path / "environments" / f"{number:016d}") for number in range(5)]


def remove_unused(cache: Path, *, kept: int) -> None:
    marker = Marker("4194999.1/unused")
    unused.remove_unused(cache, log=cache / "build.log", marker=marker, kept=kept)


def there(built: list[Environment]) -> list[int]:
    return [number for number, environment in enumerate(built) if environment.path.exists()]


def test_those_unused_for_longest_go(tmp_path: Path, built: list[Environment]) -> None:
    remove_unused(tmp_path, kept=3)
    assert there(built) == [2, 3, 4]
    assert (tmp_path / "environments" / f"{5:016d}").exists(), "it is being built"


def test_what_may_be_kept_is_kept(tmp_path: Path, built: list[Environment]) -> None:
    remove_unused(tmp_path, kept=5)
    assert there(built) == [0, 1, 2, 3, 4]


def test_what_is_in_use_stays(tmp_path: Path, built: list[Environment]) -> None:
    with in_use(built[0]), in_use(built[0]):
        remove_unused(tmp_path, kept=3)
        assert there(built) == [0, 2, 3, 4]
    remove_unused(tmp_path, kept=3)
    assert there(built) == [2, 3, 4]


def test_what_is_being_looked_at_by_another_harness_stays(tmp_path: Path, built: list[Environment]) -> None:
    with FileLock(f"{built[0].path}.lock"):
        remove_unused(tmp_path, kept=4)
    assert there(built) == [0, 1, 2, 3, 4]


def test_a_user_that_was_killed_holds_nothing(tmp_path: Path, built: list[Environment]) -> None:
    context = multiprocessing.get_context("spawn")
    ready, never = context.Event(), context.Event()
    user = context.Process(target=_use, args=(built[0], ready, never))
    user.start()
    assert ready.wait(60)
    remove_unused(tmp_path, kept=4)
    assert there(built) == [0, 1, 2, 3, 4]
    user.kill()
    user.join()
    remove_unused(tmp_path, kept=4)
    assert there(built) == [1, 2, 3, 4]


def _use(
    environment: Environment,
    ready: "multiprocessing.synchronize.Event",
    never: "multiprocessing.synchronize.Event",
) -> None:
    with in_use(environment):
        ready.set()
        never.wait()
