"""From an index on loopback to both files."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from harness.cli import main
from harness.commands import interrupt, update
from harness.env.interpreters import Interpreter
from harness.matrix.config import load_matrix
from harness.matrix.releases import load_releases
from harness.proc.gate import Gate
from tests.conftest import AssertExpected
from tests.env.index import LocalIndex, Release

EXPECTED = Path(__file__).parent / "update"
MATRIX = """\
[axes.python]
values = ["3.13"]

[axes.django]      # see the docs
since = "4.0"
values = ["4.2", "4.2.11"]   # one of each

[axes.django-celery-beat]
values = ["2.2"]

[profiles.plain]
reason = "the defaults"
settings = {}

[stacks.old]
reason = "what we run"
python = "3.13"
django = "4.2.11"
django-celery-beat = "2.2"

[plans.default]
reason = "everything"
stacks = ["*"]
profiles = ["*"]
"""
RELEASES = [
    Release(name="django", version="3.2.1"),
    Release(name="django", version="4.0.1", requires_python=">=3.8"),
    Release(name="django", version="4.2.11", requires_python=">=3.8", uploaded=date(2024, 3, 4)),
    Release(name="django-celery-beat", version="2.2.1", requires=["Django>=2.2,<4.1"]),
]


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Update = Callable[..., Said]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No interpreters, which take uv a while to ask; and a gate that a failure may close."""
    monkeypatch.setattr(update, "find_interpreters", lambda _uv: {})
    monkeypatch.setattr(interrupt, "GATE", Gate())


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalIndex]:
    for variable in os.environ:
        if variable.upper().startswith("UV_") or variable.upper().endswith("_PROXY"):
            monkeypatch.delenv(variable)
    with LocalIndex(RELEASES) as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        yield index


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "matrix.toml").write_text(MATRIX)
    return folder


@pytest.fixture
def run(folder: Path, tmp_path: Path, index: LocalIndex, capsys: pytest.CaptureFixture[str]) -> Update:
    """The command line, in this process; what it says names the index INDEX."""

    def run(*arguments: str) -> Said:
        places = ["--matrix", str(folder / "matrix.toml"), "--state", str(tmp_path / "state")]
        code = main(["update", *places, *arguments])
        said = capsys.readouterr()
        return Said(code, said.out.replace(index.url, "INDEX"), said.err.replace(index.url, "INDEX"))

    return run


def test_both_files_are_written_and_the_news_told(
    run: Update, folder: Path, assert_expected: AssertExpected
) -> None:
    said = run()
    assert (said.code, said.err) == (0, "")
    assert_expected(said.out, EXPECTED / "first.out.expected")
    assert_expected((folder / "matrix.toml").read_text(), EXPECTED / "first.matrix.expected")
    assert_expected((folder / "releases.json").read_text(), EXPECTED / "first.releases.expected")


def test_the_second_time_nothing_is_new(run: Update, index: LocalIndex) -> None:
    run()
    index.asked.clear()
    said = run()
    assert (said.code, said.out) == (0, "nothing is new: 3 releases of 2 packages are noted\n")
    assert sorted(index.asked) == ["/simple/django-celery-beat/", "/simple/django/"]
    assert run("--check") == said


def test_what_is_new_then_is_told_and_written(
    run: Update, index: LocalIndex, folder: Path, assert_expected: AssertExpected
) -> None:
    run()
    index.releases[2] = Release(name="django", version="4.2.11", requires_python=">=3.8", yanked="broken")
    index.add(
        Release(name="django", version="4.2.12", uploaded=date(2024, 5, 6)),
        Release(name="django", version="5.0", uploaded=date(2023, 12, 4)),
        Release(name="django", version="5.1a1", uploaded=date(2024, 5, 22)),
    )
    assert_expected(run().out, EXPECTED / "second.out.expected")
    axes = load_matrix(folder / "matrix.toml").axes
    assert axes["django"].values == ("4.0", "4.2", "4.2.11", "5.0", "5.1a1")
    assert run("--check").code == 0


def test_a_check_tells_and_changes_nothing(
    run: Update, folder: Path, assert_expected: AssertExpected
) -> None:
    said = run("--check")
    assert said.code == 1
    assert_expected(said.out, EXPECTED / "check.out.expected")
    assert (folder / "matrix.toml").read_text() == MATRIX
    assert [file.name for file in folder.iterdir()] == ["matrix.toml"]


def test_a_new_axis_makes_everything_asked_again(run: Update, index: LocalIndex, folder: Path) -> None:
    """What the others require of it was left out."""
    index.add(Release(name="celery", version="5.7.0"))
    index.releases[3] = Release(
        name="django-celery-beat", version="2.2.1", requires=["celery<6", "Django<4.1"]
    )
    run()
    text = (folder / "matrix.toml").read_text()
    text = text.replace("[profiles", '[axes.celery]\nvalues = ["5.7"]\n\n[profiles', 1)
    (folder / "matrix.toml").write_text(text.replace('beat = "2.2"', 'beat = "2.2"\ncelery = "5.7"'))
    assert "noted anew, by what it requires of the axes: 1 release" in run().out
    [beat] = load_releases(folder / "releases.json").packages["django-celery-beat"]
    assert beat.requires == ("celery<6", "Django<4.1")


def test_a_python_of_the_machine_becomes_a_value(
    run: Update, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = Interpreter(version="3.14.1", path=Path("/python"))
    monkeypatch.setattr(update, "find_interpreters", lambda _uv: {"3.14": newer})
    assert "python: 3.14 is a new series; this machine has 3.14.1\n" in run().out
    assert load_matrix(folder / "matrix.toml").axes["python"].values == ("3.13", "3.14")


def test_an_index_that_does_not_answer_changes_nothing(run: Update, index: LocalIndex, folder: Path) -> None:
    index.stop()
    for said in (run(), run("--check")):
        assert said.code == 3
        assert said.out == ""
        assert said.err.startswith("error: django")
        assert "INDEX cannot be asked: " in said.err
        assert "nothing has been changed" in said.err
    assert [file.name for file in folder.iterdir()] == ["matrix.toml"]


def test_offline_is_said(run: Update, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    said = run()
    assert said.code == 3
    assert said.err == "error: UV_OFFLINE is set: no package index may be asked\nhint: unset UV_OFFLINE\n"


def test_a_file_of_something_else_is_not_overwritten(run: Update, folder: Path) -> None:
    (folder / "releases.json").write_text("{}")
    said = run()
    assert said.code == 2
    assert said.err.startswith("error: releases.json has a mistake:")
    assert (folder / "releases.json").read_text() == "{}"


def test_the_product_is_explained_from_what_is_noted(
    run: Update, index: LocalIndex, assert_expected: AssertExpected
) -> None:
    run()
    index.stop()
    said = run("--explain")
    assert said.code == 0
    assert_expected(said.out, EXPECTED / "explain.out.expected")
