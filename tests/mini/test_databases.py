"""A cell on each database server, from the first start of the server to what is left of it: nothing."""

import signal
from pathlib import Path

import psutil
import pytest

from harness.model import CellResult, RunHeader, ServerKind, Stage, Status
from harness.nodes.clock import find_clock_library
from harness.services.databases import URL_VARIABLES
from tests.mini.sites import (
    HERE,
    Harness,
    Site,
    assert_nothing_left,
    faked_times_of_the_dead,
    lay_out,
    wait_for,
)
from tests.mini.test_mini import assert_names_no_machine
from tests.services.servers import program_or_skip

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        find_clock_library() is None, reason="without a clock that jumps a cell takes minutes"
    ),
]

LONGEST = 300.0  # seconds for one cell, with its environment
# A URL of the machine's owner would be used; these are about servers of our own.
NO_URL = dict.fromkeys(URL_VARIABLES.values(), "")
DRIVERS = {"postgresql": "psycopg2-binary", "mariadb": "mysqlclient"}


def site_on(kind: ServerKind, folder: Path, cache: Path) -> Site:
    """A mini that nothing is wrong with, on a database server."""
    changes = {
        "databases": {kind: {"requirements": [DRIVERS[kind]]}},
        "profiles": {"startproject": {"database": kind}},
        # So that there is a second cell, which begins with what the first has migrated.
        "stacks": {"again": {"reason": "the same once more", "like": "mini"}},
        # Nothing here is broken on purpose, so that a deadline is passed.
        "timeouts": {"import": 60, "migrate": 120, "worker": 60, "beat": 60, "check": 45, "cell": 900},
    }
    return lay_out(folder, HERE / "works" / "overlay", changes, cache=cache)


def folders() -> set[Path]:
    """The data folders of all servers that harnesses have started."""
    return set(Path("/tmp").glob("harness-*-*.*-*"))  # noqa: S108 - where they are


@pytest.mark.parametrize("kind", list(URL_VARIABLES))
def test_a_cell_lives_on_it_and_leaves_nothing(kind: ServerKind, tmp_path: Path, cache: Path) -> None:
    program = program_or_skip(kind, tmp_path)
    site = site_on(kind, tmp_path, cache)
    segments = faked_times_of_the_dead()
    harness = Harness(site, "--clock", "fake", environ=NO_URL)
    harness.exit_code(within=LONGEST)
    assert_nothing_left(harness, segments)
    assert not [folder for folder in folders() if f"-{harness.pid}." in folder.name]
    assert_names_no_machine(site)
    records = [record for file in site.records().values() for record in file]
    headers = [record for record in records if isinstance(record, RunHeader)]
    results = [record for record in records if isinstance(record, CellResult)]
    assert [header.machine.tools[kind] for header in headers] == [program.version]
    assert len(results) == 2
    for result in results:
        assert result.database == kind
        assert DRIVERS[kind] in result.requirements
        assert result.lock
        assert result.lock.version(DRIVERS[kind])
        for attempt in result.attempts:
            assert attempt.status is Status.PASSED, attempt.failures
            assert [stage.stage for stage in attempt.stages][-1] is Stage.SHUTDOWN
            assert Stage.MIGRATE in [stage.stage for stage in attempt.stages]


@pytest.mark.parametrize("kind", list(URL_VARIABLES))
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_a_harness_that_is_stopped_leaves_nothing_after_the_next_start(
    kind: ServerKind, how: signal.Signals, tmp_path: Path, cache: Path
) -> None:
    program_or_skip(kind, tmp_path)
    site = site_on(kind, tmp_path, cache)
    segments = faked_times_of_the_dead()
    harness = Harness(site, "--clock", "fake", environ=NO_URL)
    wait_for(lambda: list((site.state / "runs").glob("*/*/attempt-1/worker.log")), "a worker", harness)
    ours = [folder for folder in folders() if f"-{harness.pid}." in folder.name]
    assert len(ours) == 1
    at_home = [process for process in psutil.process_iter() if _is_at_home(process, ours[0])]
    assert at_home
    harness.signal(how)
    harness.exit_code(within=60)
    if how is signal.SIGKILL:
        another = Harness(site, "--select", "again@*", "--no-resume", environ=NO_URL)
        wait_for(lambda: "1 cell of the plan" in another.output, "the next start", another)
        another.stop()
    assert_nothing_left(harness, segments)
    assert not ours[0].exists()
    assert not [process for process in at_home if _is_at_home(process, ours[0])]


def _is_at_home(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(f"/proc/{process.pid}/cwd").readlink().is_relative_to(folder)
    except OSError:
        return False
