"""Where a server of our own keeps its data, who it runs as, and what its databases are called.

A folder and a database name tell which harness they belong to, so that the next one can tell what is left
of a dead one from what is in use.
"""

import ctypes
import hashlib
import os
import platform
import re
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

import psutil

from harness.proc.marker import Marker, owner_is_alive
from harness.proc.sweep import sweep_inhabitants

# Not $TMPDIR: another user must reach it, and the path of a socket has a hundred bytes at most.
_SHARED = Path("/tmp")  # noqa: S108 - a folder in it is made by mkdtemp, for its owner alone
_FOLDER = re.compile(r"harness-(?P<place>[0-9a-f]{8})-(?P<owner>\d+\.\d+)-\w+")
_DATABASE = re.compile(r"harness_(?P<place>[0-9a-f]{8})_(?P<pid>\d+)_(?P<start>\d+)_\w+")
_SEGMENTS = Path("/proc/sysvipc/shm")
_IPC_RMID = 0  # from linux/ipc.h


def server_user() -> str | None:
    """Who a server runs as when we are root: PostgreSQL refuses to, and none of them has to.

    Somebody who owns nothing, and not the machine's own `postgres` or `mysql`, who own data.
    """
    return "nobody" if os.geteuid() == 0 else None


def make_folder(marker: Marker) -> Path:
    """A new folder that only a server of ours, or a browser, and we, can look into."""
    folder = Path(tempfile.mkdtemp(prefix=f"harness-{_this_place()}-{marker.owner}-", dir=_SHARED))
    user = server_user()
    if user is not None:
        shutil.chown(folder, user)
    return folder


def remove_folder(folder: Path) -> None:
    """Remove a folder, with what a killed PostgreSQL has left outside of it."""
    sweep_inhabitants(folder)
    for lock in folder.glob("*/postmaster.pid"):
        _forget_segment(lock)
    shutil.rmtree(folder, ignore_errors=True)


def remove_orphaned_folders() -> None:
    """Remove the folders of harnesses that died without doing so."""
    for folder in _SHARED.glob("harness-*"):
        named = _FOLDER.fullmatch(folder.name)
        if (
            named
            and named["place"] == _this_place()
            and not folder.is_symlink()
            and not owner_is_alive(named["owner"])
        ):
            remove_folder(folder)


def own_name(marker: Marker, token: str) -> str:
    """The name of a database that the harness of `marker` makes; nobody else's begins like it."""
    pid, _, start = marker.owner.partition(".")
    return f"harness_{_this_place()}_{pid}_{start}_{token}"


def belongs_to(name: str, marker: Marker) -> bool:
    """Whether a database is one that the harness of `marker` has made."""
    return name.startswith(own_name(marker, ""))


def is_orphan(name: str) -> bool:
    """Whether a database is that of a harness of this machine that is gone."""
    named = _DATABASE.fullmatch(name)
    return bool(
        named and named["place"] == _this_place() and not owner_is_alive(f"{named['pid']}.{named['start']}")
    )


def new_token() -> str:
    """The last part of an attempt's database name: nobody guesses it."""
    return secrets.token_hex(5)


def _this_place() -> str:
    """Where process ids mean what they mean here: others may share a folder or a server."""
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = ""
    return hashlib.sha256(f"{platform.node()} {namespace}".encode()).hexdigest()[:8]


def _is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for by its parent does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _forget_segment(lock: Path) -> None:
    """Remove the shared memory of a killed PostgreSQL, of which `lock`, its postmaster.pid, tells.

    It is removed only if the system knows it by the same key and owner, and if the server is dead.
    """
    if sys.platform != "linux":
        return
    try:
        lines = lock.read_text().splitlines()
        # Negative while PostgreSQL is no server yet: initdb's own process, killed in the midst of it.
        pid = abs(int(lines[0]))
        key, segment = lines[6].split()
        known = [row.split() for row in _SEGMENTS.read_text().splitlines()[1:]]
        owner = str(lock.stat().st_uid)
    except (OSError, IndexError, ValueError):
        return
    # The columns: key, shmid, perms, size, cpid, lpid, nattch, uid, ...
    ours = any(row[:2] == [key, segment] and row[7] == owner for row in known)
    if ours and not _is_running(pid):
        ctypes.CDLL(None).shmctl(int(segment), _IPC_RMID, None)
