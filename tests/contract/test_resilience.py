"""Each promise is kept by what is as it should be, and broken by something that is not."""

from collections.abc import Mapping
from typing import Any

import pytest

from harness.contract.invariant import Standing
from harness.contract.promise import judge
from harness.contract.promises_redis import REDIS_FAULTS
from harness.contract.promises_servers import OF_SERVERS
from harness.contract.resilience import PROMISES, promises_on, stands_on
from harness.contract.span import NotObserved

ROUND: Mapping[str, Any] = {
    "fault": "kill",
    "seconds": 2.0,
    "worker": "lives",
    "beat": "lives",
    "publishes": 0.1,
    "refused": 0,
    "consumes": 2.4,
    "beat_sends": 0.9,
    "answers": 0.2,
    "sent": 7,
    "lost": 0,
    "held_back": 0,
    "twice": 0,
    "broken_off": 0,
}
FAILED = {"began": 1, "ended": 0, "status": "FAILURE"}
AGAIN = {"began": 2, "ended": 1, "status": "SUCCESS"}
LOAD = {"sent": 1000, "lost": 0, "twice": 0, "right": 1000, "children": 10, "a_second": 90.0}
LOCKED = {"status": "SUCCESS", "worker": "lives", "works_again": True, "status_after": "SUCCESS"}
# What there is to see when everything is kept.
SEEN: Mapping[str, Mapping[str, Any]] = {
    **{fault: {"rounds": [ROUND, ROUND, ROUND]} for fault in REDIS_FAULTS},
    "child-killed": {"early": FAILED, "late": FAILED, "late-reject": AGAIN},
    "worker-killed": {
        "early": {"began": 1, "ended": 0, "status": "PENDING"},
        "late": AGAIN,
        "late-reject": AGAIN,
    },
    "visibility": {"watched": 21.0, "long": 1, "eta": 1, "long_ended": 1, "eta_ended": 1},
    "250-tasks": {**LOAD, "sent": 250, "right": 250, "children": 3},
    "1000-tasks": LOAD,
    "beat-killed": {"hourly": 2, "hourly_sent_again": 0, "beat": "lives"},
    "two-beats": {"second": "ended with code 73", "second_sent": 0, "first_sent_meanwhile": 0},
    "pidfile": {"of_the_dead": {"starts": True, "said": ""}, "of_another": {"starts": False, "said": "no"}},
    "clock": {
        "seconds": 8.0,
        "forward": {"sent": 9, "beat": "lives", "wakes": 40},
        "back": {"sent": 8, "beat": "lives", "wakes": 40},
        "restarted": {"sent": 7, "beat": "lives", "wakes": 40},
    },
    "locked-30": LOCKED,
    "locked-5": LOCKED,
    "server-gone": {
        "ended_meanwhile": True,
        "status": "SUCCESS",
        "runs": 1,
        "worker": "lives",
        "stores_again": 0.4,
        "stores_when_restarted": None,
        "beat_sends": 0.3,
        "beat": "lives",
        "beat_notices": 1.2,
    },
    "table-locked": LOCKED,
    "idle": {
        "cut": True,
        "between": "SUCCESS",
        "within": "SUCCESS",
        "worker": "lives",
        "stores_after": True,
        "beat": "lives",
        "beat_notices": 5.2,
    },
}
# By what a promise's id begins with: the facts that break it, and what is said of them.
ONE_OF_THREE: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "reconnect": (
        {"consumes": None, "consumes_when_restarted": True},
        "the worker lives and runs nothing; one that is started again does",
    ),
    "lives": ({"worker": "ended with code 1"}, "worker ended with code 1"),
    "beat": ({"beat_sends": None}, "beat lives and sends nothing"),
    "sender": ({"refused": 2}, "sending fails 2 times first"),
    "control": ({"answers": None}, "the worker does not answer to ping"),
    "lost": ({"lost": 4}, "4 of 7 tasks lost"),
    "twice": ({"twice": 1}, "1 of 7 tasks run twice"),
}
BROKEN: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "child-killed-early": ({"early": AGAIN}, "it began 2 times, ended 1 times, and its status is SUCCESS"),
    "child-killed-late": ({"late": AGAIN}, "it began 2 times, ended 1 times, and its status is SUCCESS"),
    "child-killed-reject": (
        {"late-reject": FAILED},
        "it began once, ended 0 times, and its status is FAILURE",
    ),
    "worker-killed-late": ({"late": FAILED}, "it began once, ended 0 times, and its status is FAILURE"),
    "worker-killed-reject": (
        {"late-reject": FAILED},
        "it began once, ended 0 times, and its status is FAILURE",
    ),
    "visibility-ended": ({"eta_ended": 0}, "the eta task did not end"),
    "visibility-once": ({"long": 3}, "the long task ran 3 times"),
    "250-tasks": ({"lost": 1, "right": 249}, "1 of 250 are lost, 249 of 250 results are right"),
    "250-tasks-children": ({"children": 1}, "there were 1, not 3"),
    "1000-tasks": ({"twice": 2}, "2 ran twice"),
    "beat-killed-once": ({"hourly_sent_again": 1}, "1 of 2 hourly tasks were sent again at once"),
    "two-beats": (
        {"second": "lives", "second_sent": 3, "first_sent_meanwhile": 2},
        "the second sends as well: 3 beside 2",
    ),
    "pidfile-stale": (
        {"of_the_dead": {"starts": False, "said": "already exists"}},
        "it does not start: already exists",
    ),
    "pidfile-held": ({"of_another": {"starts": True, "said": ""}}, "it starts all the same"),
    "clock-forward": (
        {"forward": {"sent": 40, "beat": "lives", "wakes": 40}},
        "it was sent 40 times within 8 s",
    ),
    "clock-back": (
        {"back": {"sent": 0, "beat": "lives", "wakes": 30}},
        "beat lives and sent nothing within 8 s",
    ),
    "clock-back-restart": (
        {"restarted": {"sent": 0, "beat": "lives", "wakes": 30}},
        "beat lives and sent nothing within 8 s",
    ),
    **{
        f"stored-{each}": (
            {"status": "PENDING"},
            "the result is lost, its status is PENDING, and the worker lives",
        )
        for each in ("locked-30", "locked-5", "server-gone", "table-locked")
    },
    **{
        f"works-{each}": (
            {"works_again": False, "worker": "ended with code 1", "status_after": "PENDING"},
            "the worker ended with code 1, and the next task's status is PENDING",
        )
        for each in ("locked-30", "locked-5", "table-locked")
    },
    "once-server-gone": ({"runs": 2}, "it ran 2 times"),
    "lives-server-gone": ({"worker": "ended with code 1"}, "the worker ended with code 1"),
    "again-server-gone": (
        {"stores_again": None, "stores_when_restarted": True},
        "the worker lives and stores nothing; one that is started again does",
    ),
    "beat-server-gone": (
        {"beat_sends": None, "beat": "ended with code 1"},
        "beat ended with code 1 and sends nothing",
    ),
    "changes-server-gone": (
        {"beat_notices": None, "notices_when_restarted": True},
        "beat lives and does not take up a new task; one that is started again does",
    ),
    "between-idle": (
        {"between": "PENDING"},
        "the next result is lost, its status is PENDING, and the worker lives",
    ),
    "within-idle": ({"within": "PENDING"}, "its status is PENDING, and the worker lives"),
    "after-idle": ({"stores_after": False}, "the worker lives and stores nothing"),
    "changes-idle": (
        {"beat_notices": None, "notices_when_restarted": True},
        "beat lives and does not take up a new task; one that is started again does",
    ),
}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.id)
def test_a_promise_is_kept_and_broken(promise: Any) -> None:  # noqa: ANN401 - a parameter
    assert judge(promise, SEEN) == ""
    if promise.id in BROKEN:
        change, said = BROKEN[promise.id]
        assert judge(promise, {promise.reads: {**SEEN[promise.reads], **change}}) == said
        return
    aspect = promise.id.removesuffix(f"-{promise.reads}")
    change, said = ONE_OF_THREE[aspect]
    rounds = [ROUND, {**ROUND, **change}, ROUND]
    assert judge(promise, {promise.reads: {"rounds": rounds}}) == f"1 of 3 times: {said}"


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.id)
def test_what_was_not_seen_is_not_judged(promise: Any) -> None:  # noqa: ANN401 - a parameter
    with pytest.raises(NotObserved):
        judge(promise, {})


def test_ids_are_each_their_own() -> None:
    assert len({promise.id for promise in PROMISES}) == len(PROMISES)


def test_of_what_is_lost_the_worst_round_is_told() -> None:
    lost = next(promise for promise in PROMISES if promise.id == "lost-killed")
    rounds = [{**ROUND, "lost": 4}, {**ROUND, "held_back": 4}, {**ROUND, "lost": 4}]
    assert judge(lost, {"killed": {"rounds": rounds}}) == ("3 of 3 times: at worst 4 of 7 tasks lost")


def test_what_is_different_each_time_is_told_once_each() -> None:
    lives = next(promise for promise in PROMISES if promise.id == "lives-killed")
    rounds = [{**ROUND, "worker": "ended"}, {**ROUND, "beat": "ended"}, {**ROUND, "worker": "ended"}]
    assert judge(lives, {"killed": {"rounds": rounds}}) == "3 of 3 times: worker ended; beat ended"


def test_who_cannot_send_at_all_is_told_so() -> None:
    sender = next(promise for promise in PROMISES if promise.id == "sender-paused")
    rounds = [{**ROUND, "publishes": None, "refused": 5}]
    said = "1 of 1 times: a process that has sent before cannot send any more"
    assert judge(sender, {"paused": {"rounds": rounds}}) == said


def test_the_one_beat_that_ended_is_told() -> None:
    clock = next(promise for promise in PROMISES if promise.id == "clock-forward")
    facts = {**SEEN["clock"], "forward": {"sent": 0, "beat": "ended with code 1", "wakes": 0}}
    assert judge(clock, {"clock": facts}) == "beat ended with code 1 and sent nothing within 8 s"


def test_a_beat_that_hardly_ticked_is_not_said_to_be_silent() -> None:
    clock = next(promise for promise in PROMISES if promise.id == "clock-back")
    facts = {**SEEN["clock"], "back": {"sent": 0, "beat": "lives", "wakes": 2}}
    with pytest.raises(NotObserved):
        judge(clock, {"clock": facts})


def test_what_nobody_looked_for_is_not_said_to_run_once() -> None:
    once = next(promise for promise in PROMISES if promise.id == "visibility-once")
    with pytest.raises(NotObserved):
        judge(once, {"visibility": {**SEEN["visibility"], "watched": 1.0}})


def test_a_server_that_cuts_nobody_says_nothing_of_who_is_idle() -> None:
    for promise in PROMISES:
        if promise.reads == "idle":
            with pytest.raises(NotObserved):
                judge(promise, {"idle": {**SEEN["idle"], "cut": False, "between": "PENDING"}})


def test_a_task_that_ended_before_or_after_says_nothing_of_a_server_that_was_away() -> None:
    stored = next(promise for promise in PROMISES if promise.id == "stored-server-gone")
    with pytest.raises(NotObserved):
        judge(stored, {"server-gone": {**SEEN["server-gone"], "ended_meanwhile": False, "status": "PENDING"}})


def test_a_new_worker_that_does_not_help_either_is_told() -> None:
    again = next(promise for promise in PROMISES if promise.id == "again-server-gone")
    facts = {**SEEN["server-gone"], "stores_again": None, "stores_when_restarted": False}
    assert judge(again, {"server-gone": facts}) == "the worker lives and stores nothing; nor does a new one"


def test_each_promise_is_asked_on_sqlite_or_on_a_server() -> None:
    assert [*promises_on("sqlite"), *promises_on("mariadb")] == list(PROMISES)
    assert promises_on("mariadb") == promises_on("postgresql") == OF_SERVERS


def test_a_task_that_no_beat_sends_says_nothing_of_the_connection_of_one() -> None:
    # Under some settings no beat sends what is new: that is another matter.
    unsent = {"beat_notices": None, "notices_when_restarted": False}
    for promise in PROMISES:
        if promise.id in ("changes-idle", "changes-server-gone"):
            with pytest.raises(NotObserved):
                judge(promise, {promise.reads: {**SEEN[promise.reads], **unsent}})


def test_what_one_of_several_attempts_broke_is_not_kept_and_it_is_said_how_often() -> None:
    lost = {**SEEN, "1000-tasks": {**LOAD, "lost": 1}}
    [stand] = [each for each in stands_on("sqlite", [SEEN, lost]) if each.invariant == "1000-tasks"]
    assert stand.standing is Standing.VIOLATED
    assert stand.seen.endswith(" (in 1 of 2 attempts)")
    [always] = [each for each in stands_on("sqlite", [lost, lost]) if each.invariant == "1000-tasks"]
    assert always.standing is Standing.VIOLATED
    assert "attempts" not in always.seen
    # What one attempt did not come to, another did.
    unseen = {**SEEN, "1000-tasks": {"broke_off": "a deadline"}}
    [seen] = [each for each in stands_on("sqlite", [SEEN, unseen]) if each.invariant == "1000-tasks"]
    assert seen.standing is Standing.HELD
