"""The Pythons of this machine, and of made-up ones."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from harness.env.interpreters import Interpreter, find_interpreters, pyenv_folders, take_inventory
from harness.env.uv import Uv
from harness.errors import MachineError
from tests.env.conftest import MakeUv

THIS = f"{sys.version_info.major}.{sys.version_info.minor}"
FakeUv = Callable[[str], Uv]


def made(root: Path, *versions: str) -> list[str]:
    """The `bin` folders of a pyenv with these versions, made in `root`."""
    folders = [root / "versions" / version / "bin" for version in versions]
    for folder in folders:
        folder.mkdir(parents=True)
    (root / "shims").mkdir()
    return list(map(str, folders))


# --- pyenv ----------------------------------------------------------------------------------------


def test_pyenv_is_found_by_its_shims_on_the_path(tmp_path: Path) -> None:
    folders = made(tmp_path / "elsewhere", "3.6.15", "3.13.0")
    path = os.pathsep.join(["/usr/bin", str(tmp_path / "elsewhere" / "shims")])
    assert pyenv_folders({"PATH": path}) == tuple(sorted(folders))


def test_pyenv_is_found_by_its_own_variable(tmp_path: Path) -> None:
    folders = made(tmp_path / "root", "3.9.18")
    assert pyenv_folders({"PYENV_ROOT": str(tmp_path / "root")}) == tuple(folders)


def test_pyenv_is_found_in_the_home_folder(tmp_path: Path) -> None:
    folders = made(tmp_path / ".pyenv", "3.9.18")
    assert pyenv_folders({"HOME": str(tmp_path)}) == tuple(folders)


def test_every_pyenv_is_found_and_each_only_once(tmp_path: Path) -> None:
    environ = {
        "PATH": os.pathsep.join([str(tmp_path / "a" / "shims"), str(tmp_path / ".pyenv" / "shims")]),
        "PYENV_ROOT": str(tmp_path / "a"),
        "HOME": str(tmp_path),
    }
    folders = made(tmp_path / "a", "3.9.18") + made(tmp_path / ".pyenv", "3.13.0")
    assert pyenv_folders(environ) == tuple(sorted(folders))


@pytest.mark.parametrize("environ", [{}, {"PATH": "", "HOME": "/nonexistent", "PYENV_ROOT": "/nonexistent"}])
def test_a_machine_without_pyenv_has_no_such_folders(environ: Mapping[str, str]) -> None:
    assert pyenv_folders(environ) == ()


def test_an_empty_variable_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, "3.9.18")
    monkeypatch.chdir(tmp_path)
    assert pyenv_folders({"PYENV_ROOT": ""}) == ()


# --- this machine ---------------------------------------------------------------------------------


@pytest.mark.live
def test_the_python_that_runs_the_tests_is_found(interpreters: dict[str, Interpreter]) -> None:
    found = interpreters[THIS]
    assert found.path.exists()
    assert found.series == THIS


@pytest.mark.live
def test_no_shim_is_taken_for_an_interpreter(interpreters: dict[str, Interpreter]) -> None:
    assert [each for each in interpreters.values() if each.path.parent.name == "shims"] == []


@pytest.mark.live
def test_an_inventory_has_what_is_there_and_says_why_something_is_not(make_uv: MakeUv) -> None:
    inventory = take_inventory([THIS, "3.99", THIS], make_uv())
    assert inventory.found[THIS].series == THIS
    assert list(inventory.missing) == ["3.99"]
    assert "3.99" in inventory.missing["3.99"]


@pytest.mark.live
def test_an_inventory_of_what_is_there_misses_nothing(make_uv: MakeUv) -> None:
    assert take_inventory([THIS], make_uv()).missing == {}


# --- made-up machines -----------------------------------------------------------------------------


def entry(version: str, path: str, **others: str) -> dict[str, str]:
    return {
        "key": f"cpython-{version}-linux-x86_64-gnu",
        "version": version,
        "path": path,
        "implementation": "cpython",
        **others,
    }


@pytest.fixture
def fake_uv(make_uv: MakeUv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeUv:
    """What makes a uv that is a shell script."""

    def make(script: str) -> Uv:
        program = tmp_path / "fake-uv"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr("harness.env.uv.find_uv_bin", lambda: str(program))
        return make_uv()

    return make


def lists(*entries: dict[str, str]) -> str:
    """The script of a uv that lists these."""
    return f"cat <<'END'\n{json.dumps(list(entries))}\nEND"


def test_the_newest_of_a_series_is_taken_and_the_oldest_series_comes_first(fake_uv: FakeUv) -> None:
    uv = fake_uv(
        lists(
            entry("3.13.0", "/a/python3.13"),
            entry("3.9.2", "/a/python3.9"),
            entry("3.9.18", "/b/python3.9"),
            entry("3.10.13", "/a/python3.10"),
        )
    )
    found = find_interpreters(uv)
    assert list(found) == ["3.9", "3.10", "3.13"]
    assert found["3.9"] == Interpreter(version="3.9.18", path=Path("/b/python3.9"))


def test_the_first_of_the_same_version_is_taken(fake_uv: FakeUv) -> None:
    uv = fake_uv(lists(entry("3.9.18", "/first/python3.9"), entry("3.9.18", "/second/python3.9")))
    assert find_interpreters(uv)["3.9"].path == Path("/first/python3.9")


def test_a_release_is_taken_before_its_candidates(fake_uv: FakeUv) -> None:
    uv = fake_uv(lists(entry("3.14.0rc2", "/a/python3.14"), entry("3.14.0", "/b/python3.14")))
    assert find_interpreters(uv)["3.14"].version == "3.14.0"


def test_what_is_no_plain_cpython_is_passed_over(fake_uv: FakeUv) -> None:
    uv = fake_uv(
        lists(
            entry("3.10.14", "/a/pypy3.10", key="pypy-3.10.14-linux-x86_64-gnu", implementation="pypy"),
            entry("3.13.0", "/a/python3.13t", key="cpython-3.13.0+freethreaded-linux-x86_64-gnu"),
            entry("3.9.18", "/pyenv/shims/python3.9"),
        )
    )
    assert find_interpreters(uv) == {}


def test_warnings_before_the_list_are_passed_over(fake_uv: FakeUv) -> None:
    script = "echo 'warning: a shim failed [really]' >&2\necho '  [stderr]' >&2\n"
    uv = fake_uv(script + lists(entry("3.9.18", "/a/python3.9")))
    assert list(find_interpreters(uv)) == ["3.9"]


def test_warnings_after_the_list_are_passed_over(fake_uv: FakeUv) -> None:
    uv = fake_uv(
        lists(entry("3.9.18", "/a/python3.9")) + "\necho 'warning: a cache could not be written' >&2"
    )
    assert list(find_interpreters(uv)) == ["3.9"]


def test_a_uv_that_fails_is_told_in_its_own_words(
    make_uv: MakeUv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk, or with a cache of somebody else's."""
    (tmp_path / "no-folder").touch()
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "no-folder" / "cache"))
    with pytest.raises(MachineError, match="no-folder"):
        find_interpreters(make_uv())


def test_what_is_missing_is_asked_of_uv_and_then_there(fake_uv: FakeUv, tmp_path: Path) -> None:
    listed, installed = lists(entry("3.9.18", "/a/python3.9")), tmp_path / "installed"
    script = f"""\
if [ "$2" = install ]; then echo "$3" >> {installed}; exit; fi
if [ -e {installed} ]; then
{listed}
else
{lists()}
fi"""
    inventory = take_inventory(["3.9"], fake_uv(script))
    assert list(inventory.found) == ["3.9"]
    assert inventory.missing == {}
    assert installed.read_text() == "3.9\n"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("error: No download found for request: cpython-3.5", "No download found for request: cpython-3.5"),
        ("", "uv could not install it"),
        pytest.param(
            "warning: the cache is old\nerror: No download found for request: cpython-3.5",
            "No download found for request: cpython-3.5",
        ),
    ],
    ids=["an-error", "nothing", "a-warning-first"],
)
def test_why_a_python_could_not_be_installed_is_kept(fake_uv: FakeUv, said: str, reason: str) -> None:
    script = f"[ \"$2\" = list ] && echo '[]' && exit\ncat <<'END' >&2\n{said}\nEND\nexit 2"
    assert take_inventory(["3.5"], fake_uv(script)).missing == {"3.5": reason}


@pytest.mark.live
def test_an_installation_that_takes_too_long_is_a_reason(fake_uv: FakeUv) -> None:
    script = "[ \"$2\" = list ] && echo '[]' && exit\nexec tail -f /dev/null"
    uv = replace(fake_uv(script), timeout=1.0)
    assert "not within 1 s" in take_inventory(["3.5"], uv).missing["3.5"]
