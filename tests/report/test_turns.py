"""On which package something turns: planted rules are found, and what cannot be told is not."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.since import Seen
from harness.report.turns import turns_on

Stack = Mapping[str, str]
EVERY: Sequence[Stack] = [
    {"Celery": celery, "kombu": kombu, "redis-py": redis}
    for celery, kombu, redis in product(["5.2.7", "5.3.6"], ["5.2.4", "5.3.7", "5.10.1"], ["4.6.0", "7.4.1"])
]


def told(stacks: Sequence[Stack], rule: Callable[[Stack], bool]) -> str:
    return turns_on([Seen.HERE if rule(each) else Seen.HELD for each in stacks], stacks)


def test_one_package_is_told_with_its_series_in_their_order() -> None:
    assert told(EVERY, lambda stack: stack["kombu"] != "5.10.1") == (
        "until kombu 5.3 (held in 5.10), whichever Celery and redis-py"
    )


def test_two_packages_are_told_together() -> None:
    rule: Callable[[Stack], bool] = lambda stack: (  # noqa: E731
        stack["kombu"] == "5.3.7" or (stack["kombu"] == "5.2.4" and stack["redis-py"] == "7.4.1")
    )
    assert told(EVERY, rule) == "with kombu 5.3, and with kombu 5.2 and redis-py 7.4, whichever Celery"


@given(st.sampled_from(["Celery", "kombu", "redis-py"]), st.data())
def test_a_package_that_decides_is_found_whatever_else_there_is(package: str, data: st.DataObject) -> None:
    versions = sorted({stack[package] for stack in EVERY})
    bad = data.draw(st.sets(st.sampled_from(versions), min_size=1, max_size=len(versions) - 1))
    assert f"{package} " in told(EVERY, lambda stack: stack[package] in bad).partition(", whichever ")[0]


def test_packages_that_change_together_are_not_told_apart() -> None:
    together = [
        {"Celery": "5.2.7", "kombu": "5.2.4", "redis-py": "4.6.0"},
        {"Celery": "5.3.6", "kombu": "5.3.7", "redis-py": "4.6.0"},
    ]
    assert told(together, lambda stack: stack["kombu"] == "5.2.4") == ""


def test_a_package_that_never_changed_is_not_said_to_make_no_difference() -> None:
    same = [stack for stack in EVERY if stack["redis-py"] == "4.6.0"]
    assert told(same, lambda stack: stack["kombu"] == "5.2.4") == ""


def test_where_it_takes_all_three_nothing_is_told() -> None:
    assert told(EVERY, lambda stack: stack == EVERY[0]) == ""


@pytest.mark.parametrize("seen", [Seen.HERE, Seen.HELD, Seen.UNASKED])
def test_what_is_the_same_everywhere_turns_on_nothing(seen: Seen) -> None:
    assert turns_on([seen] * len(EVERY), EVERY) == ""


def test_what_could_not_be_asked_says_nothing() -> None:
    seen = [Seen.HERE if stack["kombu"] == "5.2.4" else Seen.HELD for stack in EVERY]
    assert turns_on([Seen.UNASKED, *seen[1:]], EVERY) == turns_on(seen, EVERY)
