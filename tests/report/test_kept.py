from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import pytest

from harness.contract.invariant import Stand, Standing
from harness.contract.promise import Promise, stand_of
from harness.report.kept import Question, names_of, question_of, since_of, tell_kept

QUESTIONS = (
    Question(id="comes-back", sentence="it comes back", links={"https://example.org/1": "more"}),
    Question(id="once", sentence="it runs once"),
)
PROMISE = Promise(
    id="comes-back",
    reads="killed",
    sentence="it comes back",
    caveat="it does not come back",
    judge=lambda facts: f"after {facts['after']} s" if facts["after"] > 1 else "",
    link="https://example.org/1",
)


def held(of: str) -> Stand:
    return Stand(invariant=of, standing=Standing.HELD, seen="")


def violated(of: str, seen: str) -> Stand:
    return Stand(invariant=of, standing=Standing.VIOLATED, seen=seen)


def told(*series: tuple[Stand, Stand]) -> list[str]:
    names = [f"5.{number}" for number in range(len(series))]
    where = partial(since_of, names=names, of="Celery")
    return [line for line in tell_kept(QUESTIONS, series, where) if line]


def test_what_is_kept_everywhere_is_told_in_its_sentence() -> None:
    assert told((held("comes-back"), held("once"))) == [
        "Kept in every series that was asked:",
        "- it comes back",
        "- it runs once",
    ]


def test_what_is_not_kept_is_told_with_the_series_and_where_there_is_more() -> None:
    assert told(
        (held("comes-back"), held("once")),
        (violated("comes-back", "it is dead"), held("once")),
        (violated("comes-back", "it is dead"), held("once")),
    ) == [
        "Not kept:",
        (
            "- *comes-back*, it comes back: it is dead; since Celery 5.1 (held in 5.0) "
            "([more](https://example.org/1))"
        ),
        "Kept in every series that was asked:",
        "- it runs once",
    ]


def test_what_differs_by_its_numbers_is_told_once_and_what_differs_in_words_is_counted() -> None:
    seen = ["after 9 of 9 s", "never", "after 10.5 of 9 s"]
    [_, line] = told(*((violated("comes-back", each), held("once")) for each in seen))[:2]
    assert "it comes back: after 9 to 10.5 of 9 s (2 of 3); never (1 of 3); in every series" in line


def test_what_could_not_be_asked_somewhere_is_in_neither_list() -> None:
    unasked = Stand(invariant="once", standing=Standing.NOT_OBSERVED, seen="it did not come to that")
    lines = told((held("comes-back"), held("once")), (held("comes-back"), unasked))
    assert lines == ["Kept in every series that was asked:", "- it comes back"]


@pytest.mark.parametrize(
    ("seen", "standing", "said"),
    [
        ({"killed": {"after": 1}}, Standing.HELD, ""),
        ({"killed": {"after": 9}}, Standing.VIOLATED, "after 9 s"),
        ({}, Standing.NOT_OBSERVED, "it did not come to that"),
    ],
)
def test_a_promise_is_judged_by_what_was_seen(
    seen: Mapping[str, Mapping[str, int]], standing: Standing, said: str
) -> None:
    assert stand_of(PROMISE, seen) == Stand(invariant="comes-back", standing=standing, seen=said)


def test_a_promise_asks_its_sentence() -> None:
    assert question_of(PROMISE, word="more") == QUESTIONS[0]


@pytest.mark.parametrize(
    ("series", "names"),
    [
        ([("5.1", "5.1 on 3.9"), ("5.2", "5.2 on 3.9")], ["5.1", "5.2"]),
        ([("5.1", "5.1 on 3.9"), ("5.1", "5.1 on 3.8")], ["5.1 on 3.9", "5.1 on 3.8"]),
        ([("5.1", "5.1 on 3.9")] * 2, ["5.1 on 3.9"] * 2),
    ],
)
def test_names_are_as_long_as_tells_series_apart(series: list[tuple[str, ...]], names: list[str]) -> None:
    assert names_of(series) == names


def test_where_there_is_no_place_for_all_each_kind_has_its_own() -> None:
    def where(stands: Sequence[Stand | None], *, alike: bool) -> str:
        return "".join("x" if stand and stand.seen else "." for stand in stands) if alike else ""

    dead, mute = violated("once", "it is dead"), violated("once", "it says 3")
    sometimes = violated("once", "it says 7 (in 1 of 2 attempts)")
    series = [(dead,), (mute,), (held("once"),), (replace(sometimes, steady=False),)]
    assert [line for line in tell_kept(QUESTIONS[1:], series, where) if line] == [
        "Not kept:",
        (
            "- *once*, it runs once: it says 3 to 7 (2 of 4, 1 of them not in each attempt) .x.x; "
            "it is dead (1 of 4) x..."
        ),
    ]
