from pathlib import Path

import pytest

from harness.answers.projects.read import read_project
from harness.errors import ProjectError, UsageError


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "celery==5.4.0\n"),
        ("base.in", "celery==5.4.0\n"),
        ("pyproject.toml", '[project]\ndependencies = ["celery==5.4.0"]\n'),
        ("uv.lock", '[[package]]\nname = "celery"\nversion = "5.4.0"\n'),
        (
            "poetry.lock",
            '[[package]]\nname = "celery"\nversion = "5.4.0"\n[metadata]\npython-versions = "*"\n',
        ),
        ("Pipfile.lock", '{"_meta": {}, "default": {"celery": {"version": "==5.4.0"}}}'),
    ],
)
def test_each_format_is_known_by_its_name(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert read_project(name, tmp_path).on("3.9")["celery"].pin == "5.4.0"


def test_what_is_not_there_or_not_known(tmp_path: Path) -> None:
    (tmp_path / "setup.py").touch()
    with pytest.raises(UsageError, match="there is no file"):
        read_project("requirements.txt", tmp_path)
    with pytest.raises(UsageError, match="of no format"):
        read_project("setup.py", tmp_path)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("celery=5\nredis=5\n")
    with pytest.raises(ProjectError, match="2 mistakes") as told:
        read_project("requirements.txt", tmp_path)
    assert len(told.value.problems) == 2


def test_bytes_that_are_no_text_are_a_mistake(tmp_path: Path) -> None:
    for name in ("requirements.txt", "uv.lock"):
        (tmp_path / name).write_bytes(b"\xff\xfe")
        with pytest.raises(ProjectError, match="cannot be read"):
            read_project(name, tmp_path)
