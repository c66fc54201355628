"""Each check of the admin is broken once, live; the record names what was broken and what follows from it."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.nodes.clock import find_clock_library
from tests.mini.broken import IN_SHANGHAI, Mini

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        find_clock_library() is None, reason="without a clock that jumps a cell takes minutes"
    ),
]

LONGEST = 600.0  # seconds for all of them
# By the overlay's way of breaking the admin, what the record must name.
NAMED: Mapping[str, frozenset[str]] = {
    "nothing": frozenset(),
    "pages": frozenset(
        {
            *("add-solarschedule", "page-clockedschedule", "list-groupresult", "filter-taskresult"),
            *("refused-args", "refused-kwargs", "refused-two-schedules", "refused-no-schedule"),
            *("action-disable", "action-enable", "action-toggle", "run_selected"),
        }
    ),
    "choices": frozenset(
        {
            *("entered-list", "entered-dict"),
            # and so there is nothing to act on, and no form that could be refused for anything else
            *("refused-args", "refused-kwargs", "refused-two-schedules", "refused-no-schedule"),
            *("action-disable", "action-enable", "action-toggle", "run_selected"),
        }
    ),
    "beat_and_index": frozenset({"sent-list", "sent-dict", "models", "refused-two-schedules"}),
    "results": frozenset({"shown_result-list", "shown_result-dict", "run_selected", "added_task"}),
    "additions": frozenset(
        {
            "added_task",
            *(f"shown_time-{each}" for each in ("clocked_time", "last_run_at", "date_created", "date_done")),
        }
    ),
    "login": frozenset({"log_in"}),
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Mapping[str, Mapping[str, str]]:
    """By what was broken, the checks that failed, and what each saw."""
    mini = Mini(
        plan="admin",
        stage="admin",
        ways=NAMED,
        known=NAMED.keys() - {"nothing"},
        settings=IN_SHANGHAI,
        within=LONGEST,
        timeouts={"check": 60, "cell": 900},  # visits take their time where many are made at once
        options=("--clock", "fake"),
    )
    return mini.play(tmp_path_factory.mktemp("admin"), cache).failures


@pytest.mark.parametrize("broken", NAMED)
def test_a_broken_admin_is_told_so(broken: str, seen: Mapping[str, Mapping[str, str]]) -> None:
    assert set(seen[broken]) == NAMED[broken], seen[broken]


def test_it_is_told_what_was_seen(seen: Mapping[str, Mapping[str, str]]) -> None:
    pages, elsewhere = seen["pages"], seen["additions"]
    assert pages["list-groupresult"] == "AssertionError: status 500: RuntimeError: as it should"
    assert pages["filter-taskresult"] == "AssertionError: the filter status=SUCCESS is not taken"
    assert pages["refused-args"] == "AssertionError: it is taken"
    assert pages["refused-no-schedule"] == "AssertionError: status 500: RuntimeError: as it should"
    assert pages["action-disable"] == "AssertionError: enabled is shown as 'True'"
    assert pages["run_selected"] == "AssertionError: shown are 'SUCCESS' and '2'"
    assert seen["beat_and_index"]["models"] == "AssertionError: it does not list crontabschedule"
    assert seen["beat_and_index"]["sent-list"].endswith("beat noticed, and sent nothing within an interval")
    # The page has no seconds: what is 11 h 30 min early is told so, or by the minute that is cut off.
    assert re.search(r"date_created is shown 11 h 3[01] min early$", elsewhere["shown_time-date_created"])
