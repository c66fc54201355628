"""What is put into an environment beside its lock, as `python -m venv` does before Python 3.12."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.version import Version

from harness.env.build import _bundled_setuptools, build
from harness.env.interpreters import Interpreter
from harness.errors import StageFailed
from harness.model import Lock
from tests.env.conftest import LookInside, MakeUv
from tests.env.index import SETUPTOOLS, VINE, LocalIndex


def newest(interpreters: dict[str, Interpreter], *, seeds: bool) -> Interpreter:
    """The newest Python whose `venv` puts setuptools in, or does not."""
    fitting = [each for series, each in interpreters.items() if (Version(series) < Version("3.12")) is seeds]
    if not fitting:
        pytest.skip("no such Python on this machine")
    return fitting[-1]


@pytest.mark.live
def test_before_python_3_12_the_bundled_setuptools_is_put_in(
    index: LocalIndex,
    make_uv: MakeUv,
    cache: Path,
    lock: Lock,
    look_inside: LookInside,
    interpreters: dict[str, Interpreter],
) -> None:
    index.add(VINE)
    old = newest(interpreters, seeds=True)
    environment = build(lock, interpreter=old, uv=make_uv(), cache=cache)
    seeded = {name for name in look_inside(environment).distributions if name.startswith("setuptools-")}
    assert len(seeded) == 1
    assert environment.seed is not None
    assert environment.seed.startswith(f"{seeded.pop()}-")
    assert not any("setuptools" in path for path in index.asked)


@pytest.mark.live
def test_a_lock_that_names_setuptools_wins_over_the_bundled_one(
    index: LocalIndex,
    make_uv: MakeUv,
    cache: Path,
    look_inside: LookInside,
    interpreters: dict[str, Interpreter],
) -> None:
    index.add(VINE, SETUPTOOLS)
    old = newest(interpreters, seeds=True)
    lock = Lock(distributions=("setuptools==59.1.1", "vine==1.3.0"), python=old.version)
    environment = build(lock, interpreter=old, uv=make_uv(), cache=cache)
    assert environment.seed is None
    assert look_inside(environment).distributions == {"setuptools-59.1.1", "vine-1.3.0"}


@pytest.mark.live
def test_from_python_3_12_on_nothing_is_put_in(
    index: LocalIndex,
    make_uv: MakeUv,
    cache: Path,
    lock: Lock,
    look_inside: LookInside,
    interpreters: dict[str, Interpreter],
) -> None:
    index.add(VINE)
    new = newest(interpreters, seeds=False)
    environment = build(lock, interpreter=new, uv=make_uv(), cache=cache)
    assert environment.seed is None
    assert look_inside(environment).distributions == {"vine-1.3.0"}


@pytest.fixture
def fake_interpreter(tmp_path: Path) -> Callable[[str], Interpreter]:
    """What makes an interpreter that runs a shell script instead."""

    def make(script: str) -> Interpreter:
        path = tmp_path / "python3.9"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return Interpreter(version="3.9.18", path=path)

    return make


def test_a_python_without_ensurepip_seeds_nothing(
    fake_interpreter: Callable[[str], Interpreter], make_uv: MakeUv
) -> None:
    """As Debian's without python3-venv."""
    script = "echo \"ModuleNotFoundError: No module named 'ensurepip'\" >&2; exit 1"
    assert _bundled_setuptools(fake_interpreter(script), make_uv()) is None


def test_a_bundled_wheel_may_lie_in_a_folder_with_a_blank_in_its_name(
    fake_interpreter: Callable[[str], Interpreter], make_uv: MakeUv
) -> None:
    wheel = "/opt/My Python/ensurepip/_bundled/setuptools-58.1.0-py3-none-any.whl"
    assert _bundled_setuptools(fake_interpreter(f"echo '{wheel}'"), make_uv()) == Path(wheel)


def test_a_python_that_hangs_fails_the_stage(
    fake_interpreter: Callable[[str], Interpreter], make_uv: MakeUv
) -> None:
    with pytest.raises(StageFailed):
        _bundled_setuptools(fake_interpreter("exec tail -f /dev/null"), replace(make_uv(), timeout=0.2))
