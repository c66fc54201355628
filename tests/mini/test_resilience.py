"""Each promise is broken once, live; the record names what was broken."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.contract.promises_redis import REDIS_FAULTS
from harness.contract.resilience import PROMISES
from tests.mini.broken import IN_UTC, Mini

pytestmark = [pytest.mark.live, pytest.mark.long]

LONGEST = 1800.0  # seconds for all of them
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
    mini = Mini(
        plan="resilience",
        stage="resilience",
        ways=("nothing", *NAMED),
        known=["absent"],
        settings=IN_UTC,
        within=LONGEST,
        timeouts={"check": 60, "cell": 900},
    )
    return mini.play(tmp_path_factory.mktemp("resilience"), cache, succeeds=False).failures


@pytest.mark.parametrize("broken", NAMED)
def test_what_is_broken_is_told(broken: str, seen: Mapping[str, Mapping[str, str]]) -> None:
    assert NAMED[broken] <= set(seen[broken]), seen[broken]


def test_what_is_not_broken_on_purpose_is_kept_or_known(seen: Mapping[str, Mapping[str, str]]) -> None:
    # Celery 5.6 itself does not keep these.
    known = {"visibility-once", "two-beats", "beat-killed-once", "clock-back", "clock-back-restart"}
    known |= {promise.id for promise in PROMISES if promise.id.startswith(("sender", "lost", "twice"))}
    known |= {"stored-locked-5", "works-locked-5"}
    assert set(seen["nothing"]) <= known, seen["nothing"]
