"""A picked file, installed by plain pip into a plain environment, runs: a worker takes a task and does it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from uv import find_uv_bin

from harness.commands.pick import run_pick
from harness.commands.pick_asked import PickOptions
from harness.commands.places import Places
from harness.env.pip import pip_environment
from harness.errors import ExitCode
from harness.proc.children import Child, Command
from harness.proc.logs import read_log
from harness.proc.marker import Marker
from harness.proc.sweep import sweep
from harness.proc.wait import Deadline, wait_until
from harness.services.programs import find_redis
from harness.services.redis import RedisServer
from tests.mini.sites import PYTHON, REPOSITORY

pytestmark = [pytest.mark.live, pytest.mark.long]

PATIENCE = 300.0  # seconds, on a machine that is busy with something else
ASK = "from easytask.tasks import simple_task; print(simple_task.delay(40, 2).get(timeout=120))"


@pytest.fixture
def marker() -> Iterator[Marker]:
    marker = Marker.of_this_harness("picked")
    yield marker
    sweep(marker)


@pytest.fixture
def server(tmp_path: Path, marker: Marker) -> Iterator[RedisServer]:
    program = find_redis(os.environ, log=tmp_path / "version.log", marker=marker)
    if program is None:
        pytest.skip("no Redis server here")
    server = RedisServer(program, log=tmp_path / "redis.log", marker=marker.below("redis"), timeout=PATIENCE)
    server.start()
    yield server
    if server.child is not None:
        server.child.kill()


@pytest.mark.parametrize("hashes", [False, True], ids=["pins", "hashes"])
def test_a_picked_file_installed_by_plain_pip_runs(
    tmp_path: Path, console: Console, server: RedisServer, marker: Marker, *, hashes: bool
) -> None:
    places = Places(
        matrix=REPOSITORY / "matrix.toml", state=tmp_path / "state", reports=REPOSITORY / "reports"
    )
    options = PickOptions(
        words=(f"python=={PYTHON}",), folder=tmp_path, verify=False, write="requirements.txt", hashes=hashes
    )
    assert run_pick(options, places, console) is ExitCode.OK
    written = (tmp_path / "requirements.txt").read_text(encoding="utf-8")
    assert ("--hash=sha256:" in written) is hashes
    python = install(tmp_path)
    frozen = called(python, "-m", "pip", "freeze", folder=tmp_path)
    wanted = [line.split()[0] for line in written.splitlines() if "==" in line and not line.startswith("#")]
    assert sorted(map(canonical, wanted)) == sorted(map(canonical, frozen.split()))
    # uv takes the same file, and finds nothing to do.
    taking = ("pip", "install", "--dry-run", "--python", str(python), "-r", "requirements.txt")
    uv = subprocess.run(
        [find_uv_bin(), *taking], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert (uv.returncode, "Would make no changes" in uv.stderr) == (0, True), uv.stderr
    project, log = tmp_path / "project", tmp_path / "worker.log"
    shutil.copytree(REPOSITORY / "sample_project", project)
    environ = {
        "PATH": os.environ["PATH"],
        "IZONE_REDIS_URL": server.url,
        "IZONE_USE_TZ": "true",
        "IZONE_TIME_ZONE": "UTC",
        "DJANGO_SETTINGS_MODULE": "izone.settings",
    }
    called(python, "manage.py", "migrate", folder=project, environ=environ)
    worker = Child(
        Command(
            argv=[str(python), "-m", "celery", "-A", "izone", "worker", "-c", "1", "-l", "INFO"],
            env=environ,
            cwd=project,
            log=log,
            marker=marker.below("worker"),
        )
    )
    try:
        wait_until(
            lambda: "ready." in read_log(log) or worker.exit_code is not None or None,
            deadline=Deadline(PATIENCE),
            what="the worker to be ready",
        )
        assert worker.exit_code is None, read_log(log)
        told = called(python, "manage.py", "shell", "-c", ASK, folder=project, environ=environ)
    finally:
        worker.stop(grace=PATIENCE)
    assert told.split()[-1] == "42"


def install(folder: Path) -> Path:
    """What people do: `python -m venv` and `pip install -r`, and nothing else."""
    called(Path(sys.executable), "-m", "venv", "environment", folder=folder)
    python = folder / "environment" / "bin" / "python"
    installing = ("-m", "pip", "install", "-q", "-r", "requirements.txt")
    called(python, *installing, folder=folder, environ=pip_environment(os.environ))
    return python


def called(program: Path, *arguments: str, folder: Path, environ: dict[str, str] | None = None) -> str:
    """Its output; its errors make the message if it fails."""
    finished = subprocess.run(
        [program, *arguments],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def canonical(pin: str) -> str:
    name, _, version = pin.partition("==")
    return f"{name.lower().replace('_', '-').replace('.', '-')}=={version}"
