from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from harness.answers.circumstances import DEFAULTS, Circumstances
from harness.answers.paths import Step, between, find_path
from harness.answers.pick import Calendar, Choice, Wish, pick
from tests.answers.world import NEW, OLD, cell, facts

SERIES = st.sampled_from(["5.3.6", "5.4.0", "5.5.0"])
STACKS = st.fixed_dictionaries(
    {
        "django": st.sampled_from(["4.2.11", "5.0.1", "5.1.1", "5.2.1"]),
        "celery": SERIES,
        "django-celery-beat": st.sampled_from(["2.6.0", "2.7.0", "2.8.0"]),
        "redis": st.sampled_from(["5.0.3", "5.2.0", "6.2.0"]),
    }
)


def choices(*stacks: Mapping[str, str], python: str = "3.12") -> tuple[Choice, ...]:
    wish = Wish(demands={}, circumstances=Circumstances(settings=DEFAULTS, database="sqlite"))
    known = facts(*(cell(each, python=python) for each in stacks))
    return pick(known, wish, Calendar(days={})).choices


def changes(steps: tuple[Step, ...]) -> list[list[str]]:
    return [[each.name for each in step.changes] for step in steps]


def test_two_small_steps_are_better_than_a_large_one() -> None:
    middle = {**OLD, "celery": NEW["celery"], "redis": NEW["redis"]}
    steps = find_path(OLD, choices(middle), choices(NEW))
    assert changes(steps) == [["celery", "redis"], ["django", "django-celery-beat"]]


def test_without_anything_between_there_is_one_step() -> None:
    [step] = find_path(OLD, (), choices(NEW))
    assert len(step.changes) == 4
    assert [(each.before, each.after) for each in step.changes if each.name == "django"] == [
        ("4.2.11", "5.2.1")
    ]


def test_there_is_nothing_to_do_where_one_is_and_no_way_without_a_goal() -> None:
    assert find_path(NEW, choices(OLD), choices(NEW)) == ()
    assert find_path(OLD, choices(NEW), ()) == ()


@pytest.mark.parametrize(("python", "expected"), [("3.12", []), ("3.11", ["python"]), ("", [])])
def test_another_python_is_a_change_as_any_other(python: str, expected: list[str]) -> None:
    origin = {"python": python, **OLD} if python else OLD
    [step] = find_path(origin, (), choices({**OLD, "django": "5.2.1"}))
    assert [each.name for each in step.changes if each.name != "django"] == expected


@given(STACKS, st.lists(STACKS, min_size=1, max_size=8), STACKS)
def test_a_path_leads_to_the_goal_and_never_away_from_it(
    origin: dict[str, str], stations: list[dict[str, str]], goal: dict[str, str]
) -> None:
    steps = find_path(origin, choices(*stations), choices(goal))
    here = dict(origin)
    for step in steps:
        assert step.changes
        for each in step.changes:
            assert here[each.name] == each.before
            here[each.name] = each.after
            apart = sorted(map(Version, (each.before, goal[each.name])))
            assert apart[0] <= Version(each.after) <= apart[1]
    assert here == goal
    assert sum(len(step.changes) ** 2 for step in steps) <= sum(origin[a] != goal[a] for a in origin) ** 2


@given(STACKS, st.lists(STACKS, min_size=1, max_size=6), STACKS)
def test_all_on_the_way_is_in_the_room_between(
    origin: dict[str, str], stations: list[dict[str, str]], goal: dict[str, str]
) -> None:
    goals = choices(goal)
    room = between(origin, goals)
    for step in find_path(origin, choices(*stations), goals):
        for axis, specifiers in room.items():
            assert specifiers.contains(step.choice.stack.versions[axis])
