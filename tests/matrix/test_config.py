import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given

from harness.errors import MatrixError
from harness.matrix.config import Matrix, load_matrix, parse_matrix
from harness.model import Profile, Resolution, Stack
from tests.conftest import AssertExpected
from tests.matrix.toml import damaged, dump
from tests.values import EXPECTATION, MATRIX, STACK

BAD = Path(__file__).parent / "bad"


def message_of(file: Path) -> str:
    with pytest.raises(MatrixError) as raised:
        load_matrix(file)
    return f"{raised.value}\n"


@pytest.mark.parametrize("name", sorted({file.stem for file in BAD.iterdir()}))
def test_a_bad_matrix_is_told_every_mistake(name: str, assert_expected: AssertExpected) -> None:
    assert_expected(message_of(BAD / f"{name}.toml"), BAD / f"{name}.expected")


@given(damaged(MATRIX))
@example({})
def test_however_a_matrix_is_damaged_nothing_but_its_mistakes_is_raised(raw: dict[str, Any]) -> None:
    with contextlib.suppress(MatrixError):
        parse_matrix(dump(raw))


def test_a_matrix_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(MatrixError, match=r"matrix\.toml has a mistake:\n  cannot be read: No such file"):
        load_matrix(tmp_path / "matrix.toml")


def test_a_matrix_that_is_no_text_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "matrix.toml"
    file.write_bytes(b"# caf\xe9\n")
    with pytest.raises(MatrixError):
        load_matrix(file)


def test_the_matrix_of_this_project_has_no_mistake(pytestconfig: pytest.Config) -> None:
    assert "default" in load_matrix(pytestconfig.rootpath / "matrix.toml").plans


def test_a_matrix_holds_what_its_file_says(matrix: Matrix) -> None:
    assert matrix.expectations == (EXPECTATION,)
    assert list(matrix.axes) == ["python", "django", "celery"]
    assert matrix.profiles["izone"] == Profile(
        name="izone",
        reason="the article's settings",
        settings={"USE_TZ": False, "TIME_ZONE": "Asia/Shanghai"},
    )
    assert matrix.stacks["new"] == Stack(
        name="new",
        reason="the newest of everything",
        pins={"python": "3.13", "django": "4.2", "celery": "*"},
        extras={"celery": ("redis",)},
        requirements=("redis>=5",),
    )


def test_what_a_file_leaves_out_has_a_default(matrix: Matrix) -> None:
    assert (matrix.project, matrix.grace_days) == (None, 30)
    assert matrix.timeouts["import"] == 60


def test_a_stack_takes_over_the_keys_of_the_one_it_is_like(matrix: Matrix) -> None:
    old, today = matrix.stacks["old"], matrix.stacks["old-today"]
    assert old.resolution is Resolution.ERA
    assert old.as_of is not None
    assert today == replace(STACK, name="old-today", reason="the same, today")


def test_pins_are_in_the_order_of_the_axes() -> None:
    swapped = MATRIX.replace('python = "3.9"\ndjango = "2.2.28"', 'django = "4.2"\npython = "3.9"')
    assert list(parse_matrix(swapped).stacks["old"].pins) == ["python", "django", "celery"]


def test_the_digest_changes_with_the_text(matrix: Matrix) -> None:
    assert parse_matrix(MATRIX).digest == matrix.digest
    assert parse_matrix(MATRIX + "# a remark\n").digest != matrix.digest
