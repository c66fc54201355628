from dataclasses import replace
from typing import Any

from harness.contract.invariant import Standing
from harness.contract.resilience import NAME, promises_on
from harness.model import Lock, Observation
from harness.report import markdown
from harness.report.resilience import ResiliencePart, resilience_part, tell_resilience
from harness.report.view import View
from tests.contract.test_resilience import ROUND, SEEN
from tests.values import PASSED, RESULT


def part_of(seen: dict[str, Any], *, celery: str = "5.6.3", database: str = "sqlite") -> ResiliencePart:
    """A cell in which this was seen, with a Celery and always the same kombu and redis-py."""
    assert RESULT.lock is not None
    lock: Lock = replace(RESULT.lock, distributions=(f"celery=={celery}", "kombu==5.2.4", "redis==7.4.1"))
    attempt = replace(PASSED, observations=(Observation(name=NAME, data=seen),))
    part = resilience_part(replace(RESULT, lock=lock, attempts=(attempt,), database=database))
    assert part is not None
    return part


def deaf() -> dict[str, Any]:
    """What is seen of a worker that does not come back after one of three kills."""
    lost = {**ROUND, "consumes": None, "consumes_when_restarted": True}
    return {**SEEN, "killed": {"rounds": [ROUND, lost, ROUND]}}


def told(*parts: ResiliencePart) -> str:
    return "\n".join(tell_resilience(parts))


def test_every_promise_is_judged_again_from_the_record() -> None:
    stands = {stand.invariant: stand for stand in part_of(deaf()).stands}
    assert list(stands) == [promise.id for promise in promises_on("sqlite")]
    assert stands.pop("reconnect-killed").seen == (
        "1 of 3 times: the worker lives and runs nothing; one that is started again does"
    )
    assert {stand.standing for stand in stands.values()} == {Standing.HELD}


def test_a_cell_under_which_nothing_was_broken_has_no_part_and_such_a_plan_no_section() -> None:
    assert resilience_part(replace(RESULT, attempts=(PASSED,))) is None
    assert resilience_part(replace(RESULT, attempts=())) is None
    assert list(tell_resilience([])) == []


def test_what_is_not_kept_is_told_with_the_series_whatever_their_order() -> None:
    section = told(
        part_of(dict(SEEN), celery="5.5.3"),
        part_of(dict(SEEN), celery="4.4.7"),
        part_of(deaf(), celery="5.2.7"),
    )
    lines = [line for line in section.splitlines() if line.startswith("- *")]
    others = "with kombu 5.2.4 and redis-py 7.4.1"
    assert lines == [
        (
            "- *reconnect-killed*, Redis is killed and is back with its data after 2 s: the worker consumes "
            "again without a restart: 1 of 3 times: the worker lives and runs nothing; one that is started "
            "again does; "
            f"only in Celery 5.2.7 {others} (held in 4.4.7 {others} and in 5.5.3 {others}) "
            "([discussed](https://github.com/celery/celery/issues/8091))"
        )
    ]


def test_seconds_are_the_longest_of_the_rounds_and_a_cross_where_there_are_none() -> None:
    rounds = [ROUND, {**ROUND, "consumes": 4.6}]
    seen = {**deaf(), "paused": {"rounds": rounds}}
    del seen["boot"], seen["1000-tasks"]
    row = told(part_of(seen)).splitlines()[-1]
    assert row == "| 5.6.3 | 5.2.4 | 7.4.1 | 2.4 | 2.4 | ❌ | 2.4 | 2.4 | 4.6 | · | · |"


def test_the_section_is_in_the_report(view: View) -> None:
    rows = tuple(replace(row, resilience=part_of(deaf())) for row in view.rows)
    assert "### When something breaks" in markdown.render(replace(view, rows=rows))


def test_what_is_asked_of_servers_only_is_told_of_the_cells_on_servers() -> None:
    lost = {**SEEN, "idle": {**SEEN["idle"], "within": "PENDING"}}
    section = told(part_of(dict(SEEN)), part_of(lost, database="mariadb"))
    (line,) = [line for line in section.splitlines() if line.startswith("- *")]
    assert line.startswith("- *within-idle*, the database server cuts who is idle: ")
    assert "Celery 5.6.3 with kombu 5.2.4 and redis-py 7.4.1 on MariaDB" in line
    # Each is kept by those that were asked for it.
    assert "- a second beat in the same folder does not start" in section
    assert "- the database server is away for 5 s: the worker lives" in section
    assert section.count("| 5.6.3 |") == 1


def test_seconds_are_not_told_where_there_are_none() -> None:
    assert "Seconds until" not in told(part_of(dict(SEEN), database="postgresql"))
