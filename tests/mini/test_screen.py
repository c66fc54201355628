"""A schedule that is wrong in one zone only, where the live lens never is, is found by the screen."""

from pathlib import Path

import pytest

from harness.nodes.clock import find_clock_library
from tests.mini.broken import IN_SHANGHAI, failures_of, known, results_of
from tests.mini.sites import HERE, Harness, assert_nothing_left, faked_times_of_the_dead, lay_out

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(find_clock_library() is None, reason="no time can be given"),
]

LONGEST = 600.0  # seconds
PLAN = {"reason": "a year", "stacks": ["mini"], "profiles": ["shanghai"], "checks": ["screen"]}


def test_a_clock_that_is_slow_in_one_zone_is_found(tmp_path: Path, cache: Path) -> None:
    changes = {
        "profiles": {"shanghai": {"reason": "crontabs in its zone", "settings": IN_SHANGHAI}},
        "plans": {"screen": PLAN},
        "expectations": [known("screen", "*")],
        "timeouts": {"check": 60},
    }
    site = lay_out(tmp_path, HERE / "screen" / "overlay", changes, cache=cache)
    segments = faked_times_of_the_dead()
    harness = Harness(site, "--clock", "fake", "--plan", "screen")
    code = harness.exit_code(within=LONGEST)
    assert_nothing_left(harness, segments)
    assert code == 0, harness.output
    (result,) = results_of(site)
    seen = failures_of(result)
    assert "daily at 10:00 sent 1 h late in Europe/Dublin on 362 days from 2 January" in seen["crontab"]
    assert seen["calendar"].endswith("at 1:00 sent 1 h late in Europe/Dublin on 52 days from 6 January")
    # What this Celery does by itself.
    by_itself = {"interval", "every-minute"}
    assert set(seen) == {"crontab", "calendar", "newly-entered", "after-the-change"} | by_itself
    report = (site.reports / "screen.md").read_text(encoding="utf-8")
    assert "### Screen: a year in 20 zones" in report


def test_on_a_clock_that_cannot_jump_nothing_is_begun(tmp_path: Path, cache: Path) -> None:
    site = lay_out(tmp_path, HERE / "none", {"plans": {"screen": {**PLAN, "profiles": ["*"]}}}, cache=cache)
    harness = Harness(site, "--clock", "real", "--plan", "screen")
    assert harness.exit_code(within=LONGEST) == 3
    assert "error: the plan 'screen' lives through days, and this clock cannot jump" in harness.output
    assert not site.records()
