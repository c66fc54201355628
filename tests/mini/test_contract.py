"""Each invariant is broken once, live, by a profile of its own; the record names it and no other.

Two are violated by this stack itself: an every-minute crontab is silent in the hour that comes twice, and
a naive ETA is taken for UTC.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.contract.invariants import INVARIANTS
from harness.nodes.clock import find_clock_library
from tests.mini.broken import IN_SHANGHAI, Mini
from tests.mini.sites import HERE, Harness, lay_out

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(find_clock_library() is None, reason="a day lasts a day on a clock that cannot jump"),
]

ANYWAY = frozenset({"every-minute", "naive-eta"})
# What is due follows from the last run, nothing is due to a dead beat, and the admin shows what is kept.
CONSEQUENCES = {
    "last-run-at": frozenset(each.id for each in INVARIANTS),
    "survived": frozenset(each.id for each in INVARIANTS),
    "result-instants": frozenset({"shown-results"}),
}
BROKEN = [invariant.id for invariant in INVARIANTS if invariant.id not in ANYWAY]
LONGEST = 600.0  # seconds for all of them


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Mapping[str, Mapping[str, str]]:
    """By broken invariant, what was violated, and what was seen instead."""
    mini = Mini(
        plan="contract",
        stage="time",
        ways=BROKEN,
        known=BROKEN,
        settings={**IN_SHANGHAI, "CELERY_RESULT_EXPIRES": "86400"},
        within=LONGEST,
        timeouts={"cell": 900},  # days take their time where many are lived through at once
        options=("--clock", "fake", "--jobs", "8"),
        changes={"stacks": {"mini": {"extras": {"celery": ["solar"]}}}},
    )
    return mini.play(tmp_path_factory.mktemp("contract"), cache).failures


@pytest.mark.parametrize("invariant", BROKEN)
def test_a_live_beat_that_breaks_it_is_told_so(invariant: str, seen: Mapping[str, Mapping[str, str]]) -> None:
    assert invariant in seen[invariant]
    allowed = {invariant} | ANYWAY | CONSEQUENCES.get(invariant, frozenset())
    assert set(seen[invariant]) <= allowed, seen[invariant]


def test_on_a_clock_that_cannot_jump_nothing_is_begun(tmp_path: Path, cache: Path) -> None:
    plan = {"reason": "days", "stacks": ["mini"], "profiles": ["*"], "checks": ["time"]}
    site = lay_out(tmp_path, HERE / "none", {"plans": {"contract": plan}}, cache=cache)
    harness = Harness(site, "--clock", "real", "--plan", "contract")
    assert harness.exit_code(within=LONGEST) == 3
    assert "error: the plan 'contract' lives through days, and this clock cannot jump" in harness.output
    assert not site.records()


def test_what_this_stack_violates_by_itself_is_told(seen: Mapping[str, Mapping[str, str]]) -> None:
    words = seen["crontab"]
    assert words["naive-eta"] == "AssertionError: is held back to run 8 h late"
    assert "night America/New_York 2025-11-02: silent for 1 h" in words["every-minute"]


def test_what_is_sent_twice_is_told_with_its_span(seen: Mapping[str, Mapping[str, str]]) -> None:
    assert "start-time: start-time fired twice" in seen["no-storm"]["no-storm"]
    assert "no-storm" not in seen["crontab"]
