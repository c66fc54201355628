from hypothesis import given
from hypothesis import strategies as st

from harness.fleet.census import Census, take_census

SOME = st.frozensets(st.sampled_from("abcdef"))


def test_what_is_nowhere_twice_is_lost_and_what_is_so_once_is_not() -> None:
    first = take_census({"a", "b", "c"}, {"c"}, Census())
    assert first == Census(suspected=frozenset("ab"))
    assert take_census({"a", "b", "c"}, {"b", "c"}, first) == Census(lost=frozenset("a"))


@given(SOME, SOME, SOME)
def test_only_what_was_sent_and_is_not_seen_is_lost(
    sent: frozenset[str], seen: frozenset[str], suspected: frozenset[str]
) -> None:
    census = take_census(sent, seen, Census(suspected=suspected))
    assert census.lost == (sent - seen) & suspected
    assert census.suspected == (sent - seen) - suspected


@given(st.lists(SOME, min_size=2, max_size=6), SOME)
def test_what_is_lost_is_found_out_at_the_second_look_and_sent_once(
    looks: list[frozenset[str]], sent: frozenset[str]
) -> None:
    census = Census()
    sent_again: list[str] = []
    for seen in looks:
        census = take_census(sent, seen, census)
        sent_again.extend(census.lost)
    for each in sent:
        nowhere = [each not in seen for seen in looks]
        runs = "".join("x" if absent else " " for absent in nowhere).split()
        assert sent_again.count(each) == sum(len(run) // 2 for run in runs)
