"""What happened in a cell, read from the logs of its beat and its worker.

Both log in `LOG_FORMAT`, whose second field is the instant in seconds since the epoch: unambiguous in
the very hours whose local time is not. Lines are the ones Celery 4.3 to 5.7 write.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.proc.logs import LogReader

LOG_FORMAT = "[%(asctime)s %(created).3f: %(levelname)s/%(processName)s] %(message)s"
_LINE = re.compile(r"\[\S+ \S+ (?P<instant>\d+\.\d+): (?P<level>\w+)/\S+\] (?P<message>.*)")
_SENDING = re.compile(r"Scheduler: Sending due task (?P<entry>.+) \((?P<task>[\w.]+)\)$")
_SENT = re.compile(r"[\w.]+ sent\. id->(?P<id>[\w-]+)$")
_ACCEPTED = re.compile(r"TaskPool: Apply <.*?> \(args:\('[\w.]+', '(?P<id>[\w-]+)'")
_ENDED = re.compile(r"Task [\w.]+\[(?P<id>[\w-]+)\] (?P<how>succeeded|raised|failed|ignored|rejected)")
_DISCARDED = re.compile(r"Discarding revoked task: [\w.]+\[(?P<id>[\w-]+)\]")
_CHANGED = "DatabaseScheduler: Schedule changed"
_WAKING = "beat: Waking up"


@dataclass(frozen=True, kw_only=True)
class Send:
    """Beat sent an entry's task. `id` is the message's, empty while its line is not written yet."""

    entry: str
    task: str
    instant: float
    id: str = ""


# No schedule of ours is due more often than twice within a second: this many sends of one entry within
# `STORM_SECONDS` are a storm.
STORM_SENDS = 25
STORM_SECONDS = 10.0


class StormSeen(Exception):
    """Beat sends one entry over and over."""

    def __init__(self, entry: str, sends: int, seconds: float) -> None:
        super().__init__(f"beat sent {entry} {sends} times within {seconds:.1f} s")
        self.entry = entry
        self.sends = sends
        self.seconds = seconds


class Journal:
    """Everything beat and worker have logged so far; `read` brings it up to date."""

    def __init__(self, *, beat_log: Path, worker_log: Path) -> None:
        self._beat = LogReader(beat_log)
        self._worker = LogReader(worker_log)
        self.sends: list[Send] = []
        self.wakes: list[float] = []
        self.changes: list[float] = []
        self.accepted: dict[str, list[float]] = {}
        self.ended: dict[str, float] = {}

    def read(self) -> "Journal":
        """Read what has been written since the last time, and look out for storms in it.

        Raises:
            LogFlooded: one of the logs has outgrown its bound.
            StormSeen: beat has sent one entry over and over.
        """
        known = len(self.sends)
        self.catch_up()
        for number in range(known, len(self.sends)):
            self._look_out_for_a_storm(self.sends[max(0, number - 4 * STORM_SENDS) : number + 1])
        return self

    def catch_up(self) -> "Journal":
        """Read what has been written since the last time, whatever it is.

        Raises:
            LogFlooded: one of the logs has outgrown its bound.
        """
        for line in self._beat.new_lines():
            found = _LINE.match(line)
            if found:
                self._note_beat(float(found["instant"]), found["message"])
        for line in self._worker.new_lines():
            found = _LINE.match(line)
            if found:
                self._note_worker(float(found["instant"]), found["message"])
        return self

    def forget_open_sends(self) -> None:
        """Nobody waits any more for what was sent and has not ended: it has been taken out of the queue."""
        for send in self.sends:
            self.ended.setdefault(send.id, send.instant)

    def sends_of(self, entry: str) -> list[Send]:
        """The sends of one schedule entry, oldest first."""
        return [send for send in self.sends if send.entry == entry]

    def _note_beat(self, instant: float, message: str) -> None:
        if message.startswith(_WAKING):
            self.wakes.append(instant)
        elif message.startswith(_CHANGED):
            self.changes.append(instant)
        elif sending := _SENDING.match(message):
            self.sends.append(Send(entry=sending["entry"], task=sending["task"], instant=instant))
        elif (sent := _SENT.match(message)) and self.sends and not self.sends[-1].id:
            last = self.sends[-1]
            self.sends[-1] = Send(entry=last.entry, task=last.task, instant=last.instant, id=sent["id"])

    @staticmethod
    def _look_out_for_a_storm(sends: Sequence[Send]) -> None:
        last = sends[-1]
        recent = [send.instant for send in sends if send.entry == last.entry]
        if len(recent) >= STORM_SENDS and last.instant - recent[-STORM_SENDS] < STORM_SECONDS:
            raise StormSeen(last.entry, STORM_SENDS, last.instant - recent[-STORM_SENDS])

    def _note_worker(self, instant: float, message: str) -> None:
        if accepted := _ACCEPTED.match(message):
            self.accepted.setdefault(accepted["id"], []).append(instant)
        elif ended := _ENDED.match(message) or _DISCARDED.match(message):
            self.ended[ended["id"]] = instant
