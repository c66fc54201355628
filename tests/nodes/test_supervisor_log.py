"""Lines as supervisor 4.3 writes them."""

from harness.nodes.supervisor_log import Event, Stop, parse_events, stop_in

LOG = """\
2026-11-23 08:30:14,174 CRIT Supervisor is running as root.  Privileges were not dropped.
2026-11-23 08:30:14,177 INFO RPC interface 'supervisor' initialized
2026-11-23 08:30:14,177 INFO supervisord started with pid 7250
2026-11-23 08:30:15,206 INFO spawned: 'celery.worker' with pid 7265
2026-11-23 08:30:18,493 INFO success: celery.worker entered RUNNING state, process has stayed up for > than \
3 seconds (startsecs)
2026-11-23 08:30:21,986 WARN exited: celery.worker (terminated by SIGKILL; not expected)
2026-11-23 08:30:22,776 INFO spawned: 'celery.worker' with pid 7372
2026-11-23 08:30:23,100 INFO exited: celery.worker (exit status 0; expected)
2026-11-23 08:30:24,100 INFO gave up: celery.worker entered FATAL state, too many start retries too quickly
2026-11-23 08:30:31,269 INFO waiting for celery.worker to stop
2026-11-23 08:30:33,270 INFO waiting for celery.worker to stop
2026-11-23 08:30:35,091 WARN killing 'celery.worker' (7372) with SIGKILL
2026-11-23 08:30:35,091 INFO waiting for celery.beat to die
2026-11-23 08:30:36,293 WARN stopped: celery.worker (terminated by SIGKILL)
2026-11-23 08:30:36,300 INFO stopped: celery.beat (exit status 0)
2026-11-23 08:30:37"""


def test_what_happens_to_programs_is_read_in_order() -> None:
    events = parse_events(LOG)
    assert [(event.what, event.name, event.said) for event in events] == [
        ("spawned", "celery.worker", "7265"),
        ("running", "celery.worker", ""),
        ("exited", "celery.worker", "terminated by SIGKILL"),
        ("spawned", "celery.worker", "7372"),
        ("exited", "celery.worker", "exit status 0"),
        ("gave up", "celery.worker", ""),
        ("stopping", "celery.worker", ""),
        ("stopping", "celery.worker", ""),
        ("killing", "celery.worker", "SIGKILL"),
        ("stopped", "celery.worker", "terminated by SIGKILL"),
        ("stopped", "celery.beat", "exit status 0"),
    ]


def test_instants_are_as_far_apart_as_they_are_told() -> None:
    spawned, running, *_ = parse_events(LOG)
    assert round(running.instant - spawned.instant, 3) == 3.287


def test_an_empty_log_tells_nothing() -> None:
    assert parse_events("") == []


def of_worker() -> list[Event]:
    return [event for event in parse_events(LOG) if event.name == "celery.worker"]


def test_a_stop_lasts_from_the_first_word_of_it() -> None:
    stop = stop_in(of_worker())
    assert stop is not None
    assert (round(stop.seconds, 3), stop.how, stop.killed) == (5.024, "terminated by SIGKILL", True)


def test_a_stop_before_the_last_start_is_not_of_now() -> None:
    spawned = Event(instant=0.0, what="spawned", name="celery.worker", said="1")
    assert stop_in([*of_worker(), spawned]) is None
    assert stop_in([]) is None


def test_who_ends_by_himself_was_not_killed() -> None:
    events = [
        Event(instant=1.0, what="spawned", name="celery.worker", said="1"),
        Event(instant=5.0, what="stopping", name="celery.worker", said=""),
        Event(instant=7.0, what="stopping", name="celery.worker", said=""),
        Event(instant=7.5, what="stopped", name="celery.worker", said="exit status 0"),
    ]
    assert stop_in(events) == Stop(seconds=2.5, how="exit status 0", killed=False)
