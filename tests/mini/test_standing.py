"""A cell that is left standing: it can be entered, and Ctrl-C leaves nothing of it."""

import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from harness.nodes.clock import find_clock_library
from tests.mini.sites import (
    CELL,
    HERE,
    Harness,
    Site,
    assert_nothing_left,
    faked_times_of_the_dead,
    lay_out,
    wait_for,
)

pytestmark = [
    pytest.mark.live,
    pytest.mark.long,
    pytest.mark.skipif(
        find_clock_library() is None, reason="without a clock that jumps a cell takes minutes"
    ),
]

AT_ONCE = 60.0  # seconds for a harness that is told to end
# A busy machine takes long over what is no matter of time here.
PATIENT = dict.fromkeys(("import", "migrate", "worker", "beat", "check"), 120)
STANDS = "Ctrl-C here takes it down"

Stand = Callable[[str], tuple[Harness, Site]]


@pytest.fixture
def stand(tmp_path: Path, cache: Path) -> Iterator[Stand]:
    """Lay out a mini and let its cell stand."""
    before = faked_times_of_the_dead()
    started: list[Harness] = []

    def start(mini: str) -> tuple[Harness, Site]:
        site = lay_out(tmp_path, HERE / mini / "overlay", {"timeouts": PATIENT}, cache=cache)
        harness = Harness(site, CELL, "--rerun", "--keep", verb="explain")
        started.append(harness)
        return harness, site

    yield start
    for harness in started:
        harness.stop()
        assert_nothing_left(harness, before)


def entered(harness: Harness, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [enter(harness), *command], capture_output=True, text=True, check=False, timeout=120
    )


def enter(harness: Harness) -> str:
    [found] = set(re.findall(r"(\S+/enter) ", harness.output))
    return str(Path(found).resolve())


def broker(harness: Harness) -> str:
    [url] = set(re.findall(r"broker: (redis://\S+);", harness.output))
    return str(url)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_cell_that_works_stands_until_it_is_told_to_end(stand: Stand, how: signal.Signals) -> None:
    harness, site = stand("works")
    wait_for(lambda: STANDS in harness.output, "the cell to stand", harness, within=300)
    assert f"{CELL} stands after resolve, build, service, import, migrate, worker, beat" in harness.output
    asked = entered(harness, "celery", "-A", "izone", "inspect", "ping")
    assert "1 node online" in asked.stdout, asked
    # What is started so is taken down with it, also when it has gone into a session of its own.
    forgotten = subprocess.Popen([enter(harness), "sleep", "1000"], start_new_session=True)
    if how is signal.SIGINT:
        harness.press_ctrl_c()
    else:
        harness.signal(how)
    assert harness.exit_code(within=AT_ONCE) == 0
    assert forgotten.wait(AT_ONCE) == -signal.SIGKILL
    assert "taken down; its logs stay in" in harness.output
    assert Path(enter(harness)).with_name("worker.log").exists()
    assert not site.reports.exists()


def test_a_cell_whose_worker_fails_stands_without_it(stand: Stand) -> None:
    harness, _ = stand("worker-crashes")
    wait_for(lambda: STANDS in harness.output, "the cell to stand", harness, within=300)
    assert "worker: does not run" in harness.output
    with redis.Redis.from_url(broker(harness)) as client:
        assert client.ping()
    assert entered(harness, "python", "manage.py", "migrate", "--check").returncode == 0
    harness.press_ctrl_c()
    assert harness.exit_code(within=AT_ONCE) == 0
