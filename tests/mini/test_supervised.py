"""Each promise under supervisor is broken once, live; the record names what was broken."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.checks.supervised.run import SCENES
from harness.checks.supervised.stopped import STOPS
from harness.contract.supervised import PROMISES
from tests.mini.broken import IN_UTC, Mini

pytestmark = [pytest.mark.live, pytest.mark.long]

LONGEST = 1800.0  # seconds for all of them
# What Celery 5.6 itself does not keep: its pool processes end with their worker, or when they are told to.
OF_CELERY = frozenset(
    {
        "worker-in-hand",
        *("drains-stop", "early-ended-stop", "late-once-stop"),
        *("drains-stop-killasgroup", "early-ended-stop-killasgroup", "late-once-stop-killasgroup"),
        *("early-ended-stop-stopasgroup", "late-ended-stop-stopasgroup"),
    }
)
# By the overlay's way of breaking it, what the record must name at least.
NAMED: Mapping[str, frozenset[str]] = {
    "nothing": OF_CELERY,
    "silent": frozenset({"logs"}),
    "stubborn": frozenset(
        {"worker-idle", "beat-idle", "drains-stop-patient", "drains-stop-stopasgroup", "drains-stop"}
    ),
    "leaky": frozenset({"worker-children", "shutdown-left", *(f"left-{stop}" for stop in STOPS)}),
    "frail": frozenset(
        {
            *("worker-restarted", "worker-goes-on", "beat-restarted", "beat-goes-on"),
            *(f"played-{stop}" for stop in (*STOPS, "stop-idle")),
        }
    ),
    "forgetful": frozenset(
        {
            f"{kind}-{part}-{stop}"
            for kind in ("early", "late")
            for part in ("ended", "once")
            for stop in STOPS
        }
    ),
    "absent": frozenset(f"played-{scene}" for scene in SCENES),
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Mapping[str, Mapping[str, str]]:
    """By what was broken, the checks that failed, and what each saw."""
    mini = Mini(
        plan="supervised",
        stage="supervised",
        ways=NAMED,
        known=NAMED,
        settings=IN_UTC,
        within=LONGEST,
        timeouts={"check": 45, "cell": 900},
        # One at a time: what is to be seen takes a second or two more, or less, than supervisor's patience.
        options=("--jobs", "1"),
    )
    return mini.play(tmp_path_factory.mktemp("supervised"), cache, succeeds=False).failures


@pytest.mark.parametrize("broken", NAMED)
def test_what_is_broken_is_told(broken: str, seen: Mapping[str, Mapping[str, str]]) -> None:
    assert NAMED[broken] <= set(seen[broken]), seen[broken]


def test_what_is_not_broken_on_purpose_is_kept_or_known(seen: Mapping[str, Mapping[str, str]]) -> None:
    # Whether it takes a worker without work 2.9 s to end, or 3.1 s, is chance.
    known = OF_CELERY | {"worker-idle", "beat-idle"}
    assert set(seen["nothing"]) <= known, seen["nothing"]


def test_every_promise_is_broken_by_something() -> None:
    assert {promise.id for promise in PROMISES} == {
        each for named in NAMED.values() for each in named if not each.startswith("played-")
    }
