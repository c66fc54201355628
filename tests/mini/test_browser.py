"""The admin is broken for who sees and clicks, live; forms that are sent without a browser would be taken."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.model import CellResult
from harness.nodes.clock import find_clock_library
from tests.browsers import NEEDS_BROWSER
from tests.mini.broken import IN_SHANGHAI, Mini, failures_of

pytestmark = [
    pytest.mark.live,
    pytest.mark.long,
    NEEDS_BROWSER,
    pytest.mark.skipif(
        find_clock_library() is None, reason="without a clock that jumps a cell takes minutes"
    ),
]

LONGEST = 900.0  # seconds for all of them
# By the overlay's way of breaking the admin, what the record must name.
NAMED: Mapping[str, frozenset[str]] = {
    "nothing": frozenset(),
    "hidden": frozenset({"done-list"}),
    "popup": frozenset({"done-interval"}),
    "covered": frozenset({"done-look_up-list"}),
    "script": frozenset({"console"}),
    "other": frozenset({"seen_result-list", "seen_result-dict"}),
    "silent": frozenset({"taken_up-list", "taken_up-dict"}),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Mapping[str, CellResult]:
    """By what was broken, what became of it."""
    mini = Mini(
        plan="browser",
        stage="browser",
        ways=NAMED,
        known=NAMED.keys() - {"nothing"},
        settings=IN_SHANGHAI,
        within=LONGEST,
        timeouts={"check": 60, "cell": 600},
        options=("--clock", "fake", "--jobs", "2"),
    )
    played = mini.play(tmp_path_factory.mktemp("browser"), cache)
    (run,) = (played.site.state / "runs").iterdir()
    for result in played.results.values():
        # What is as expected leaves nothing but the pictures that its record speaks of.
        left = {path for path in (run / result.cell).rglob("*") if path.is_file()}
        assert left == {run / result.cell / "attempt-1" / file for file in pictures(result)}
    return played.results


@pytest.mark.parametrize("broken", NAMED)
def test_what_only_a_browser_meets_is_told(broken: str, results: Mapping[str, CellResult]) -> None:
    seen = failures_of(results[broken])
    assert set(seen) == NAMED[broken], seen


def test_it_is_told_what_was_met(results: Mapping[str, CellResult]) -> None:
    assert "input[name=_save]: element not interactable" in failures_of(results["hidden"])["done-list"]
    assert "#add_id_interval: the window does not close" in failures_of(results["popup"])["done-interval"]
    assert "element click intercepted" in failures_of(results["covered"])["done-look_up-list"]
    assert "neverDefined is not defined" in failures_of(results["script"])["console"]
    assert "shown are 'SUCCESS' and '11'" in failures_of(results["other"])["seen_result-list"]
    assert "sent nothing within an interval" in failures_of(results["silent"])["taken_up-list"]


def test_there_is_a_picture_of_where_somebody_was_stuck(results: Mapping[str, CellResult]) -> None:
    assert pictures(results["hidden"]) == {"pictures/form-list.png", "pictures/stuck.png"}


def pictures(result: CellResult) -> set[str]:
    """The files that its record speaks of."""
    (seen,) = result.attempts[-1].observations
    return {picture["file"] for picture in seen.data["pictures"].values()}
