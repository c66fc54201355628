from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version

from harness.matrix.config import Matrix, parse_matrix
from harness.matrix.question import is_series, make_question, make_requirement
from harness.model import Cell, Question, Resolution
from tests.values import MATRIX

NUMBERS = st.integers(min_value=0, max_value=99)
EXTRAS = st.lists(st.sampled_from(["redis", "msgpack", "sqs"]), unique=True)


ON_MARIADB = """
[databases.mariadb]
requirements = ["mysqlclient>=1.4"]

[profiles.on-mariadb]
reason = "what many use"
settings = { USE_TZ = true }
database = "mariadb"
"""


def cell(matrix: Matrix, stack: str, profile: str = "plain") -> Cell:
    return Cell(stack=matrix.stacks[stack], profile=matrix.profiles[profile])


@given(NUMBERS, NUMBERS, NUMBERS, EXTRAS)
def test_a_series_asks_for_any_of_its_patches(major: int, minor: int, patch: int, extras: list[str]) -> None:
    asked = Requirement(make_requirement("celery", f"{major}.{minor}", extras))
    assert (asked.name, asked.extras) == ("celery", set(extras))
    assert f"{major}.{minor}.{patch}" in asked.specifier
    assert f"{major}.{minor + 1}.{patch}" not in asked.specifier
    assert f"{major}.{minor}0.{patch}" not in asked.specifier or minor == 0


@given(st.tuples(NUMBERS, NUMBERS, NUMBERS), st.tuples(NUMBERS, NUMBERS, NUMBERS))
def test_a_release_asks_for_itself_and_nothing_else(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    release, another = (".".join(map(str, numbers)) for numbers in (one, other))
    asked = Requirement(make_requirement("django", release))
    assert asked.specifier.contains(Version(release))
    assert asked.specifier.contains(Version(another)) == (one == other)


@pytest.mark.parametrize(
    ("value", "extras", "requirement"),
    [
        ("4.2", (), "celery==4.2.*"),
        ("4.2.11", (), "celery==4.2.11"),
        ("6.1.0", (), "celery==6.1.0"),
        ("5.6rc1", (), "celery==5.6rc1"),
        ("*", (), "celery"),
        ("*", ("redis", "sqs"), "celery[redis,sqs]"),
        ("5.7", ("redis",), "celery[redis]==5.7.*"),
    ],
)
def test_a_value_is_a_requirement(value: str, extras: tuple[str, ...], requirement: str) -> None:
    assert make_requirement("celery", value, extras) == requirement


def test_two_numbers_are_a_series() -> None:
    assert [value for value in ("5", "5.7", "10.21", "5.7.0", "5.7rc1", "*") if is_series(value)] == [
        "5.7",
        "10.21",
    ]


def test_a_stack_asks_for_its_pins_and_for_what_they_need(matrix: Matrix) -> None:
    assert make_question(cell(matrix, "old"), matrix) == Question(
        requirements=("django==2.2.28", "pytz", "celery==4.4.2"),
        pinned=("django==2.2.28", "celery==4.4.2"),
        resolution=Resolution.ERA,
        as_of=date(2023, 7, 16),
        grace_days=30,
    )


def test_a_stack_pins_nothing_that_it_leaves_to_the_resolver(matrix: Matrix) -> None:
    question = make_question(cell(matrix, "new"), matrix)
    assert question.requirements == ("django==4.2.*", "celery[redis]", "redis>=5")
    assert question.pinned == ("django==4.2.*",)


def test_a_database_adds_its_driver_and_pins_nothing() -> None:
    matrix = parse_matrix(MATRIX + ON_MARIADB)
    plain = make_question(cell(matrix, "new"), matrix)
    on_mariadb = make_question(cell(matrix, "new", "on-mariadb"), matrix)
    assert on_mariadb == replace(plain, requirements=(*plain.requirements, "mysqlclient>=1.4"))
