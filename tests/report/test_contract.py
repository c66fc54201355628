from dataclasses import replace

from harness.contract.invariant import Standing
from harness.contract.invariants import INVARIANTS
from harness.contract.span import PREFIX
from harness.contract.wall import HOUR
from harness.model import Observation, Stage
from harness.report import markdown
from harness.report.contract import Stand, Violation, stands_of, violations
from harness.report.view import View
from tests.contract.spans import faultless, shift
from tests.values import PASSED, RESULT


def late(hours: float) -> tuple[Observation, ...]:
    """A record of a beat whose crontab fires some hours late."""
    spans = faultless()
    shift(spans["day"], "crontab", hours * HOUR)
    # What the database has of it would be late, too, and right.
    spans["day"]["results"].pop("crontab")
    spans["day"]["rows"].pop("crontab")
    return tuple(Observation(name=PREFIX + name, data=data) for name, data in spans.items())


def timed(observations: tuple[Observation, ...]) -> tuple[Stand, ...]:
    attempt = replace(PASSED, observations=observations)
    return stands_of(replace(RESULT, attempts=(attempt,), checks=(Stage.TIME,)))


def test_every_invariant_is_judged_again_from_the_record() -> None:
    stands = timed(late(8))
    assert [stand.invariant for stand in stands] == [invariant.id for invariant in INVARIANTS]
    violated = {stand.invariant: stand.seen for stand in stands if stand.standing is Standing.VIOLATED}
    assert violated == {"crontab": "fired 8 h late"}


def test_a_cell_that_was_not_asked_about_time_has_nothing_to_tell() -> None:
    attempt = replace(PASSED, observations=late(8))
    assert stands_of(replace(RESULT, attempts=(attempt,))) == ()
    assert stands_of(replace(RESULT, attempts=(), checks=(Stage.TIME,))) == ()


def test_what_differs_in_its_numbers_alone_is_told_once() -> None:
    def stand(seen: str, standing: Standing = Standing.VIOLATED) -> Stand:
        return Stand(invariant="crontab", standing=standing, seen=seen)

    stands = [
        ("old", stand("fired 8 h late")),
        ("new", stand("fired 8.1 h late")),
        ("newer", stand("never fired in 26 h")),
        ("newest", stand("", Standing.HELD)),
        ("none", stand("there was no crontab", Standing.NOT_OBSERVED)),
    ]
    assert list(violations(stands)) == [
        Violation(seen="fired 8 h late", stacks=("old", "new")),
        Violation(seen="never fired in 26 h", stacks=("newer",)),
    ]


def test_the_table_has_a_row_an_invariant_and_a_column_a_stack(view: View) -> None:
    rows = (replace(view.rows[0], contract=timed(late(8))), *view.rows[1:])
    page = markdown.render(replace(view, rows=rows))
    stack = view.rows[0].stack
    assert f"| time | `{stack}` |\n|---|:-:|\n" in page
    assert page.count(" | ✅ |\n") == len(INVARIANTS) - 1
    assert page.count(" | ❌ |\n") == 1
    assert f"\nSeen instead:\n\n- *crontab*, `{stack}`: fired 8 h late\n" in page
