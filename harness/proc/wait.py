"""Waiting for something observable, with a deadline. The only place that polls.

What a cell shows is in log files, databases and process tables, which have no common way to wake a
reader; looking again after some milliseconds costs less than watching each of them in its own way.
"""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 0.05


class Deadline:
    """A moment on the monotonic clock, some seconds from its making."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until the deadline; never negative."""
        return max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether the moment is over."""
        return time.monotonic() >= self._end


class DeadlineExceeded(Exception):
    """Something did not happen in time. `what` says what was waited for."""

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(f"{what}: not within {seconds:g} s")
        self.what = what
        self.seconds = seconds


def wait_until(condition: Callable[[], T | None], *, deadline: Deadline, what: str) -> T:
    """The first true value of `condition`; whatever it raises ends the wait.

    Raises:
        DeadlineExceeded: `condition` stayed false until the deadline.
    """
    pause = _FIRST_PAUSE
    while True:
        value = condition()
        if value:
            return value
        if deadline.passed:
            raise DeadlineExceeded(what, deadline.seconds)
        time.sleep(min(pause, deadline.left + 0.001))
        pause = min(pause * 1.5, _LONGEST_PAUSE)
