from dataclasses import replace
from datetime import date

import pytest
from packaging.specifiers import SpecifierSet

from harness.answers.demands import read_demands
from harness.answers.stack import KnownStack
from harness.answers.why import admits_series, beside, extra_pins, held_back, obstacles
from harness.matrix.field import Declaration, Field
from tests.answers.world import AXES, MISSING, NEW, OLD, cell, facts

FIELD = Field(
    axes={
        "python": ("3.11", "3.12"),
        "django": ("4.2", "5.2", "6.0"),
        "celery": ("5.3", "5.5"),
        "django-celery-beat": ("2.6", "2.8"),
        "redis": ("5.0", "6.2"),
    },
    forbidden={
        (("python", "3.11"), ("django", "6.0")): Declaration(text="django 6.0 declares Python>=3.12"),
        (("django", "6.0"), ("celery", "5.3")): Declaration(text="celery 5.3 declares django<6"),
    },
)


def only(*results: object) -> KnownStack:
    [known] = [each for each in facts(*results).all() if each.works]  # type: ignore[arg-type]
    return known


def test_a_line_is_there_for_the_failure_without_it() -> None:
    base = cell(NEW, fails=MISSING)
    name = base.cell.partition("@")[0]
    changed = cell(NEW, name=f"{name}+packaging", beside=("packaging==26.3",), lines=("packaging",))
    [extra] = extra_pins(facts(base, changed), only(base, changed), {})
    assert (extra.pin, extra.cell) == ("packaging==26.3", base.cell)
    assert extra.because == "without it worker:missing-module:packaging: No module named 'packaging'"


def test_a_line_that_nobody_tried_without_is_explained_by_another_stack_or_not_at_all() -> None:
    changed = cell(NEW, name="x+packaging", beside=("packaging==26.3",), lines=("packaging",))
    [extra] = extra_pins(facts(changed), only(changed), {})
    assert (extra.because, extra.cell) == ("its stack has it; nobody has tried without", "")
    other = cell(OLD, fails=MISSING)
    [extra] = extra_pins(facts(changed, other), only(changed, other), {})
    assert extra.because.startswith("another stack fails without it: worker:missing-module:packaging")
    assert extra.cell == other.cell


def test_a_lock_that_was_run_again_has_no_reasons_of_its_own() -> None:
    first = cell(NEW, beside=("kombu==5.5.1",))
    again = cell(NEW, name="picked", beside=("kombu==5.5.1",), lines=("kombu==5.5.1",), profile="other")
    known = facts(first, again)
    fact = known.known(again.cell)
    assert fact is not None
    assert extra_pins(known, fact, {}) == ()


def test_a_driver_is_there_for_its_database() -> None:
    known = cell(NEW, database="mariadb", beside=("mysqlclient==2.2.7",), lines=("mysqlclient",))
    [extra] = extra_pins(facts(known), only(known), {"mariadb": ("mysqlclient",)})
    assert (extra.pin, extra.because) == ("mysqlclient==2.2.7", "what mariadb needs")


def test_what_is_held_back_is_told_with_what_is_in_the_way() -> None:
    works = cell({**OLD, "redis": "6.2.0"})
    fails = cell({**OLD, "redis": "6.2.0", "django-celery-beat": "2.8.0"}, fails=MISSING)
    known = facts(works, fails)
    told = {
        each.axis: (each.newer, each.because, each.cell) for each in held_back(known, only(works), {}, FIELD)
    }
    assert told == {
        "django": ("6.0", "celery 5.3 declares django<6", ""),
        "celery": ("5.5", "nobody has tried it with the others", ""),
        "django-celery-beat": (
            "2.8",
            "worker:missing-module:packaging: No module named 'packaging'",
            fails.cell,
        ),
    }


def test_nothing_is_held_back_by_what_was_asked_for() -> None:
    demands = read_demands(["django==4.2", "celery<5.5", "django-celery-beat==2.6.0"], AXES).demands
    works = cell({**OLD, "redis": "6.2.0"})
    assert held_back(facts(works), only(works), demands, FIELD) == ()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["django==9.9"], ["django==9.9.* admits none of its series, 4.2 to 6.0"]),
        (["django==6.0", "python==3.11"], ["django 6.0 declares Python>=3.12"]),
        (["django==6.0", "python==3.12"], ["nobody has tried it"]),
    ],
)
def test_an_impossible_demand_gets_the_reason(words: list[str], expected: list[str]) -> None:
    demands = read_demands(words, AXES).demands
    assert [each.words for each in obstacles(demands, FIELD, [])] == expected


def test_failures_stand_in_the_way_with_the_cell_that_shows_them() -> None:
    failed = list(facts(cell(NEW, fails=MISSING), cell(NEW, python="3.11", fails=MISSING)).all())
    [told] = obstacles({"django": SpecifierSet("==5.2.*")}, FIELD, failed)
    assert told.words == "worker:missing-module:packaging: No module named 'packaging' (2 tried)"
    assert told.cell == failed[0].cell


@pytest.mark.parametrize(
    ("specifiers", "series", "expected"),
    [
        ("==4.2.*", "4.2", True),
        ("==4.2.11", "4.2", True),
        ("==4.2.11", "4.1", False),
        (">=4.2.11", "4.2", True),
        ("<4.2", "4.2", False),
        (">4.2.3,<4.2.9", "4.1", False),
        ("==4.2.0", "4.2", True),
    ],
)
def test_a_series_is_admitted_if_one_of_its_releases_may_be(
    specifiers: str, series: str, *, expected: bool
) -> None:
    assert admits_series(SpecifierSet(specifiers), series) is expected


def test_next_to_what_is_admitted() -> None:
    series = ("4.2", "5.0", "5.1", "5.2")
    assert beside(SpecifierSet("==5.0.*"), series) == ("4.2", "5.1")
    assert beside(SpecifierSet("==5.2.*"), series) == ("5.1",)
    assert beside(SpecifierSet("==7.0.*"), series) == ("5.2",)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 12, 2), ["django==6.0.* was not out on 2025-12-02: its first release is of 2025-12-03"]),
        (date(2025, 12, 3), ["nobody has tried it"]),
    ],
)
def test_what_was_not_out_on_a_day_is_in_the_way(day: date, expected: list[str]) -> None:
    field = replace(FIELD, released={("django", "6.0"): date(2025, 12, 3).toordinal()})
    told = obstacles({"django": SpecifierSet("==6.0.*")}, field, [], day)
    assert [each.words for each in told] == expected
