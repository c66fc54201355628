import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.lines import is_changed, lines_of, with_lines

NAMES = st.from_regex(r"[a-z0-9]([a-z0-9._-]{0,12}[a-z0-9])?", fullmatch=True)
VERSIONS = st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,3}){0,2}(rc1)?", fullmatch=True)
LINES = st.one_of(
    NAMES,
    st.builds("{}<{}".format, NAMES, VERSIONS),
    st.builds("{}=={}".format, NAMES, VERSIONS),
    st.builds("{}>={}".format, NAMES, VERSIONS),
    st.builds("{}[extra]".format, NAMES),
)


@given(st.lists(LINES, max_size=4, unique=True))
def test_a_name_tells_its_lines_or_that_it_does_not(lines: list[str]) -> None:
    name = with_lines("stack", lines)
    assert re.fullmatch(r"[A-Za-z0-9._+-]+", name)
    told = lines_of(name.split("+")[1:])
    assert told == tuple(lines) or (told is None and "+changes-" in name)
    assert is_changed(f"{name}@plain") == bool(lines)


@given(st.lists(LINES, min_size=3, max_size=6, unique=True), st.randoms())
def test_the_order_of_many_lines_makes_no_other_cell(lines: list[str], random: object) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert with_lines("stack", shuffled) == with_lines("stack", lines)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["packaging"], "old+packaging"),
        (["kombu<5.6"], "old+kombu-below-5.6"),
        (["kombu==5.5.4", "vine"], "old+kombu-at-5.5.4+vine"),
        (["a", "b", "c"], "old+changes-ea7fb08b"),
        (["meet-at-5"], "old+changes-911a5a4b"),
    ],
)
def test_its_name_says_what_is_changed(lines: list[str], name: str) -> None:
    assert with_lines("old", lines) == name


@pytest.mark.parametrize("part", ["", "changes-0123abcd", "kombu<5.6", "kombu-", "a b", "-kombu"])
def test_what_is_no_line_tells_none(part: str) -> None:
    assert lines_of([part]) is None
