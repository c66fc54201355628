from dataclasses import replace

from harness.contract import lenses
from harness.contract.invariant import Stand, Standing
from harness.contract.screen import NAME
from harness.contract.screened import SCREENED
from harness.contract.span import PREFIX
from harness.contract.year import DAILY, MINUTELY, changes_of
from harness.model import Observation, Stage
from harness.report import markdown
from harness.report.screen import ScreenPart, screen_part, tell_screen
from harness.report.stands import stands_of
from harness.report.view import View
from tests.contract import screens, spans
from tests.contract.test_lenses import NOON, as_rehearsed
from tests.values import PASSED, RESULT

BERLIN = "Europe/Berlin"
OBSERVED = Observation(name=NAME, data=screens.faultless())


def silent(zone: str = BERLIN) -> Observation:
    """A screen in which an every-minute crontab is silent in the hour that comes twice."""
    screen = screens.faultless()
    walk = screens.walk(screen, zone, MINUTELY, 1)
    change = changes_of(zone)[1]
    fires = [fire for fire in screens.fires(walk) if not change <= fire < change + 3600]
    walk["fires"] = screens.runs(fires)
    return Observation(name=NAME, data=screen)


def part_of(*observations: Observation) -> ScreenPart:
    part = screen_part(replace(RESULT, attempts=(replace(PASSED, observations=observations),)))
    assert part is not None
    return part


def live(seen: str, standing: Standing = Standing.VIOLATED) -> tuple[Stand, ...]:
    return (Stand(invariant="every-minute", standing=standing, seen=seen),)


def told(*rows: tuple[str, ScreenPart, tuple[Stand, ...]]) -> str:
    return "\n".join(tell_screen(rows))


def test_every_screened_invariant_is_judged_again_from_the_record() -> None:
    stands = {stand.invariant: stand for stand in part_of(silent()).stands}
    assert list(stands) == [invariant.id for invariant in SCREENED]
    assert (
        stands.pop("every-minute").seen == "every minute silent for 1 h 1 min in Europe/Berlin on 26 October"
    )
    assert {stand.standing for stand in stands.values()} == {Standing.HELD}


def test_a_cell_that_was_not_screened_has_no_part_and_a_profile_of_such_cells_no_section() -> None:
    assert screen_part(replace(RESULT, attempts=(PASSED,))) is None
    assert screen_part(replace(RESULT, attempts=())) is None
    assert list(tell_screen([("old", None, ())])) == []


def test_what_held_is_told_in_a_line_and_what_did_not_with_its_stacks() -> None:
    section = told(("old", part_of(silent()), ()), ("new", part_of(OBSERVED), ()))
    assert "### Screen: a year in 20 zones" in section
    assert "In every stack held: *crontab*, *own-zone*, *calendar*, *interval*" in section
    lines = [line for line in section.splitlines() if line.startswith("-")]
    assert lines == [
        "- *every-minute*, `old`: every minute silent for 1 h 1 min in Europe/Berlin on 26 October"
    ]


def test_the_live_lens_confirms_or_does_not() -> None:
    part = part_of(silent())
    assert "(violated live, too)" in told(("old", part, live("night x: silent for 1.2 h")))
    assert "(held live, where that looked)" in told(("old", part, live("", Standing.HELD)))
    storm, silence = live("night x: fired 25 times in 1 s"), live("night x: silent for 1.2 h")
    assert "(live otherwise in `old`: night x: fired 25 times in 1 s)" in told(("old", part, storm))
    assert "(violated live, too; live otherwise in `new`: night x: fired 25 times in 1 s)" in told(
        ("old", part, silence), ("new", part, storm)
    )
    assert "live" not in told(("old", part, live("", Standing.NOT_OBSERVED)))


def test_a_disagreement_about_the_same_thing_is_told_with_both_sides() -> None:
    lived = spans.faultless()
    rehearsal = Observation(name=lenses.NAME, data=as_rehearsed(lived))
    spans.shift(lived[NOON], "noon", 3600, only=0)
    observations = [Observation(name=PREFIX + name, data=span) for name, span in lived.items()]
    section = told(("old", part_of(OBSERVED, rehearsal, *observations), ()))
    assert (
        f"**Screen and live disagree** about *after-the-change* in `old`: live, {NOON}: fired 1 h late;"
        in (section)
    )
    assert section.endswith("in Celery's scheduler without beat and database, held")


def test_the_section_is_in_the_report_and_its_caveats_are_not_told_again(view: View) -> None:
    attempt = replace(PASSED, observations=(silent(),))
    result = replace(RESULT, attempts=(attempt,), checks=(Stage.SCREEN,))
    rows = tuple(replace(row, contract=stands_of(result), screen=screen_part(result)) for row in view.rows)
    text = markdown.render(replace(view, rows=rows))
    assert "every minute silent for 1 h 1 min in Europe/Berlin on 26 October" in text
    assert DAILY.said not in text
