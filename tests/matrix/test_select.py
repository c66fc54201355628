import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.matrix.select import Selector, nearest, require_matches, unmatched

NAMES = st.text(alphabet="ab-.@", min_size=1, max_size=4)
GLOBS = st.text(alphabet="ab-.@*?", min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("globs", "selected"),
    [
        ((), ["izone@izone", "izone-today@izone", "django-4.2@plain"]),
        (("izone@*",), ["izone@izone"]),
        (("izone*",), ["izone@izone", "izone-today@izone"]),
        (("*@plain", "izone@izone"), ["izone@izone", "django-4.2@plain"]),
        (("IZONE*",), []),
        (("django-[23].2@*",), []),
    ],
)
def test_globs_select_names(globs: tuple[str, ...], selected: list[str]) -> None:
    names = ["izone@izone", "izone-today@izone", "django-4.2@plain"]
    assert list(filter(Selector(globs), names)) == selected


@given(NAMES)
def test_a_name_selects_itself(name: str) -> None:
    assert Selector((name,))(name)


@given(NAMES, st.lists(GLOBS, min_size=1))
def test_globs_select_what_one_of_them_selects(name: str, globs: list[str]) -> None:
    assert Selector(tuple(globs))(name) == any(Selector((glob,))(name) for glob in globs)


@given(st.lists(GLOBS), st.lists(NAMES))
def test_a_glob_is_unmatched_when_it_selects_nothing(globs: list[str], names: list[str]) -> None:
    assert unmatched(globs, iter(names)) == tuple(
        glob for glob in globs if not list(filter(Selector((glob,)), names))
    )


@pytest.mark.parametrize(
    ("word", "known", "told"),
    [
        ("djngo", ["python", "django"], "; did you mean 'django'?"),
        ("rails", ["python", "django"], "; there are python, django"),
        ("x", list("abcdefghijklmn"), "; there are a, b, c, d, e, f, g, h, i, j, k, l, …"),
        ("x", [], ""),
    ],
)
def test_an_unknown_word_is_told_the_nearest_or_what_there_is(word: str, known: list[str], told: str) -> None:
    assert nearest(word, known) == told


def test_every_glob_that_matches_nothing_is_told() -> None:
    told = "'olde' matches no cell; did you mean 'old'?\n'rails' matches no cell; there are old, new"
    with pytest.raises(UsageError, match=re.escape(told)) as raised:
        require_matches(["olde", "new", "rails"], ["old", "new"], what="cell")
    assert "--list" in raised.value.hint


def test_nothing_is_told_when_every_glob_matches() -> None:
    require_matches(["o*", "new"], ["old", "new"], what="cell")
