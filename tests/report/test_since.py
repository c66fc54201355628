import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.since import Seen, listed, stretches, when

# What stands for each, the oldest first: "x.o?" is broken, in another way, held, not asked.
LETTERS = {"x": Seen.HERE, ".": Seen.HELD, "o": Seen.OTHERWISE, "?": Seen.UNASKED}
SERIES = st.lists(st.sampled_from(list(Seen)), min_size=1, max_size=13)


def read(letters: str) -> list[Seen]:
    return [LETTERS[letter] for letter in letters]


def names_of(seen: Sequence[Seen]) -> list[str]:
    return [f"<{number}>" for number in range(len(seen))]


@given(SERIES)
def test_what_was_seen_is_told_of_each_series_once_and_of_no_other(seen: list[Seen]) -> None:
    told = [number for stretch in stretches(seen) for number in stretch.here]
    assert told == [number for number, each in enumerate(seen) if each is Seen.HERE]


@given(SERIES)
def test_what_could_not_be_asked_is_named_wherever_a_stretch_has_it_among_its_neighbours(
    seen: list[Seen],
) -> None:
    for stretch in stretches(seen):
        first = -1 if stretch.before is None else stretch.before
        last = len(seen) if stretch.after is None else stretch.after
        assert sorted((*stretch.here, *stretch.unasked)) == list(range(first + 1, last))
        assert all(seen[number] is Seen.UNASKED for number in stretch.unasked)
        neighbours = [each for each in (stretch.before, stretch.after) if each is not None]
        assert all(seen[number] in (Seen.HELD, Seen.OTHERWISE) for number in neighbours)


@given(SERIES.filter(lambda seen: Seen.HERE in seen))
def test_no_words_name_a_series_that_was_not_asked_but_those_that_say_so(seen: list[Seen]) -> None:
    names = names_of(seen)
    unasked = [name for name, each in zip(names, seen, strict=True) if each is Seen.UNASKED]
    parts = re.split(r"[;()]", when(seen, names))
    claims = [part for part in parts if not part.endswith(Seen.UNASKED)]
    assert not any(name in claim for name in unasked for claim in claims)


@given(st.sets(st.integers(0, 12), min_size=1))
def test_a_list_names_every_run_by_its_ends(numbers: set[int]) -> None:
    names = [f"<{number}>" for number in range(13)]
    covered: list[int] = []
    for part in listed(sorted(numbers), names).replace(" and ", ", ").split(", "):
        first, _, last = part.replace("<", "").replace(">", "").partition(" to ")
        covered += range(int(first), int(last or first) + 1)
    assert covered == sorted(numbers)


@pytest.mark.parametrize(
    ("letters", "words"),
    [
        ("xxx", "in every series that was tested, B <0> to <2>"),
        ("x", "in B <0>, the only series that was tested"),
        ("?x?", "in B <1>, the only series that could be asked (<0> and <2> could not be asked)"),
        ("x?x", "in every series that could be asked, B <0> to <2> (<1> could not be asked)"),
        ("..x", "since B <2> (held in <1>)"),
        (".?xx", "since B <2> (held in <0>; <1> could not be asked)"),
        (".xx?", "since B <1> (held in <0>; <3> could not be asked)"),
        ("xx..", "until B <1> (held from <2> on)"),
        ("xx.", "until B <1> (held in <2>)"),
        ("xx.?", "until B <1> (held in <2>)"),
        ("xx.x.", "until B <1> (held in <2>), and in B <3> (held in <2> and in <4>)"),
        ("xxoo", "until B <1> (broken in another way in <2>)"),
        (".x..", "only in B <1> (held in <0> and from <2> on)"),
        (".xxo", "from B <1> to <2> (held in <0>; broken in another way in <3>)"),
        ("????x", "in B <4>, the only series that could be asked (<0> to <3> could not be asked)"),
    ],
)
def test_since_and_until_in_words(letters: str, words: str) -> None:
    seen = read(letters)
    assert when(seen, names_of(seen)) == words.replace("B ", "django-celery-beat ")
