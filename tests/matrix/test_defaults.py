import tomllib
from pathlib import Path

import pytest

from harness.errors import MatrixError
from harness.matrix.config import find_matrix, load_matrix, parse_matrix
from harness.matrix.defaults import with_defaults
from tests.values import MATRIX

SHORT = """\
[stacks.ours]
reason = "what we deploy"
python = "3.12"
django = "4.2.11"
celery = "5.3.6"
django-celery-beat = "2.6.0"
django-celery-results = "*"
redis = "5.0.3"
"""
IN_PYPROJECT = "[project]\nname = 'shop'\n\n" + SHORT.replace("[stacks", "[tool.django-celery-matrix.stacks")


def test_stacks_alone_are_enough() -> None:
    matrix = parse_matrix(SHORT)
    assert list(matrix.stacks) == ["ours"]
    assert matrix.axes["django"].values == ("4.2.11",)
    assert matrix.stacks["ours"].pins["django-celery-results"] == "*"
    assert list(matrix.profiles) == ["startproject"]
    assert matrix.plans["default"].stacks == ("*",)
    assert matrix.project is None  # the bundled one


def test_what_a_file_says_itself_is_left_alone() -> None:
    raw = tomllib.loads(MATRIX)
    assert with_defaults(raw) == raw


@pytest.mark.parametrize("line", SHORT.splitlines()[2:])
def test_a_stack_that_leaves_one_out_is_told_so(line: str) -> None:
    axis = line.partition(" ")[0]
    with pytest.raises(MatrixError) as raised:
        parse_matrix(SHORT.replace(f"{line}\n", ""))
    assert raised.value.problems == (
        f"stacks.ours.{axis}: is missing; pin it, or leave it to the resolver with '*'",
    )


@pytest.mark.parametrize("text", ["stacks = 1", "stacks = { a = 1 }", ""])
def test_what_is_no_stack_is_told_as_ever(text: str) -> None:
    with pytest.raises(MatrixError, match="stacks"):
        parse_matrix(text)


def test_pyproject_may_have_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(IN_PYPROJECT)
    assert find_matrix(tmp_path) == path
    matrix = load_matrix(path)
    assert matrix.stacks == parse_matrix(SHORT).stacks
    path.write_text(IN_PYPROJECT.replace("shop", "bazaar"))
    assert load_matrix(path).digest == matrix.digest
    path.write_text(IN_PYPROJECT.replace("5.3.6", "5.4"))
    assert load_matrix(path).digest != matrix.digest


def test_mistakes_in_pyproject_are_told_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(IN_PYPROJECT.replace("reason", "raeson"))
    with pytest.raises(MatrixError) as raised:
        load_matrix(path)
    assert str(raised.value).splitlines()[:2] == [
        "[tool.django-celery-matrix] of pyproject.toml has a mistake:",
        "  stacks.ours.reason: is missing",
    ]
    path.write_text("[project]\n")
    with pytest.raises(MatrixError, match=r"tool.django-celery-matrix: is missing"):
        load_matrix(path)


def test_matrix_toml_comes_first(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(IN_PYPROJECT)
    (tmp_path / "matrix.toml").write_text(SHORT)
    assert find_matrix(tmp_path).name == "matrix.toml"


@pytest.mark.parametrize("text", [None, "[project]\n", "tool = 1\n", "[tool]\ndjango-celery-matrix = 1\n"])
def test_a_pyproject_without_tables_of_ours_is_not_asked(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    assert find_matrix(tmp_path).name == "matrix.toml"


def test_a_pyproject_that_cannot_be_read_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project\n")
    with pytest.raises(MatrixError, match=r"pyproject.toml has a mistake:\n  not TOML"):
        load_matrix(find_matrix(tmp_path))
