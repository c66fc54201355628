"""Each promise is broken once, live; the record names what was broken."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from harness.contract.promises_redis import REDIS_FAULTS
from harness.contract.resilience import PROMISES
from harness.model import CellResult, Status
from tests.mini.sites import HERE, Harness, assert_nothing_left, faked_times_of_the_dead, lay_out

pytestmark = [pytest.mark.live, pytest.mark.long]

LONGEST = 1800.0  # seconds for all of them
SETTINGS = {
    "USE_TZ": True,
    "TIME_ZONE": "UTC",
    "CELERY_ENABLE_UTC": True,
    "CELERY_TIMEZONE": "",
    "DJANGO_CELERY_BEAT_TZ_AWARE": True,
}
_CUT = [fault for fault in REDIS_FAULTS if fault not in ("paused", "boot")]
# By the overlay's way of breaking it, what the record must name at least.
NAMED: Mapping[str, frozenset[str]] = {
    "weak": frozenset(
        {
            *(f"lives-{fault}" for fault in _CUT),
            *(f"reconnect-{fault}" for fault in _CUT),
            *("250-tasks-children", "pidfile-stale", "stored-locked-30", "stored-locked-5"),
        }
    ),
    "deaf": frozenset(
        {*(f"{aspect}-{fault}" for fault in _CUT for aspect in ("reconnect", "control")), "pidfile-held"}
    ),
    "forgetful": frozenset(
        {
            *(f"lost-{fault}" for fault in REDIS_FAULTS if not fault.endswith("-empty") and fault != "boot"),
            *("child-killed-early", "child-killed-reject", "worker-killed-late", "worker-killed-reject"),
            *("250-tasks", "1000-tasks"),
        }
    ),
    "absent": frozenset({"played-load", "played-child-killed", "played-worker-killed", "played-visibility"}),
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Mapping[str, Mapping[str, str]]:
    """By what was broken, the checks that failed, and what each saw."""
    changes = {
        "timeouts": {"check": 60, "cell": 900},
        "profiles": {
            f"breaks-{each}": {"reason": "breaks it", "settings": {**SETTINGS, "BREAK": each}}
            for each in ("nothing", *NAMED)
        },
        "plans": {
            "resilience": {
                "reason": "one profile a way to break it",
                "stacks": ["mini"],
                "profiles": ["breaks-*"],
                "checks": ["resilience"],
            }
        },
        # It is known, so that it is not repeated.
        "expectations": [
            {
                "cells": ["mini@breaks-absent"],
                "signature": "resilience:*",
                "reason": "it is broken",
                "link": "https://example.org/",
                "expires": date(2099, 1, 1),
            }
        ],
    }
    site = lay_out(
        tmp_path_factory.mktemp("resilience"), HERE / "resilience" / "overlay", changes, cache=cache
    )
    segments = faked_times_of_the_dead()
    harness = Harness(site, "--plan", "resilience")
    harness.exit_code(within=LONGEST)
    assert_nothing_left(harness, segments)
    results = [each for run in site.records().values() for each in run if isinstance(each, CellResult)]
    return {
        result.cell.partition("@breaks-")[2]: {
            check.id: check.failure.excerpt
            for check in result.attempts[-1].checks
            if check.status is Status.FAILED and check.failure is not None
        }
        for result in results
    }


@pytest.mark.parametrize("broken", NAMED)
def test_what_is_broken_is_told(broken: str, seen: Mapping[str, Mapping[str, str]]) -> None:
    assert NAMED[broken] <= set(seen[broken]), seen[broken]


def test_what_is_not_broken_on_purpose_is_kept_or_known(seen: Mapping[str, Mapping[str, str]]) -> None:
    # Celery 5.6 itself does not keep these.
    known = {"visibility-once", "two-beats", "beat-killed-once", "clock-back", "clock-back-restart"}
    known |= {promise.id for promise in PROMISES if promise.id.startswith(("sender", "lost", "twice"))}
    known |= {"stored-locked-5", "works-locked-5"}
    assert set(seen["nothing"]) <= known, seen["nothing"]
