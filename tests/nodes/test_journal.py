from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.nodes.journal import STORM_SECONDS, STORM_SENDS, Journal, Send, StormSeen

TASK = "easytask.tasks.record_call"

# Celery 4.4.2 on Python 3.6, in Asia/Shanghai.
BEAT_4_4 = """\
celery beat v4.4.2 (cliffs) is starting.
__    -    ... __   -        _
LocalTime -> 2025-03-04 10:30:14
Configuration ->
    . scheduler -> django_celery_beat.schedulers.DatabaseScheduler
[2025-03-04 10:30:14,732 1741055414.732: INFO/MainProcess] beat: Starting...
[2025-03-04 10:30:14,743 1741055414.744: DEBUG/MainProcess] Current schedule:

[2025-03-04 10:30:14,757 1741055414.758: DEBUG/MainProcess] beat: Waking up now.
[2025-03-04 10:30:20,192 1741055420.193: INFO/MainProcess] DatabaseScheduler: Schedule changed.
[2025-03-04 10:30:20,193 1741055420.193: DEBUG/MainProcess] Writing entries...
<ModelEntry: every-30 easytask.tasks.record_call(*[1, 9], **{}) <freq: 30.00 seconds>>
[2025-03-04 10:30:50,204 1741055450.205: INFO/MainProcess] Scheduler: Sending due task every-30 (easytask.tasks.record_call)
[2025-03-04 10:30:50,219 1741055450.220: DEBUG/MainProcess] easytask.tasks.record_call sent. id->25c8c74b-779e-4456-9bd4-250a186ed01f
[2025-03-04 10:31:00,000 1741055460.001: INFO/MainProcess] Scheduler: Sending due task crontab (easytask.tasks.record_call)
[2025-03-04 10:31:00,002 1741055460.002: DEBUG/MainProcess] easytask.tasks.record_call sent. id->f252e164-52ca-44cd-b593-bf4ab9e33709
"""  # noqa: E501 - lines of a real log
WORKER_4_4 = """\
[2025-03-04 10:30:15,779 1741055415.780: INFO/MainProcess] Discarding revoked task: easytask.tasks.simple_task[e9f3d071-b0a2-429c-8513-92722cb3eefb]
[2025-03-04 10:30:15,828 1741055415.829: ERROR/ForkPoolWorker-1] Task easytask.tasks.failing_task[f827bf16-54a6-4e32-96ef-3a290fd9428a] raised unexpected: ValueError('as it should',)
Traceback (most recent call last):
  File "easytask/tasks.py", line 52, in failing_task
    raise ValueError(message)
ValueError: as it should
[2025-03-04 10:30:15,878 1741055415.878: INFO/ForkPoolWorker-1] Task easytask.tasks.retrying_task[9b047e8b-79ee-48db-bfc7-6ccd6680dc6f] retry: Retry in 0s
[2025-03-04 10:30:50,220 1741055450.220: INFO/MainProcess] Received task: easytask.tasks.record_call[25c8c74b-779e-4456-9bd4-250a186ed01f]
[2025-03-04 10:30:50,221 1741055450.221: DEBUG/MainProcess] TaskPool: Apply <function _fast_trace_task at 0x7f3c9bc20440> (args:('easytask.tasks.record_call', '25c8c74b-779e-4456-9bd4-250a186ed01f', {'lang': 'py', 'task': 'easytask.tasks.record_call'}
[2025-03-04 10:30:50,221 1741055450.222: DEBUG/MainProcess] Task accepted: easytask.tasks.record_call[25c8c74b-779e-4456-9bd4-250a186ed01f] pid:19352
[2025-03-04 10:30:50,226 1741055450.226: INFO/ForkPoolWorker-1] Task easytask.tasks.record_call[25c8c74b-779e-4456-9bd4-250a186ed01f] succeeded in 0.003660200000012992s: {'args': [1, 9], 'kwargs': {}}
"""  # noqa: E501 - lines of a real log

# Celery 5.7.0 on Python 3.13, in UTC.
BEAT_5_7 = """\
celery beat v5.7.0 (collider) is starting.
[2025-03-04 02:30:07,510 1741055407.511: INFO/MainProcess] beat: Starting...
[2025-03-04 02:30:20,182 1741055420.183: INFO/MainProcess] DatabaseScheduler: Schedule changed.
<ModelEntry: crontab easytask.tasks.record_call(*['crontab'], **{}) <crontab: 31 *
         * *
          * (m/h/d/dM/MY), UTC>
        >
[2025-03-04 02:30:49,808 1741055449.808: DEBUG/MainProcess] beat: Waking up now.
[2025-03-04 02:30:50,010 1741055450.010: INFO/MainProcess] Scheduler: Sending due task every-30 (easytask.tasks.record_call)
[2025-03-04 02:30:50,016 1741055450.017: DEBUG/MainProcess] Failed to enable maintenance notifications: unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP.
[2025-03-04 02:30:50,017 1741055450.018: DEBUG/MainProcess] easytask.tasks.record_call sent. id->25d6646d-6562-4d8c-af0c-76567b49b728
[2025-03-04 02:31:00,000 1741055460.001: INFO/MainProcess] Scheduler: Sending due task crontab (easytask.tasks.record_call)
[2025-03-04 02:31:00,002 1741055460.002: DEBUG/MainProcess] easytask.tasks.record_call sent. id->4a6d0dcf-6f23-4195-993d-535fc0679d4e
"""  # noqa: E501 - lines of a real log
WORKER_5_7 = """\
[2025-03-04 02:30:09,799 1741055409.800: ERROR/ForkPoolWorker-1] Task easytask.tasks.failing_task[3c61731d-c488-4a28-9c5e-e74315137760] raised unexpected: ValueError('as it should')
[2025-03-04 02:30:09,817 1741055409.817: INFO/ForkPoolWorker-1] Task easytask.tasks.retrying_task[e9e1b1e8-2b83-4483-91dc-25cd65eef5c3] retry: Retry in 0s
[2025-03-04 02:30:12,240 1741055412.240: INFO/MainProcess] Discarding revoked task: easytask.tasks.simple_task[f7784291-2cb9-42b6-a340-a1a2e6c8a5ec]
[2025-03-04 02:30:50,018 1741055450.019: INFO/MainProcess] Task easytask.tasks.record_call[25d6646d-6562-4d8c-af0c-76567b49b728] received
[2025-03-04 02:30:50,018 1741055450.019: DEBUG/MainProcess] TaskPool: Apply <function fast_trace_task at 0x7f69a536cfe0> (args:('easytask.tasks.record_call', '25d6646d-6562-4d8c-af0c-76567b49b728', {'lang': 'py', 'task': 'easytask.tasks.record_call'}
[2025-03-04 02:30:50,024 1741055450.024: INFO/ForkPoolWorker-1] Task easytask.tasks.record_call[25d6646d-6562-4d8c-af0c-76567b49b728] succeeded in 0.003917906000424409s: {'args': [1, 9], 'kwargs': {}}
"""  # noqa: E501 - lines of a real log


@dataclass(frozen=True)
class Logs:
    beat: Path
    worker: Path
    journal: Journal


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    beat, worker = tmp_path / "beat.log", tmp_path / "worker.log"
    return Logs(beat, worker, Journal(beat_log=beat, worker_log=worker))


def test_celery_4_4_is_understood(logs: Logs) -> None:
    logs.beat.write_text(BEAT_4_4)
    logs.worker.write_text(WORKER_4_4)
    journal = logs.journal.read()
    assert journal.wakes == [1741055414.758]
    assert journal.changes == [1741055420.193]
    assert journal.sends == [
        Send(entry="every-30", task=TASK, instant=1741055450.205, id="25c8c74b-779e-4456-9bd4-250a186ed01f"),
        Send(entry="crontab", task=TASK, instant=1741055460.001, id="f252e164-52ca-44cd-b593-bf4ab9e33709"),
    ]
    assert journal.accepted == {"25c8c74b-779e-4456-9bd4-250a186ed01f": [1741055450.221]}
    assert journal.ended == {
        "e9f3d071-b0a2-429c-8513-92722cb3eefb": 1741055415.78,  # discarded
        "f827bf16-54a6-4e32-96ef-3a290fd9428a": 1741055415.829,
        "25c8c74b-779e-4456-9bd4-250a186ed01f": 1741055450.226,
    }


def test_celery_5_7_is_understood(logs: Logs) -> None:
    logs.beat.write_text(BEAT_5_7)
    logs.worker.write_text(WORKER_5_7)
    journal = logs.journal.read()
    assert journal.wakes == [1741055449.808]
    assert journal.changes == [1741055420.183]
    assert journal.sends == [
        Send(entry="every-30", task=TASK, instant=1741055450.01, id="25d6646d-6562-4d8c-af0c-76567b49b728"),
        Send(entry="crontab", task=TASK, instant=1741055460.001, id="4a6d0dcf-6f23-4195-993d-535fc0679d4e"),
    ]
    assert journal.accepted == {"25d6646d-6562-4d8c-af0c-76567b49b728": [1741055450.019]}
    assert journal.ended == {
        "f7784291-2cb9-42b6-a340-a1a2e6c8a5ec": 1741055412.24,  # discarded
        "3c61731d-c488-4a28-9c5e-e74315137760": 1741055409.8,
        "25d6646d-6562-4d8c-af0c-76567b49b728": 1741055450.024,
    }


def test_before_there_are_logs_nothing_has_happened(logs: Logs) -> None:
    journal = logs.journal.read()
    assert (journal.sends, journal.wakes, journal.changes, journal.accepted, journal.ended) == (
        [],
        [],
        [],
        {},
        {},
    )


def test_a_log_cut_anywhere_is_understood_when_the_rest_is_there(logs: Logs) -> None:
    for cut in range(0, len(BEAT_4_4), 40):
        logs.beat.write_text(BEAT_4_4[:cut])
        logs.journal.read()
    logs.beat.write_text(BEAT_4_4)
    whole = Journal(beat_log=logs.beat, worker_log=logs.worker).read()
    assert logs.journal.read().sends == whole.sends
    assert logs.journal.wakes == whole.wakes


def test_a_send_is_known_before_its_message_has_an_id(logs: Logs) -> None:
    sending, sent = BEAT_5_7.splitlines(keepends=True)[-2:]
    logs.beat.write_text(sending)
    assert logs.journal.read().sends == [Send(entry="crontab", task=TASK, instant=1741055460.001)]
    logs.beat.write_text(sending + sent)
    [send] = logs.journal.read().sends
    assert send.id == "4a6d0dcf-6f23-4195-993d-535fc0679d4e"


def test_an_id_belongs_to_the_send_before_it_and_to_no_other(logs: Logs) -> None:
    sending, sent = BEAT_5_7.splitlines(keepends=True)[-2:]
    logs.beat.write_text(sent + sending + sent + sent.replace("4a6d0dcf", "ffffffff"))
    [send] = logs.journal.read().sends
    assert send.id == "4a6d0dcf-6f23-4195-993d-535fc0679d4e"


def test_an_entry_may_have_any_name(logs: Logs) -> None:
    sending = BEAT_5_7.splitlines(keepends=True)[-2]
    logs.beat.write_text(sending.replace("crontab", "every day (at 10:31)"))
    assert [send.entry for send in logs.journal.read().sends] == ["every day (at 10:31)"]


def test_sends_are_told_by_entry(logs: Logs) -> None:
    logs.beat.write_text(BEAT_4_4)
    assert [send.instant for send in logs.journal.read().sends_of("crontab")] == [1741055460.001]
    assert logs.journal.sends_of("first") == []


def test_a_task_that_is_tried_again_is_accepted_again(logs: Logs) -> None:
    accepted = next(line for line in WORKER_5_7.splitlines(keepends=True) if "TaskPool: Apply" in line)
    logs.worker.write_text(accepted + accepted.replace("1741055450.019", "1741055450.119"))
    assert logs.journal.read().accepted == {
        "25d6646d-6562-4d8c-af0c-76567b49b728": [1741055450.019, 1741055450.119]
    }


@pytest.mark.parametrize(
    "how",
    [
        "succeeded in 0.1s: 10",
        "raised unexpected: ValueError()",
        "failed",
        "ignored",
        "rejected requeue=False",
    ],
)
def test_a_task_ends_in_one_of_several_ways(logs: Logs, how: str) -> None:
    logs.worker.write_text(
        f"[2025-03-04 02:30:09,799 1741055409.800: INFO/ForkPoolWorker-1] Task a.b[1-2] {how}\n"
    )
    assert logs.journal.read().ended == {"1-2": 1741055409.8}


def sending(entry: str, instants: Iterable[float]) -> str:
    line = "[2025-03-04 02:30:00,000 {:.3f}: INFO/MainProcess] Scheduler: Sending due task {} ({})\n"
    return "".join(line.format(instant, entry, TASK) for instant in instants)


def test_a_storm_is_told_once_and_nothing_of_it_is_lost(logs: Logs) -> None:
    logs.beat.write_text(sending("every-30", (1000 + 0.1 * n for n in range(STORM_SENDS + 5))))
    with pytest.raises(StormSeen, match=rf"beat sent every-30 {STORM_SENDS} times within 2\.4 s"):
        logs.journal.read()
    assert len(logs.journal.read().sends) == STORM_SENDS + 5


def test_who_only_catches_up_is_told_of_no_storm(logs: Logs) -> None:
    logs.beat.write_text(sending("every-30", [1000.0] * STORM_SENDS))
    assert len(logs.journal.catch_up().sends) == STORM_SENDS


def test_as_many_sends_in_a_longer_time_are_no_storm(logs: Logs) -> None:
    step = STORM_SECONDS / (STORM_SENDS - 1) + 0.001  # the log has milliseconds
    logs.beat.write_text(sending("every-30", (1000 + step * n for n in range(4 * STORM_SENDS))))
    assert logs.journal.read().sends


def test_what_is_taken_out_of_the_queue_has_ended(logs: Logs) -> None:
    logs.beat.write_text(BEAT_5_7)
    logs.journal.read().forget_open_sends()
    assert all(send.id in logs.journal.ended for send in logs.journal.sends)


def test_as_many_sends_of_several_entries_are_no_storm(logs: Logs) -> None:
    half = [1000.0] * (STORM_SENDS - 1)
    logs.beat.write_text(sending("every-30", half) + sending("crontab", half))
    assert logs.journal.read().sends
