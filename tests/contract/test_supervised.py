"""Each promise is kept by what is as it should be, and broken by something that is not."""

from collections.abc import Mapping
from typing import Any

import pytest

from harness.contract.promise import judge
from harness.contract.span import NotObserved
from harness.contract.supervised import PROMISES

DONE = {"began": 1, "ended": 1, "status": "SUCCESS"}
LOST = {"began": 1, "ended": 0, "status": "PENDING"}
TWICE = {"began": 2, "ended": 1, "status": "SUCCESS"}
STOP: Mapping[str, Any] = {
    "seconds": 2.5,
    "how": "exit status 0",
    "killed": False,
    "left_at_once": 0,
    "left": 0,
    "early": DONE,
    "late": DONE,
}
IDLE = {"seconds": 1.0, "how": "exit status 0", "killed": False}
KILLED = {"seconds": 3.1, "how": "terminated by SIGKILL", "killed": True}
STOPS = ("stop", "stop-patient", "stop-killasgroup", "stop-stopasgroup")
# What there is to see when everything is kept.
SEEN: Mapping[str, Mapping[str, Any]] = {
    "boot": {"silent": []},
    "worker-killed": {
        "spawned_after": 0.9,
        "running_after": 3.9,
        "ended_again": 0,
        "works_after": 4.6,
        "children": 2,
        "left": 0,
        "in_hand": DONE,
    },
    "beat-killed": {"spawned_after": 1.0, "running_after": 3.1, "ended_again": 0, "sends_after": 4.4},
    "shutdown": {"left": 0},
    "stop-idle": {"rounds": [{"celery.worker": IDLE, "celery.beat": IDLE}] * 3},
    **dict.fromkeys(STOPS, STOP),
}
# What breaks a promise about each stop, and what is said of it.
OF_A_STOP: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "drains": (KILLED, "it is killed after 3.1 s"),
    "early-ended": ({"early": LOST}, "it began once, ended never, and its status is PENDING"),
    "late-ended": (
        {"late": {**LOST, "status": "FAILURE"}},
        "it began once, ended never, and its status is FAILURE",
    ),
    "early-once": ({"early": TWICE}, "it began twice"),
    "late-once": ({"late": {**TWICE, "began": 3}}, "it began 3 times"),
    "left": ({"left": 2}, "2 still run"),
}
# By a promise's id: the facts that break it, and what is said of them.
BROKEN: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "logs": ({"silent": ["celery.beat"]}, "nothing of celery.beat is there"),
    "worker-restarted": ({"spawned_after": 4.0}, "it is started after 4 s"),
    "worker-goes-on": ({"works_after": None}, "they do not"),
    "worker-children": ({"left": 2}, "2 still run"),
    "worker-in-hand": ({"in_hand": LOST}, "it began once, ended never, and its status is PENDING"),
    "beat-restarted": ({"running_after": None}, "it is started and does not keep running"),
    "beat-goes-on": ({"sends_after": None}, "they do not"),
    "worker-idle": (
        {"rounds": [{"celery.worker": KILLED}, {"celery.worker": KILLED}]},
        "2 of 2 times it is killed",
    ),
    "beat-idle": ({"rounds": [{"celery.worker": IDLE, "celery.beat": KILLED}]}, "1 of 1 times it is killed"),
    "shutdown-left": ({"left": 1}, "1 still run"),
    **{f"{part}-{stop}": case for stop in STOPS for part, case in OF_A_STOP.items()},
}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.id)
def test_a_promise_is_kept_and_broken(promise: Any) -> None:  # noqa: ANN401 - a parameter
    assert judge(promise, SEEN) == ""
    change, said = BROKEN[promise.id]
    assert judge(promise, {promise.reads: {**SEEN[promise.reads], **change}}) == said


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.id)
def test_what_was_not_seen_is_not_judged(promise: Any) -> None:  # noqa: ANN401 - a parameter
    with pytest.raises(NotObserved):
        judge(promise, {})


@pytest.mark.parametrize(
    "promise", [each for each in PROMISES if each.reads in STOPS], ids=lambda promise: promise.id
)
def test_a_stop_in_which_supervisor_was_late_is_not_judged(promise: Any) -> None:  # noqa: ANN401 - a parameter
    facts = {**STOP, **KILLED, "seconds": 12.6, "early": LOST}
    with pytest.raises(NotObserved, match="late on a busy machine"):
        judge(promise, {promise.reads: facts})


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.id)
def test_a_scene_that_broke_off_is_not_judged(promise: Any) -> None:  # noqa: ANN401 - a parameter
    with pytest.raises(NotObserved):
        judge(promise, {promise.reads: {"broke_off": "DeadlineExceeded: not within 45 s"}})


def test_a_worker_that_runs_and_ends_again_is_told_so() -> None:
    restarted = next(promise for promise in PROMISES if promise.id == "worker-restarted")
    facts = {**SEEN["worker-killed"], "ended_again": 2}
    assert judge(restarted, {"worker-killed": facts}) == "it is started and does not keep running"


def test_a_worker_that_is_not_started_again_is_told_so() -> None:
    restarted = next(promise for promise in PROMISES if promise.id == "worker-restarted")
    facts = {**SEEN["worker-killed"], "spawned_after": None, "running_after": None}
    assert judge(restarted, {"worker-killed": facts}) == "it is not"


@pytest.mark.parametrize("promise", ["worker-idle", "beat-idle"])
def test_what_is_killed_now_and_then_has_a_rate_and_no_verdict(promise: str) -> None:
    idle = next(each for each in PROMISES if each.id == promise)
    rounds = [dict.fromkeys(("celery.worker", "celery.beat"), how) for how in (KILLED, KILLED, IDLE, IDLE)]
    with pytest.raises(NotObserved, match="2 of 4 times it is killed"):
        judge(idle, {"stop-idle": {"rounds": rounds}})


def test_ids_are_each_their_own() -> None:
    assert len({promise.id for promise in PROMISES}) == len(PROMISES)
