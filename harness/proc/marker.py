"""The environment marker that every process of a cell inherits.

It outlives changes of session and process group, so that a child that daemonized is still found, and it
names the harness that started it, so that the next harness can tell an orphan from somebody else's child.
"""

import os
from dataclasses import dataclass

import psutil

VARIABLE = "HARNESS_MARKER"
# Seconds: the boot time that a process's start is counted from is adjusted now and then.
_SAME_START = 2


@dataclass(frozen=True)
class Marker:
    """`owner/run/cell/attempt`, shortened from the right: a prefix stands for all below it."""

    text: str

    @classmethod
    def of_this_harness(cls, run: str) -> "Marker":
        """The marker of everything this process starts for `run`."""
        return cls(f"{os.getpid()}.{int(psutil.Process().create_time())}/{run}")

    def below(self, *parts: str) -> "Marker":
        """A narrower marker, for one cell or one attempt."""
        return Marker("/".join((self.text, *parts)))

    @property
    def owner(self) -> str:
        """Which harness it names, as `pid.start`."""
        return self.text.partition("/")[0]

    @property
    def environment(self) -> dict[str, str]:
        """What a child's environment needs."""
        return {VARIABLE: self.text}

    def covers(self, other: str) -> bool:
        """Whether a process with the marker `other` belongs to this one."""
        return other == self.text or other.startswith(self.text + "/")


def owner_is_alive(marker: str) -> bool:
    """Whether the harness that a marker names still runs. Unreadable markers count as alive."""
    pid, _, created = marker.partition("/")[0].partition(".")
    if not (pid.isdigit() and created.isdigit()):
        return True
    try:
        owner = psutil.Process(int(pid))
        alive = owner.status() != psutil.STATUS_ZOMBIE
        return alive and abs(owner.create_time() - int(created)) < _SAME_START
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
