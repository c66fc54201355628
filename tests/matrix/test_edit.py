import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.edit import age, with_values

ONE_LINE = 'values = ["2.2", "2.2.12", "4.2"]  # of Django\n'
LINES = """\
values = [
    "2.2", "2.2.12",  # the first that we support
    # those of today
    "4.2",
]
"""


def edited(values: str, *added: str, gone: tuple[str, ...] = ()) -> str:
    text = f"# what is run\n\n[axes.django]\nsince = \"2.2\"\n{values}\n[axes.celery]\nvalues = ['5.7']\n"
    before, _, rest = text.partition(values)
    changed = with_values(text, {"django": added}, {"django": gone})
    assert changed.startswith(before)
    assert changed.endswith(rest)
    return changed.removeprefix(before).removesuffix(rest)


@pytest.mark.parametrize(
    ("added", "values"),
    [
        ((), ONE_LINE),
        (("2.0",), 'values = ["2.0", "2.2", "2.2.12", "4.2"]  # of Django\n'),
        (("3.2", "10.0", "3.0"), 'values = ["2.2", "2.2.12", "3.0", "3.2", "4.2", "10.0"]  # of Django\n'),
        (("4.3a1", "4.3"), 'values = ["2.2", "2.2.12", "4.2", "4.3a1", "4.3"]  # of Django\n'),
        (("2.2.0",), 'values = ["2.2", "2.2.0", "2.2.12", "4.2"]  # of Django\n'),
    ],
)
def test_a_value_is_added_before_the_next_newer_one(added: tuple[str, ...], values: str) -> None:
    assert edited(ONE_LINE, *added) == values


def test_comments_and_lines_stay_as_they_are() -> None:
    assert edited(LINES, "3.2", "5.0") == (
        'values = [\n    "2.2", "2.2.12",  # the first that we support\n    # those of today\n'
        '    "3.2",\n    "4.2",\n    "5.0",\n]\n'
    )


def test_a_value_is_taken_out() -> None:
    assert edited(ONE_LINE, "4.3", gone=("4.2",)) == 'values = ["2.2", "2.2.12", "4.3"]  # of Django\n'


SERIES = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda two: "{}.{}".format(*two)), unique=True
)


@given(SERIES.filter(bool), SERIES)
def test_values_that_were_in_order_are_in_order(before: list[str], added: list[str]) -> None:
    values = ", ".join(f'"{value}"' for value in sorted(before, key=age))
    new = [value for value in added if value not in before]
    text = with_values(f"[axes.django]\nvalues = [{values}]\n", {"django": new}, {})
    assert tomllib.loads(text)["axes"]["django"]["values"] == sorted({*before, *added}, key=age)


def test_the_matrix_of_this_project_stays_as_it_is(pytestconfig: pytest.Config) -> None:
    text = Path(pytestconfig.rootpath, "matrix.toml").read_text()
    assert with_values(text, {"django": ()}, {}) == text
    assert with_values(with_values(text, {"django": ("99.0",)}, {}), {}, {"django": ("99.0",)}) == text
