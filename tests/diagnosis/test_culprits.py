"""Failures with the same signature under one culprit, and which questions are asked of all."""

from collections.abc import Mapping
from dataclasses import replace

from packaging.version import Version

from harness.diagnosis.change import Change
from harness.diagnosis.culprits import Wanted, culprits, questions
from harness.diagnosis.finding import Kind
from harness.diagnosis.known import Known
from harness.model import Failure
from tests.diagnosis.world import FAILURE, World, ask_all, row

ROWS = [row(django=django) for django in ("3.2", "4.1", "4.2", "5.0", "5.1")]


def world() -> World:
    """A release of kombu breaks every row; another one of vine those of one series as well."""

    def judge(lock: Mapping[str, str], pins: Mapping[str, str]) -> Failure | None:
        if pins["celery"] == "4.4":
            return FAILURE if Version(lock["vine"]) >= Version("5.0") else None
        return FAILURE if Version(lock["kombu"]) >= Version("5.6") else None

    return World(
        releases={"kombu": ["5.3", "5.4", "5.5", "5.6", "5.7"], "vine": ["1.3", "5.0", "5.1"]},
        had={"kombu": "5.3", "vine": "1.3"},
        judge=judge,
    )


def test_one_is_diagnosed_a_second_one_confirms_and_the_others_are_presumed() -> None:
    known = Known()
    asked = ask_all(world(), ROWS, known)
    [culprit] = culprits(known)
    assert culprit.first.lines == ("kombu<5.6",)
    assert [each.cell for each in culprit.findings] == [ROWS[0].id, ROWS[1].id]
    assert set(culprit.presumed) == {each.id for each in ROWS[2:]}
    of_others = [change for cell, change in asked if cell not in (ROWS[0].id, ROWS[1].id)]
    assert of_others == [Change(then=True)] * 3
    assert all(finding.worked_then for finding in culprit.findings)


def test_where_a_culprit_does_not_mend_all_each_is_tried() -> None:
    known, odd = Known(), row(django="3.1", celery="4.4")
    ask_all(world(), [odd, *ROWS], known)
    found = {culprit.first.lines: culprit for culprit in culprits(known)}
    assert set(found) == {("kombu<5.6",), ("vine<5",)}
    assert [each.cell for each in found["vine<5",].findings] == [odd.id]
    assert found["vine<5",].presumed == ()
    assert {*found["kombu<5.6",].presumed, *(each.cell for each in found["kombu<5.6",].findings)} == {
        each.id for each in ROWS
    }


def test_each_question_is_asked_once_and_in_the_end_there_is_none() -> None:
    known = Known()
    asked = ask_all(world(), [*ROWS, row(celery="4.4")], known)
    assert len(set(asked)) == len(asked)
    among = {cell.id for cell in (*ROWS, row(celery="4.4"))}
    assert list(questions(known, world().releases_of, among=among)) == []


def test_questions_may_be_of_some_failures_only() -> None:
    known = Known(world().run(cell) for cell in ROWS)
    among = {ROWS[3].id}
    wanted = list(questions(known, world().releases_of, among=among))
    assert {each.failing.cell for each in wanted} == among
    assert wanted[0] == Wanted(failing=world().run(ROWS[3]), change=Change(then=True))


def test_a_signature_that_cannot_be_explained_is_left_after_two() -> None:
    hopeless = replace(world(), judge=lambda *_: FAILURE)
    known = Known()
    asked = ask_all(hopeless, ROWS, known)
    assert culprits(known) == ()
    assert sorted(change.then for _, change in asked) == [True] * len(ROWS)


def test_values_are_taken_over_for_each_row_by_itself() -> None:
    def judge(_: Mapping[str, str], pins: Mapping[str, str]) -> Failure | None:
        return FAILURE if pins["celery"] == "5.2" and pins["django"] != "3.2" else None

    known = Known()
    ask_all(replace(world(), judge=judge), [*ROWS, row(celery="5.3", django="5.0")], known)
    found = {finding.cell: finding for culprit in culprits(known) for finding in culprit.findings}
    assert {finding.kind for finding in found.values()} == {Kind.VERSIONS}
    assert found[row(django="5.0").id].change.pins == (("celery", "5.3"),)
    assert found[row(django="4.1").id].change.pins == (("django", "3.2"),)
    assert not [cell for culprit in culprits(known) for cell in culprit.presumed]


def test_a_cell_that_runs_in_another_order_makes_no_other_culprit() -> None:
    known = Known()
    ask_all(world(), ROWS, known)
    assert culprits(Known(reversed(list(known)))) == culprits(known)
