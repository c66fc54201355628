"""A fleet, with machines that are killed, unplugged and told to stop, and a Redis that forgets everything.

Each machine is a network namespace with an address of its own. The project is `held`: the worker of a cell
fails, as is expected, but only once the cell's file is gone, so that a test knows where every cell is.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

import psutil
import pytest

from harness.fleet.address import LEASE_VARIABLE
from harness.model import CellResult, RunFooter, RunHeader
from harness.nodes.clock import find_clock_library
from harness.proc.marker import Marker
from harness.proc.wait import Deadline, wait_until
from harness.services.programs import find_redis
from tests.mini.network import HUB_ADDRESS, Network, NoNetwork, network
from tests.mini.sites import (
    HERE,
    PYTHON,
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

LEASE = 6.0  # seconds
LONGEST = 300.0  # for what takes seconds on a machine with nothing else to do
PORT = 6399
CELLS = tuple(f"mini@p{number}" for number in range(6))
MACHINES = 3


@dataclass(kw_only=True)
class Lab:
    """A site with six held cells, a Redis that keeps nothing on a disk, and machines to serve it."""

    site: Site
    net: Network
    server: Path
    lease: float = LEASE
    started: list[Harness] = field(default_factory=list)
    redis: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://{HUB_ADDRESS}:{PORT}/0"

    @property
    def environ(self) -> dict[str, str]:
        return {LEASE_VARIABLE: f"{self.lease:g}"}

    def start_redis(self) -> None:
        options = ("--bind", HUB_ADDRESS, "--port", str(PORT), "--save", "", "--protected-mode", "no")
        # Not in the site's folder: whoever is at home there is taken for something left behind.
        home = self.site.folder.parent
        with (home / "redis.log").open("ab") as log:
            self.redis = subprocess.Popen(
                [*self.net.within(self.net.hub), str(self.server), *options],
                stdout=log,
                stderr=log,
                cwd=home,
            )
        self.wait(lambda: self.ask("PING") == ["PONG"], "Redis")

    def kill_redis(self) -> None:
        assert self.redis is not None
        self.redis.kill()
        self.redis.wait()

    def ask(self, *command: str) -> list[str]:
        """The strings that Redis answers; none if it does not."""
        try:
            with self.net.connect(PORT) as asked, asked.makefile() as said:
                asked.sendall((" ".join(command) + "\r\n").encode())
                return _strings(said)
        except OSError:
            return []

    def machine(self, number: int, *arguments: str) -> Harness:
        """Have a machine serve, one cell at a time; who wants cells waits only so long for one."""
        worker = self.start_machine(number, *arguments)
        self.wait(lambda: any(name.endswith(f"-{worker.pid}") for name in self.names()), "the machine")
        return worker

    def start_machine(self, number: int, *arguments: str) -> Harness:
        """The same, while it may still be starting."""
        state = self.site.folder / f"machine-{number}-{len(self.started)}"
        state.mkdir()
        (state / "cache").symlink_to((self.site.state / "cache").resolve())
        worker = Harness(
            replace(self.site, state=state),
            self.url,
            *("--jobs", "1", *arguments),
            verb="fleet-worker",
            environ=self.environ,
            within=self.net.within(self.net.machines[number]),
        )
        self.started.append(worker)
        return worker

    def machines(self) -> list[Harness]:
        workers = [self.start_machine(number) for number in range(MACHINES)]
        self.wait(lambda: len(self.names()) == MACHINES, "all machines")
        return workers

    def matrix(self, *arguments: str) -> Harness:
        run = Harness(
            self.site,
            *("--clock", "fake", "--fleet", self.url, *arguments),
            environ=self.environ,
            within=self.net.within(self.net.hub),
        )
        self.started.append(run)
        return run

    def names(self) -> list[str]:
        return self.ask("KEYS", "fleet/machine/*")

    def hands(self) -> dict[str, int]:
        """The process that has each cell in hand: a machine's name ends with it."""
        found = {}
        for key in self.ask("KEYS", "fleet/hand/*"):
            for owner in self.ask("GET", key):
                found[key.rpartition("/")[2]] = int(owner.partition(" ")[0].rpartition("-")[2])
        return found

    def hold(self, cell: str) -> Path:
        return self.site.folder.parent / f"hold-{cell.rpartition('@')[2]}"

    def release(self, *cells: str) -> None:
        for cell in cells or CELLS:
            self.hold(cell).unlink(missing_ok=True)

    def reached(self, cell: str) -> bool:
        return Path(f"{self.hold(cell)}.reached").exists()

    def all_busy(self) -> bool:
        """Whether each machine has a cell in hand whose worker is held."""
        hands = self.hands()
        return len(set(hands.values())) == MACHINES and all(map(self.reached, hands))

    def results(self) -> list[list[str]]:
        return [
            sorted(record.cell for record in records if isinstance(record, CellResult))
            for records in self.site.records().values()
        ]

    def wait(self, condition: Callable[[], object], what: str, *, within: float = LONGEST) -> None:
        wait_until(lambda: bool(condition()), deadline=Deadline(within), what=what)

    def close(self) -> None:
        for harness in self.started:
            harness.stop()
        if self.redis is not None:
            self.kill_redis()


def _strings(said: TextIO) -> list[str]:
    """Those of one answer in Redis's protocol."""
    line = said.readline().rstrip("\r\n")
    match line[:1]:
        case "*":
            return [text for _ in range(int(line[1:])) for text in _strings(said)]
        case "$":
            return [said.readline().rstrip("\r\n")] if line != "$-1" else []
        case _:
            return [line[1:]]


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    with contextlib.ExitStack() as stack:
        try:
            made = stack.enter_context(network(MACHINES))
        except NoNetwork as error:
            pytest.skip(f"no network namespaces can be made: {error}")
        yield made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    log = tmp_path_factory.mktemp("server") / "log"
    program = find_redis(os.environ, log=log, marker=Marker.of_this_harness("tests"))
    assert program is not None
    return program.path


@pytest.fixture(scope="module")
def warm(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache with the environment in it: the machines reach no package index."""
    folder = tmp_path_factory.mktemp("warm")
    changes = {"timeouts": TIMEOUTS, "expectations": [EXPECTED]}
    site = lay_out(folder / "site", HERE / "held" / "overlay", changes, cache=cache)
    harness = Harness(site, "--clock", "fake")
    assert harness.exit_code(within=300) == 0, harness.output
    return cache


# Nothing here is slow on purpose.
TIMEOUTS = {"import": 120, "migrate": 120, "worker": LONGEST, "cell": 2 * LONGEST}
EXPECTED: Mapping[str, object] = {
    "cells": ["*"],
    "signature": "worker:raised:RuntimeError",
    "reason": "the project is made so",
    "link": "https://example.org/known",
    "expires": "2999-12-31",
}


@pytest.fixture
def lab(tmp_path: Path, warm: Path, net: Network, server: Path) -> Iterator[Lab]:
    names = [cell.rpartition("@")[2] for cell in CELLS]
    changes = {
        "profiles": {
            name: {"reason": "it is held", "settings": {"HOLD": str(tmp_path / f"hold-{name}")}}
            for name in names
        },
        "plans": {"default": {"profiles": names}},
        "timeouts": TIMEOUTS,
        "expectations": [EXPECTED],
    }
    for name in names:
        (tmp_path / f"hold-{name}").touch()
    lab = Lab(
        site=lay_out(tmp_path / "site", HERE / "held" / "overlay", changes, cache=warm),
        net=net,
        server=server,
    )
    lab.start_redis()
    yield lab
    lab.close()


def assert_each_once(lab: Lab) -> None:
    """Every cell has one result in one whole run."""
    [records] = lab.site.records().values()
    kinds = [type(record) for record in records]
    assert (kinds[0], kinds[-1]) == (RunHeader, RunFooter)
    assert lab.results() == [list(CELLS)]


def test_a_machine_is_killed(lab: Lab) -> None:
    segments = faked_times_of_the_dead()
    workers = lab.machines()
    run = lab.matrix()
    wait_for(lab.all_busy, "each machine to have a cell", run)
    victim = workers[0]
    [cell] = [cell for cell, pid in lab.hands().items() if pid == victim.pid]
    victim.signal(signal.SIGKILL)
    assert victim.exit_code(within=LONGEST) == -signal.SIGKILL
    # What the others have in hand is done, so that they are free for what the dead one had.
    lab.release(*(other for other in CELLS if other != cell))
    wait_for(lambda: lab.hands().get(cell, victim.pid) != victim.pid, "another one to have the cell", run)
    lab.release()
    assert run.exit_code(within=LONGEST) == 0, run.output
    assert_each_once(lab)
    for harness in (run, victim):
        assert_nothing_left(harness, segments)


def test_a_machine_is_unplugged_for_longer_than_a_lease(lab: Lab) -> None:
    segments = faked_times_of_the_dead()
    workers = lab.machines()
    run = lab.matrix()
    wait_for(lab.all_busy, "each machine to have a cell", run)
    cell, pid = next(iter(lab.hands().items()))
    [number] = [index for index, worker in enumerate(workers) if worker.pid == pid]
    lab.net.cut_off(lab.net.machines[number])
    lab.release(*(other for other in CELLS if other != cell))
    wait_for(lambda: lab.hands().get(cell, pid) != pid, "another one to have the cell", run)
    # Now two machines have it in hand. Both come to its end; one of them can say so.
    lab.release()
    assert run.exit_code(within=LONGEST) == 0, run.output
    assert_each_once(lab)
    lab.net.plug_in(lab.net.machines[number])
    lab.wait(lambda: len(lab.names()) == MACHINES, "the unplugged one to be back")

    again = lab.matrix("--no-resume")
    assert again.exit_code(within=LONGEST) == 0, again.output
    assert lab.results() == 2 * [list(CELLS)]
    for worker in workers:
        worker.press_ctrl_c()
        assert worker.exit_code(within=LONGEST) == 130, worker.output
    for harness in (run, again, *workers):
        assert_nothing_left(harness, segments)


def test_what_another_machine_has_taken_over_is_broken_off(lab: Lab) -> None:
    workers = lab.machines()
    run = lab.matrix()
    wait_for(lab.all_busy, "each machine to have a cell", run)
    cell, pid = next(iter(lab.hands().items()))
    [number] = [index for index, worker in enumerate(workers) if worker.pid == pid]
    lab.net.cut_off(lab.net.machines[number])
    lab.release(*(other for other in CELLS if other != cell))
    wait_for(lambda: lab.hands().get(cell, pid) != pid, "another one to have the cell", run)
    assert _of_cell(workers[number], cell)
    lab.net.plug_in(lab.net.machines[number])
    wait_for(lambda: not _of_cell(workers[number], cell), "the first one to break it off", run)
    assert lab.hands()[cell] != pid
    lab.release()
    assert run.exit_code(within=LONGEST) == 0, run.output
    assert_each_once(lab)


def _of_cell(worker: Harness, cell: str) -> list[psutil.Process]:
    return [
        process
        for process in worker.processes()
        if f"/{cell}/" in _marker_of(process) and process.status() != psutil.STATUS_ZOMBIE
    ]


def _marker_of(process: psutil.Process) -> str:
    try:
        return process.environ().get("HARNESS_MARKER", "")
    except psutil.Error:
        return ""


def test_redis_forgets_everything(lab: Lab) -> None:
    segments = faked_times_of_the_dead()
    workers = lab.machines()
    run = lab.matrix()
    wait_for(lab.all_busy, "each machine to have a cell", run)
    lab.kill_redis()
    wait_for(lambda: "does not answer" in run.output, "its absence to be told", run)
    lab.start_redis()
    # Three cells were in hand, and go on; three waited, and have to be sent again.
    wait_for(lambda: "sent again" in run.output, "what is lost to be sent again", run)
    lab.release()
    assert run.exit_code(within=LONGEST) == 0, run.output
    assert "answers again" in run.output
    assert_each_once(lab)
    for worker in workers:
        worker.signal(signal.SIGTERM)
        assert worker.exit_code(within=LONGEST) == 143, worker.output
    for harness in (run, *workers):
        assert_nothing_left(harness, segments)


def test_who_wants_cells_is_stopped(lab: Lab) -> None:
    segments = faked_times_of_the_dead()
    worker = lab.machine(0)
    run = lab.matrix()
    wait_for(lambda: any(map(lab.reached, CELLS)), "a cell to be held", run)
    [cell] = lab.hands()
    run.press_ctrl_c()
    assert run.exit_code(within=LONGEST) == 130, run.output
    assert "Traceback" not in run.output
    assert not _of_cell(worker, cell)
    assert lab.ask("KEYS", "fleet/*/fake/*") == [], "something waits in a queue"
    assert_nothing_left(run, segments)

    lab.release()
    again = lab.matrix()
    assert again.exit_code(within=LONGEST) == 0, again.output
    assert lab.results() == [list(CELLS)]


def test_a_machine_that_is_stopped_gives_back_what_it_has(lab: Lab) -> None:
    lab.lease = 10 * LONGEST  # nobody waits for it
    segments = faked_times_of_the_dead()
    first = lab.machine(0)
    run = lab.matrix()
    wait_for(lambda: any(map(lab.reached, CELLS)), "a cell to be held", run)
    [cell] = lab.hands()
    first.press_ctrl_c()
    assert first.exit_code(within=LONGEST) == 130, first.output
    assert_nothing_left(first, segments)
    second = lab.machine(1)
    # It goes to the end of the queue, behind the others.
    lab.release(*(other for other in CELLS if other != cell))
    wait_for(lambda: lab.hands().get(cell) == second.pid, "the second one to have it", run)
    lab.release()
    assert run.exit_code(within=LONGEST) == 0, run.output
    assert_each_once(lab)


def test_a_cell_that_no_machine_can_run_is_told_of_and_skipped(lab: Lab) -> None:
    text = lab.site.matrix.read_text(encoding="utf-8")
    of_old = text.replace(f'["{PYTHON}"]', '["3.4"]').replace(f'"python" = "{PYTHON}"', '"python" = "3.4"')
    assert of_old.count('"3.4"') == 2
    lab.site.matrix.write_text(of_old, encoding="utf-8")
    lab.machine(0)
    run = lab.matrix("--select", "mini@p0")
    assert run.exit_code(within=LONGEST) == 0, run.output
    assert "no machine of the fleet has Python 3.4, sqlite, fake clock, for a cell; waiting 6 s" in run.output
    [row] = [row for row in lab.site.report()["rows"] if row["cell"] == "mini@p0"]
    assert (row["status"], row["verdict"]) == ("skipped", "untested")


def test_a_fleet_without_machines_is_told_of(lab: Lab) -> None:
    run = lab.matrix()
    assert run.exit_code(within=LONGEST) == 3, run.output
    assert "no machine serves the fleet yet; waiting 6 s for one" in run.output
    assert "hint: start one: nox -s fleet-worker -- URL" in run.output


def test_another_version_is_refused(lab: Lab) -> None:
    lab.ask("SET", "fleet/run/somebodys", "0123456789ab-6")
    worker = lab.start_machine(0)
    assert worker.exit_code(within=LONGEST) == 3, worker.output
    assert "another version of the harness: 0123456789ab-6" in worker.output
