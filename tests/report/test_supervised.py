from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.contract.invariant import Standing
from harness.contract.supervised import PROMISES
from harness.model import Observation, Stage
from harness.report import markdown
from harness.report.supervised import SupervisedPart, supervised_part, tell_supervised
from harness.report.view import View
from tests.contract.test_supervised import IDLE, KILLED, SEEN, STOP
from tests.values import PASSED, RESULT


def part_of(seen: Mapping[str, Any], *, celery: str = "5.6.3") -> SupervisedPart:
    """A cell in which this was seen, with a Celery and always the same kombu and Python."""
    assert RESULT.lock is not None
    lock = replace(RESULT.lock, distributions=(f"celery=={celery}", "kombu==5.2.4"))
    attempt = replace(PASSED, observations=(Observation(name=Stage.SUPERVISED, data=seen),))
    part = supervised_part(replace(RESULT, lock=lock, attempts=(attempt,)))
    assert part is not None
    return part


def orphans() -> Mapping[str, Any]:
    """What is seen where pool processes live on, and idle workers are killed now and then."""
    rounds = [{"celery.worker": each, "celery.beat": IDLE} for each in (IDLE, KILLED, IDLE)]
    return {
        **SEEN,
        "worker-killed": {**SEEN["worker-killed"], "left": 2, "works_after": None},
        "stop": {**STOP, **KILLED},
        "stop-idle": {"rounds": rounds},
    }


def told(*parts: SupervisedPart) -> list[str]:
    return list(tell_supervised(parts))


def test_every_promise_is_judged_again_from_the_record() -> None:
    stands = {stand.invariant: stand for stand in part_of(orphans()).stands}
    assert list(stands) == [promise.id for promise in PROMISES]
    violated = {name for name, stand in stands.items() if stand.standing is Standing.VIOLATED}
    assert violated == {"worker-children", "worker-goes-on", "drains-stop"}


def test_a_cell_that_was_not_under_supervisor_has_no_part_and_such_a_plan_no_section() -> None:
    assert supervised_part(replace(RESULT, attempts=(PASSED,))) is None
    assert supervised_part(replace(RESULT, attempts=())) is None
    assert told() == []


def test_what_is_not_kept_is_told_with_the_series_whatever_their_order() -> None:
    lines = told(part_of(SEEN, celery="5.10.1"), part_of(orphans(), celery="4.4.7"))
    assert (
        "- *worker-children*, no pool process of a killed worker remains once its task is over: 2 still run; "
        "until Celery 4.4.7 (held in 5.10.1) ([more](https://github.com/celery/celery/pull/6942))"
    ) in lines


def test_seconds_and_rates_are_in_the_table() -> None:
    old, new = told(part_of(SEEN), part_of(orphans(), celery="4.4.7"))[-2:]
    assert old == (
        "| 4.4.7 | 5.2.4 | 3.9.18 | 3.9 | ❌ | 3.1 | 4.4 "
        "| 3.1 ❌ | 2.5 | 2.5 | 2.5 | 1 of 3, 3.1 | 0 of 3, 1.0 |"
    )
    assert new == (
        "| 5.6.3 | 5.2.4 | 3.9.18 | 3.9 | 4.6 | 3.1 | 4.4 "
        "| 2.5 | 2.5 | 2.5 | 2.5 | 0 of 3, 1.0 | 0 of 3, 1.0 |"
    )


def test_what_broke_off_is_not_in_the_table() -> None:
    seen = {done: {"broke_off": "supervisor ended"} for done in SEEN}
    assert told(part_of(seen))[-1] == f"| 5.6.3 | 5.2.4 | 3.9.18 |{' · |' * 10}"


def test_the_section_is_in_the_report(view: View) -> None:
    rows = tuple(replace(row, supervised=part_of(orphans())) for row in view.rows)
    assert "### Under supervisor" in markdown.render(replace(view, rows=rows))
