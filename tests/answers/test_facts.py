from dataclasses import replace

from packaging.specifiers import SpecifierSet

from harness.model import Settled, Stage, Verdict
from tests.answers.world import MISSING, NEW, OLD, cell, facts
from tests.values import HEADER


def test_a_fact_has_exact_versions_and_its_witness() -> None:
    known = facts(cell(NEW, beside=("kombu==5.5.1",))).known(cell(NEW).cell)
    assert known is not None
    assert known.versions == {"python": "3.12.4", **NEW}
    assert known.asked["django"] == "5.2"
    assert (known.version("python"), known.date, known.works) == ("3.12", "2026-08-01", True)
    assert "kombu==5.5.1" in known.distributions


def test_the_whole_of_a_fact_is_found_in_a_run_that_was_merged() -> None:
    merged = replace(cell(NEW), run="that of a shard")
    known = facts(merged)
    [fact] = list(known.having(NEW))
    assert fact.run == HEADER.run
    assert known.whole(fact) == merged


def test_what_says_nothing_is_no_fact() -> None:
    same = replace(cell(NEW), settled=Settled.SAME)
    skipped = replace(cell(OLD), skipped="no interpreter", attempts=(), lock=None)
    assert facts(same, skipped).entries == {}


def test_caveats_and_breaks_are_told_apart() -> None:
    known = facts(cell(NEW, caveats=("late",)), cell(OLD, fails=MISSING))
    [caveat] = list(known.having(NEW))
    assert caveat.verdict is Verdict.CAVEATS
    assert [each.caveat for each in caveat.caveats] == ["late is not so"]
    assert caveat.breaks == ()
    [broken] = list(known.having(OLD))
    assert [each.signature for each in broken.breaks] == ["worker:missing-module:packaging"]
    assert not broken.works


def test_facts_are_found_by_versions_and_by_series() -> None:
    known = facts(cell(NEW), cell(OLD), cell(OLD, python="3.11"))
    found = known.matching({"django": SpecifierSet("<5"), "python": SpecifierSet("==3.11.*")})
    assert [each.python for each in found] == ["3.11"]
    assert len(list(known.having({"django": "4.2"}))) == 2
    assert len(list(known.having({"django": "4.2.11", "celery": "5.3"}))) == 2
    assert list(known.having({"django": "4.2.1"})) == []


def test_a_record_of_days_says_nothing_against_the_same_question_in_tasks() -> None:
    works = cell(NEW)
    days = cell(NEW, name="days", checks=(Stage.TIME,), fails=MISSING)
    other_lock = replace(days, lock=replace(days.lock, distributions=("django==5.2.1",)))  # type: ignore[type-var]
    known = facts(works, other_lock)
    [fact] = [each for each in map(known.known, [works.cell]) if each is not None]
    assert known.against(fact) == ()
    same_lock = facts(works, days)
    assert [each.cell for each in same_lock.against(fact)] == [days.cell]


def test_a_change_is_known_by_what_it_mends() -> None:
    base = cell(NEW, fails=MISSING)
    name = base.cell.partition("@")[0]
    changed = cell(NEW, name=f"{name}+packaging", beside=("packaging==26.3",), lines=("packaging",))
    known = facts(base, changed)
    fact = known.known(changed.cell)
    assert fact is not None
    assert fact.lines == ("packaging",)
    without = known.unmended(fact)
    assert without is not None
    assert without.cell == base.cell
    mended = known.mended_by("packaging")
    assert mended is not None
    assert [each.cell for each in mended] == [base.cell, changed.cell]
    missing = known.missing("packaging")
    assert missing is not None
    assert missing.cell == base.cell
