"""What is left of a cell, a run or a dead harness is found by its marker and killed."""

import os
import select
import signal
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from harness.proc import sweep as module
from harness.proc.children import Child
from harness.proc.marker import VARIABLE, Marker
from harness.proc.sweep import forget_faked_time, marked, sweep, sweep_orphans
from harness.proc.wait import Deadline, wait_until
from tests.proc.processes import (
    FORKS_AWAY,
    PATIENCE,
    SLEEPER,
    MakeCommand,
    Start,
    Watch,
    is_gone,
    logged_number,
    until_gone,
    until_logged,
)

FORKS_ON_AND_ON = """
    import os, signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if not os.fork():
            os.setsid()
            while True:
                signal.pause()
        print("forked")
        time.sleep(0.01)
"""

A_HARNESS = """
    import os, signal, sys
    from pathlib import Path
    from harness.proc.children import Child, Command
    from harness.proc.marker import Marker

    child = Child(
        Command(
            argv=[sys.executable, "-c", "import signal; signal.pause()"],
            env={},
            cwd=Path.cwd(),
            log=Path(f"child-of-{os.getpid()}.log"),
            marker=Marker.of_this_harness("run").below("cell", "1"),
        )
    )
    print("child", child.pid)
    signal.pause()
"""


@pytest.fixture
def shared_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the one where libfaketime keeps its segments."""
    folder = tmp_path / "shm"
    folder.mkdir()
    monkeypatch.setattr(module, "_SHARED_MEMORY", folder)
    return folder


def test_a_child_that_forks_away_is_swept(
    marker: Marker, python: MakeCommand, start: Start, watch: Watch
) -> None:
    child = start(python(FORKS_AWAY))
    daemon = watch(logged_number(child, "daemon"))
    child.kill()
    assert daemon.is_running()
    [command] = sweep(marker)
    assert "os.setsid()" in command
    assert is_gone(daemon)


def test_a_sweep_of_nothing_says_so(marker: Marker) -> None:
    assert sweep(marker) == ()


def test_a_sweep_spares_what_is_not_below_its_marker(
    marker: Marker, python: MakeCommand, start: Start
) -> None:
    one, two, twelve = (
        start(replace(python(SLEEPER), marker=marker.below(name))) for name in ("cell-1", "cell-2", "cell-12")
    )
    assert len(sweep(marker.below("cell-1"))) == 1
    assert one.wait(Deadline(PATIENCE)) == -signal.SIGKILL
    assert two.exit_code is None
    assert twelve.exit_code is None
    assert len(sweep(marker)) == 2


def test_a_sweep_does_not_wait_for_a_zombie(marker: Marker, python: MakeCommand, start: Start) -> None:
    child = psutil.Process(start(python("")).pid)
    wait_until(
        lambda: child.status() == psutil.STATUS_ZOMBIE, deadline=Deadline(PATIENCE), what="the child to end"
    )
    assert sweep(marker) == ()


def test_a_process_that_sweeps_is_not_swept_itself(marker: Marker, python: MakeCommand, start: Start) -> None:
    sleeper = start(python(SLEEPER))
    sweeper = start(
        python(f"""
            from harness.proc.marker import Marker
            from harness.proc.sweep import sweep
            print("swept", len(sweep(Marker({marker.text!r}))))
        """)
    )
    assert logged_number(sweeper, "swept") == 1
    assert sweeper.wait(Deadline(PATIENCE)) == 0
    assert sleeper.wait(Deadline(PATIENCE)) == -signal.SIGKILL


def test_a_child_that_forks_on_and_on_is_swept_with_all_its_forks(
    marker: Marker, python: MakeCommand, start: Start
) -> None:
    until_logged(start(python(FORKS_ON_AND_ON)), r"(forked\n){3}")
    assert len(sweep(marker)) > 3
    assert list(marked(marker.covers)) == []


@pytest.mark.live
def test_a_child_that_is_forking_away_just_now_is_swept_too(marker: Marker, python: MakeCommand) -> None:
    forks_away = replace(python(""), argv=["sh", "-c", "(setsid sleep 60 &)"], talks=True)
    for _ in range(30):
        child = Child(forks_away)
        try:
            sweep(marker)
            # The pipe ends when nobody is left who could write into it.
            assert select.select([child.stdout], [], [], 2)[0], "something lives on"
        finally:
            child.kill()


def test_orphans_are_swept_and_the_children_of_live_harnesses_are_not(
    python: MakeCommand, start: Start, watch: Watch
) -> None:
    ours = start(python(SLEEPER))
    dead, alive = start(python(A_HARNESS)), start(python(A_HARNESS))
    orphan, somebody_elses = (watch(logged_number(harness, "child")) for harness in (dead, alive))
    assert not is_gone(orphan)
    os.kill(dead.pid, signal.SIGKILL)
    assert dead.wait(Deadline(PATIENCE)) == -signal.SIGKILL
    sweep_orphans()
    until_gone(orphan)
    assert not is_gone(somebody_elses)
    assert ours.exit_code is None
    assert alive.exit_code is None


def test_orphans_of_a_dead_harness_are_found_in_whatever_session_they_are(
    python: MakeCommand, start: Start, watch: Watch
) -> None:
    harness = start(python(SLEEPER))
    created = int(psutil.Process(harness.pid).create_time())
    leaver = start(replace(python(FORKS_AWAY), marker=Marker(f"{harness.pid}.{created}/run/cell")))
    orphan = watch(logged_number(leaver, "daemon"))
    sweep_orphans()
    assert not is_gone(orphan)
    harness.kill()
    sweep_orphans()
    until_gone(orphan)


def test_a_marker_that_cannot_be_read_is_nobodys_orphan(
    python: MakeCommand, start: Start, watch: Watch
) -> None:
    child = start(replace(python(SLEEPER), marker=Marker("not-ours")))
    process = watch(child.pid)
    assert process.environ()[VARIABLE] == "not-ours"
    sweep_orphans()
    assert child.exit_code is None


def test_faked_time_of_dead_processes_is_removed_and_that_of_live_ones_kept(
    marker: Marker, python: MakeCommand, start: Start, shared_memory: Path
) -> None:
    dead = start(python(""))
    dead.wait(Deadline(PATIENCE))
    live = start(replace(python(SLEEPER), marker=Marker("another")))
    segments = {
        pid: [shared_memory / f"faketime_shm_{pid}", shared_memory / f"sem.faketime_sem_{pid}"]
        for pid in (dead.pid, live.pid, os.getpid())
    }
    others = [shared_memory / "faketime_shm_", shared_memory / "faketime_shm_x", shared_memory / "mine"]
    for path in (*others, *(path for pair in segments.values() for path in pair)):
        path.touch()
    sweep(marker)
    left = {*others, *segments[live.pid], *segments[os.getpid()]}
    assert set(shared_memory.iterdir()) == left


def test_faked_time_of_a_swept_process_is_removed(
    marker: Marker, python: MakeCommand, start: Start, shared_memory: Path
) -> None:
    child = start(python(SLEEPER))
    segment = shared_memory / f"faketime_shm_{child.pid}"
    segment.touch()
    assert sweep(marker)
    assert not segment.exists()


def test_faked_time_is_removed_when_a_child_is_waited_for_or_killed(
    python: MakeCommand, start: Start, shared_memory: Path
) -> None:
    ended, killed = start(python("")), start(python(SLEEPER))
    for child in (ended, killed):
        (shared_memory / f"faketime_shm_{child.pid}").touch()
        (shared_memory / f"sem.faketime_sem_{child.pid}").touch()
    ended.wait(Deadline(PATIENCE))
    killed.kill()
    assert list(shared_memory.iterdir()) == []


def test_faked_time_of_another_user_is_kept(
    marker: Marker, python: MakeCommand, start: Start, shared_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = start(python(""))
    dead.wait(Deadline(PATIENCE))
    segment = shared_memory / f"faketime_shm_{dead.pid}"
    segment.touch()
    owner = segment.stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    sweep(marker)
    assert segment.exists()


def test_there_may_be_nothing_to_forget(shared_memory: Path) -> None:
    forget_faked_time(os.getpid())
    assert list(shared_memory.iterdir()) == []


def test_a_sweep_that_cannot_get_to_an_end_gives_up_after_its_patience(
    marker: Marker, python: MakeCommand, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.2)
    spawner = python(f"""
        import os, subprocess
        while True:
            child = subprocess.Popen(["sleep", "60"], env={ {"PATH": os.defpath, VARIABLE: marker.text} })
            print("up")
            child.wait()
    """)
    child = start(replace(spawner, marker=Marker("not-ours")))
    until_logged(child, "up")
    began = time.monotonic()
    assert "sleep 60" in sweep(marker)
    assert time.monotonic() - began < PATIENCE
