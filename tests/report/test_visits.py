from dataclasses import replace
from typing import Any

import pytest

from harness.checks import check_admin, check_browser
from harness.contract.invariant import Standing
from harness.model import CheckResult, Failure, Observation, Reason, Stage, StageResult, Status
from harness.report import markdown
from harness.report.view import Problem, View
from harness.report.visits import ASKED, Visited, VisitPart, tell_visits, visits_of
from tests.values import PASSED, RESULT

LINK = "https://example.org/918"


def check(id_: str, said: str | None = "", *, stage: Visited = Stage.ADMIN) -> CheckResult:
    """A check that passed, that says something, or that had nothing to judge by (None)."""
    status = Status.SKIPPED if said is None else Status.FAILED if said else Status.PASSED
    failure = Failure(
        stage=stage,
        reason=Reason.CHECK,
        detail=id_,
        excerpt=f"in some line\nAssertionError: {said}",
        log="checks.log",
    )
    return CheckResult(id=id_, stage=stage, status=status, seconds=0.0, failure=failure if said else None)


def visit(
    *checks: CheckResult,
    django: str = "4.2.8",
    stage: Visited = Stage.ADMIN,
    seen: dict[str, Any] | None = None,
) -> VisitPart:
    """The only visit of a cell with these checks."""
    assert RESULT.lock is not None
    distributions = (f"django=={django}", "django-celery-beat==2.5.0", "celery==5.3.6")
    attempt = replace(
        PASSED,
        checks=checks,
        stages=(StageResult(stage=stage, status=Status.PASSED, seconds=2.75),),
        observations=(Observation(name=stage, data=seen or {"steps": {}}),),
    )
    lock = replace(RESULT.lock, distributions=distributions)
    [part] = visits_of(replace(RESULT, lock=lock, attempts=(attempt,)))
    return part


def every(stage: Visited = Stage.ADMIN, **said: str | None) -> list[CheckResult]:
    return [check(name, said.get(name, ""), stage=stage) for name in ASKED[stage]]


def told(*parts: VisitPart, known: dict[str, dict[str, str]] | None = None) -> list[str]:
    return list(tell_visits([(part, known or {}) for part in parts]))


@pytest.mark.parametrize(("stage", "module"), [(Stage.ADMIN, check_admin), (Stage.BROWSER, check_browser)])
def test_every_check_of_the_stage_has_its_words(stage: Visited, module: object) -> None:
    checks = [name.removeprefix("check_") for name in vars(module) if name.startswith("check_")]
    assert list(ASKED[stage]) == checks


def test_a_cell_without_a_visit_has_no_part_and_such_a_plan_no_section() -> None:
    assert visits_of(replace(RESULT, attempts=(PASSED,))) == ()
    assert visits_of(replace(RESULT, attempts=())) == ()
    assert told() == []


def test_checks_of_one_name_are_taken_together() -> None:
    part = visit(
        check("sent-list", "beat did not notice"),
        check("sent-dict", "beat did not notice"),
        check("list-periodictask"),
        check("list-groupresult", None),
        check("filter-periodictask", None),
        check("log_in", "refused"),
    )
    stands = {stand.invariant: (stand.standing, stand.seen) for stand in part.stands}
    assert stands["sent"] == (Standing.VIOLATED, "list, dict: beat did not notice")
    assert stands["list"] == (Standing.HELD, "")
    assert stands["filter"] == (Standing.NOT_OBSERVED, "")
    assert stands["log_in"] == (Standing.VIOLATED, "refused")


def test_what_is_not_so_is_told_with_the_series_and_what_is_known_of_it() -> None:
    known = {
        "admin:check:run_selected": {LINK: "it waits the offset longer"},
        "time:check:run_selected": {"https://example.org/1": "another stage"},
    }
    lines = told(
        visit(*every(run_selected="it is lost"), django="5.2.1"), visit(*every(), django="4.2.8"), known=known
    )
    assert lines[1] == "### In the admin"
    assert (
        "- *run_selected*, `run selected tasks` has them run: it is lost; since Django 5.2.1 with "
        "django-celery-beat 2.5.0 (held in 4.2.8 with django-celery-beat 2.5.0) "
        f"([it waits the offset longer]({LINK}))"
    ) in lines
    assert lines[-2].endswith("| ✅ | ✅ | ✅ | 2.8 |")
    assert lines[-1].startswith("| 5.2.1 | 2.5.0 | 5.3.6 | ✅ |")
    assert lines[-1].endswith("| ❌ | ✅ | ✅ | 2.8 |")


def test_where_the_pictures_of_a_browser_are() -> None:
    seen = {"pictures": {"form-list": {"file": "pictures/form-list.png", "sha256": "0"}}}
    lines = told(visit(*every(Stage.BROWSER), stage=Stage.BROWSER, seen=seen))
    assert lines[1] == "### In the admin, by a real browser"
    assert lines[-1] == "- Django 4.2.8: `old@plain/attempt-1/pictures/form-list.png`"


def test_without_a_browser_the_reason_is_told_and_no_table() -> None:
    part = visit(*every(Stage.BROWSER), stage=Stage.BROWSER, seen={"skipped": "no browser on this machine"})
    assert told(part, part)[-2:] == ["", "Not done: no browser on this machine."]


def test_the_section_is_in_the_report_and_its_caveats_are_not_told_again(view: View) -> None:
    [row] = [row for row in view.rows if row.cell == "late@plain"]
    problem = Problem(
        signature="admin:check:run_selected",
        excerpt="it is lost",
        log="",
        expected="it waits",
        link=LINK,
        caveat="what is selected is not run",
        expired=None,
    )
    part = visit(*every(run_selected="it is lost"))
    text = markdown.render(replace(view, rows=(replace(row, problems=(problem,), visits=(part,)),)))
    assert f"the only series that was tested ([it waits]({LINK}))" in text
    assert "What is selected is not run" not in text
