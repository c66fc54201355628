"""The admin is broken for who sees and clicks, live; forms that are sent without a browser would be taken."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from harness.model import CellResult, Status
from harness.nodes.clock import find_clock_library
from tests.browsers import NEEDS_BROWSER
from tests.mini.sites import HERE, Harness, assert_nothing_left, faked_times_of_the_dead, lay_out

pytestmark = [
    pytest.mark.live,
    pytest.mark.long,
    NEEDS_BROWSER,
    pytest.mark.skipif(
        find_clock_library() is None, reason="without a clock that jumps a cell takes minutes"
    ),
]

LONGEST = 900.0  # seconds for all of them
SETTINGS = {
    "USE_TZ": True,
    "TIME_ZONE": "Asia/Shanghai",
    "CELERY_ENABLE_UTC": True,
    "CELERY_TIMEZONE": "Asia/Shanghai",
    "DJANGO_CELERY_BEAT_TZ_AWARE": True,
}
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
    changes = {
        "timeouts": {"check": 60, "cell": 600},
        "profiles": {
            f"breaks-{each}": {"reason": "breaks it", "settings": {**SETTINGS, "BREAK": each}}
            for each in NAMED
        },
        "plans": {
            "browser": {
                "reason": "one profile a way to break it",
                "stacks": ["mini"],
                "profiles": ["breaks-*"],
                "checks": ["browser"],
            }
        },
        # Everything is known, so that nothing is repeated.
        "expectations": [
            {
                "cells": [f"mini@breaks-{each}" for each in NAMED if each != "nothing"],
                "signature": "browser:check:*",
                "reason": "it is broken",
                "link": "https://example.org/",
                "expires": date(2099, 1, 1),
            }
        ],
    }
    site = lay_out(tmp_path_factory.mktemp("browser"), HERE / "browser" / "overlay", changes, cache=cache)
    segments = faked_times_of_the_dead()
    harness = Harness(site, "--clock", "fake", "--plan", "browser", "--jobs", "2")
    code = harness.exit_code(within=LONGEST)
    assert_nothing_left(harness, segments)
    assert code == 0, harness.output
    told = [each for run in site.records().values() for each in run if isinstance(each, CellResult)]
    (run,) = (site.state / "runs").iterdir()
    for result in told:
        # What is as expected leaves nothing but the pictures that its record speaks of.
        left = {path for path in (run / result.cell).rglob("*") if path.is_file()}
        assert left == {run / result.cell / "attempt-1" / file for file in pictures(result)}
    return {result.cell.partition("@breaks-")[2]: result for result in told}


@pytest.mark.parametrize("broken", NAMED)
def test_what_only_a_browser_meets_is_told(broken: str, results: Mapping[str, CellResult]) -> None:
    seen = failures(results[broken])
    assert set(seen) == NAMED[broken], seen


def test_it_is_told_what_was_met(results: Mapping[str, CellResult]) -> None:
    assert "input[name=_save]: element not interactable" in failures(results["hidden"])["done-list"]
    assert "#add_id_interval: the window does not close" in failures(results["popup"])["done-interval"]
    assert "element click intercepted" in failures(results["covered"])["done-look_up-list"]
    assert "neverDefined is not defined" in failures(results["script"])["console"]
    assert "shown are 'SUCCESS' and '11'" in failures(results["other"])["seen_result-list"]
    assert "sent nothing within an interval" in failures(results["silent"])["taken_up-list"]


def test_there_is_a_picture_of_where_somebody_was_stuck(results: Mapping[str, CellResult]) -> None:
    assert pictures(results["hidden"]) == {"pictures/form-list.png", "pictures/stuck.png"}


def pictures(result: CellResult) -> set[str]:
    """The files that its record speaks of."""
    (seen,) = result.attempts[-1].observations
    return {picture["file"] for picture in seen.data["pictures"].values()}


def failures(result: CellResult) -> Mapping[str, str]:
    """What each check that failed says."""
    return {
        check.id: check.failure.excerpt
        for check in result.attempts[-1].checks
        if check.status is Status.FAILED and check.failure is not None
    }
