"""Whose a folder or a database is, told from its name."""

import ctypes
import os
import sys
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.proc.marker import Marker
from harness.proc.wait import Deadline, wait_until
from harness.services import private
from harness.services.private import (
    belongs_to,
    is_orphan,
    make_folder,
    new_token,
    own_name,
    remove_folder,
    remove_orphaned_folders,
)

# No process has such an id, and none has begun then.
DEAD = Marker("4194999.1/run")


def test_a_database_of_ours_is_no_orphan_while_we_live(marker: Marker) -> None:
    name = own_name(marker, new_token())
    assert belongs_to(name, marker)
    assert not is_orphan(name)


def test_a_database_of_a_dead_harness_is_an_orphan(marker: Marker) -> None:
    name = own_name(DEAD, new_token())
    assert is_orphan(name)
    assert not belongs_to(name, marker)


def test_a_database_of_another_machine_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("platform.node", lambda: "elsewhere")
        name = own_name(DEAD, new_token())
    assert not is_orphan(name)


@given(st.text())
def test_what_others_have_named_is_neither(name: str) -> None:
    assert not is_orphan(name)
    assert not belongs_to(name, DEAD)


@given(st.text(alphabet="0123456789abcdef", min_size=10, max_size=17))
def test_a_name_is_short_enough_for_every_server(token: str) -> None:
    assert len(own_name(Marker(f"4194304.{2**31}/run"), token)) <= 63


def test_tokens_differ() -> None:
    assert len({new_token() for _ in range(100)}) == 100


def test_a_folder_is_its_owners_alone(marker: Marker) -> None:
    folder = make_folder(marker)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(str(folder / ".s.PGSQL.5432")) < 100
    remove_folder(folder)
    assert not folder.exists()


def test_only_folders_of_the_dead_are_swept(
    marker: Marker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private, "_SHARED", tmp_path)
    ours, theirs = make_folder(marker), make_folder(DEAD)
    (theirs / "data").mkdir()
    (theirs / "data" / "file").write_text("x")
    others = tmp_path / "harness-4194999.1-somebodys"
    others.mkdir()
    link = tmp_path / theirs.name.replace(theirs.name[-8:], "linklink")
    link.symlink_to(others)
    remove_orphaned_folders()
    assert ours.exists()
    assert not theirs.exists()
    assert others.exists()
    assert link.is_symlink()


def test_who_still_works_in_a_folder_is_killed_before_it_is_removed(marker: Marker) -> None:
    folder = make_folder(marker)
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", f"cd {folder} && exec sleep 120"], {})
    process = psutil.Process(pid)
    wait_until(lambda: process.cwd() == str(folder), deadline=Deadline(20), what="the process to be at home")
    remove_folder(folder)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -9
    assert not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whose a segment is")
@pytest.mark.parametrize("sign", ["", "-"], ids=["server", "initdb"])
def test_the_shared_memory_of_a_killed_postgresql_goes_with_its_folder(sign: str, marker: Marker) -> None:
    key, segment = new_segment()
    folder = make_folder(marker)
    write_lock(folder, f"{sign}4194999", key, segment)
    remove_folder(folder)
    assert not folder.exists()
    assert segment not in known_segments()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whose a segment is")
@pytest.mark.parametrize(
    "pid", [f"{os.getpid()}", f"-{os.getpid()}", "", "half-writ"], ids=["server", "initdb", "empty", "torn"]
)
def test_shared_memory_stays_unless_its_owner_is_known_to_be_dead(pid: str, marker: Marker) -> None:
    key, segment = new_segment()
    folder = make_folder(marker)
    write_lock(folder, pid, key, segment)
    remove_folder(folder)
    assert not folder.exists()
    assert segment in known_segments()
    ctypes.CDLL(None).shmctl(segment, private._IPC_RMID, None)


def new_segment() -> tuple[int, int]:
    """The key and the id of a piece of System V shared memory that nobody is attached to."""
    create_exclusively, for_us = 0o3000, 0o600
    key = int(new_token()[:7], 16)
    segment = ctypes.CDLL(None).shmget(key, 4096, create_exclusively | for_us)
    assert segment >= 0
    return key, segment


def write_lock(folder: Path, pid: str, key: int, segment: int) -> None:
    """A postmaster.pid, as PostgreSQL has written it since 9.1."""
    (folder / "data").mkdir()
    lines = [pid, str(folder), "1795396492", "5432", str(folder), "", f"{key:9d} {segment:9d}"]
    (folder / "data" / "postmaster.pid").write_text("\n".join(lines) + "\n")


def known_segments() -> set[int]:
    rows = private._SEGMENTS.read_text().splitlines()[1:]
    return {int(row.split()[1]) for row in rows}
