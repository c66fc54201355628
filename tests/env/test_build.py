"""Environments built from a small index: when they are built, when again, and when not."""

import json
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from harness.cell.classify import classify_stage
from harness.checks.events import StageEnded
from harness.env.build import Environment, build, environment_digest, why_not_usable
from harness.env.interpreters import Interpreter
from harness.errors import StageFailed
from harness.model import Lock, Stage, Status
from harness.proc.marker import Marker
from harness.proc.sweep import marked
from tests.env.conftest import Build, LookInside, MakeUv
from tests.env.index import SETUPTOOLS, VINE, LocalIndex


def was_called(tmp_path: Path, number: int) -> bool:
    """Whether the uv of the nth build was called at all."""
    return (tmp_path / f"stage-{number}" / "uv.log").exists()


def signature(error: StageFailed) -> str:
    event = StageEnded(stage=Stage.BUILD, status=Status.FAILED, seconds=0.0, evidence=error.evidence)
    return classify_stage(event).signature


def test_an_environment_holds_its_lock_and_is_marked_complete(
    index: LocalIndex, build_it: Build, lock: Lock, look_inside: LookInside, interpreter: Interpreter
) -> None:
    index.add(VINE)
    environment = build_it(lock)
    inside = look_inside(environment)
    assert inside.version == interpreter.version
    assert {name for name in inside.distributions if not name.startswith("setuptools")} == {"vine-1.3.0"}
    assert why_not_usable(environment) is None
    assert json.loads((environment.path / ".complete").read_text()) == {"seed": environment.seed}
    assert [path.name for path in environment.path.glob(".complete*")] == [".complete"]


def test_an_environment_is_built_once(index: LocalIndex, build_it: Build, lock: Lock, tmp_path: Path) -> None:
    index.add(VINE)
    first = build_it(lock)
    index.stop()
    assert build_it(lock) == first
    assert not was_called(tmp_path, 2)


def test_what_is_only_there_as_source_is_built_by_its_own_backend(
    index: LocalIndex, build_it: Build, lock: Lock, look_inside: LookInside
) -> None:
    index.add(replace(VINE, source="pass"))
    assert "vine-1.3.0" in look_inside(build_it(lock)).distributions


def test_the_identity_of_an_environment_is_what_it_is_built_from(interpreter: Interpreter) -> None:
    lock = Lock(distributions=("vine==1.3.0",), python=interpreter.version)
    digests = {
        environment_digest(lock, interpreter, Path("/cache")),
        environment_digest(replace(lock, distributions=("vine==5.1.0",)), interpreter, Path("/cache")),
        environment_digest(lock, replace(interpreter, version="3.6.15"), Path("/cache")),
        environment_digest(lock, replace(interpreter, path=Path("/elsewhere/bin/python3")), Path("/cache")),
        environment_digest(lock, interpreter, Path("/elsewhere/cache")),
    }
    assert len(digests) == 5
    assert all(len(digest) == 16 for digest in digests)


def test_an_environment_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert why_not_usable(Environment(path=tmp_path / "none")) == "there is none"


# --- built again ----------------------------------------------------------------------------------


def test_a_half_built_environment_is_built_again(
    index: LocalIndex, build_it: Build, lock: Lock, tmp_path: Path
) -> None:
    index.add(VINE)
    environment = build_it(lock)
    (environment.path / ".complete").unlink()
    left = environment.path / "left-by-the-first"
    left.touch()
    assert why_not_usable(environment) == "it was left half built"
    assert why_not_usable(build_it(lock)) is None
    assert was_called(tmp_path, 2)
    assert not left.exists()


def test_a_cache_that_was_moved_builds_its_own_and_one_that_is_linked_is_the_same(
    index: LocalIndex, build_it: Build, lock: Lock, tmp_path: Path, cache: Path
) -> None:
    index.add(VINE)
    environment = build_it(lock)
    cache.rename(tmp_path / "moved")
    cache.symlink_to(tmp_path / "moved")
    moved = build_it(lock)
    assert moved.path.parent == tmp_path / "moved" / "environments"
    assert moved.digest != environment.digest
    cache.rename(tmp_path / "another-link")
    cache.symlink_to(tmp_path / "another-link")
    assert build_it(lock) == moved


def test_an_environment_whose_interpreter_is_gone_is_built_again(
    index: LocalIndex, build_it: Build, lock: Lock, tmp_path: Path, look_inside: LookInside
) -> None:
    index.add(VINE)
    environment = build_it(lock)
    program = Path(environment.program("python"))
    program.unlink()
    program.symlink_to(tmp_path / "uninstalled" / "python3")
    assert why_not_usable(environment) == "its interpreter is gone"
    assert "vine-1.3.0" in look_inside(build_it(lock)).distributions


def test_an_interpreter_that_is_gone_fails_the_stage(
    index: LocalIndex, make_uv: MakeUv, lock: Lock, cache: Path, tmp_path: Path
) -> None:
    index.add(VINE)
    gone = Interpreter(version="3.9.17", path=tmp_path / "uninstalled" / "python3.9")
    with pytest.raises(StageFailed, match="uninstalled"):
        build(lock, interpreter=gone, uv=make_uv(), cache=cache)


# --- what cannot be built -------------------------------------------------------------------------


def test_a_distribution_that_cannot_be_built_fails_the_stage_in_its_own_words(
    index: LocalIndex, build_it: Build, lock: Lock, cache: Path
) -> None:
    index.add(replace(VINE, source="raise SystemExit('no distutils')"))
    with pytest.raises(StageFailed, match="no distutils") as failed:
        build_it(lock)
    assert signature(failed.value) == "build:source-build:vine"
    assert failed.value.log == "uv.log"
    assert list(cache.glob("*/*/.complete")) == []


def test_a_distribution_that_is_gone_from_the_index_fails_the_stage(
    index: LocalIndex, build_it: Build, lock: Lock
) -> None:
    index.add(replace(VINE, version="5.1.0"))
    with pytest.raises(StageFailed) as failed:
        build_it(lock)
    assert signature(failed.value) == "build:no-such-version:vine"


def test_a_failure_does_not_stand_in_the_way_of_the_next_try(
    index: LocalIndex, build_it: Build, lock: Lock, look_inside: LookInside
) -> None:
    with pytest.raises(StageFailed):
        build_it(lock)
    index.add(VINE)
    assert "vine-1.3.0" in look_inside(build_it(lock)).distributions


@pytest.mark.live
def test_an_unreachable_index_poisons_nothing(
    build_it: Build, lock: Lock, cache: Path, monkeypatch: pytest.MonkeyPatch, look_inside: LookInside
) -> None:
    monkeypatch.delenv("UV_OFFLINE")
    with LocalIndex([VINE]) as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
    with pytest.raises(StageFailed) as failed:
        build_it(lock)
    assert signature(failed.value) == "build:index-unreachable"
    assert list(cache.glob("*/*/.complete")) == []
    with LocalIndex([VINE]) as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        assert "vine-1.3.0" in look_inside(build_it(lock)).distributions


def test_an_index_that_does_not_answer_is_given_up_at_the_deadline(
    index: LocalIndex, make_uv: MakeUv, interpreter: Interpreter, cache: Path, marker: Marker
) -> None:
    index.add(VINE, SETUPTOOLS)
    given_up = Event()
    index.before_file = lambda _filename: given_up.wait()
    lock = Lock(distributions=("setuptools==59.1.1", "vine==1.3.0"), python=interpreter.version)
    try:
        with pytest.raises(StageFailed, match=r"uv to end: not within 0\.5 s"):
            build(lock, interpreter=interpreter, uv=replace(make_uv(), timeout=0.5), cache=cache)
    finally:
        given_up.set()
    assert list(marked(marker.covers)) == []
    assert list(cache.glob("*/*/.complete")) == []
