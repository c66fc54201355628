"""What becomes of a run when the machine, its owner or another harness interferes.

The project is `held`: its worker fails, as is expected, but in the profile `held` only once a file is
gone. Until then the harness is in the middle of a cell.
"""

import contextlib
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from harness.commands.undertaking import KEPT_RUNS
from harness.model import CellResult, RunFooter, RunHeader
from harness.nodes.clock import find_clock_library
from tests.mini.sites import (
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
    pytest.mark.skipif(
        find_clock_library() is None, reason="without a clock that jumps a cell takes minutes"
    ),
]

QUICK, HELD = "mini@startproject", "mini@held"
LONGEST = 120.0  # seconds for a run whose cells fail early
AT_ONCE = 30.0  # seconds for a harness that is told to end


@dataclass(frozen=True, kw_only=True)
class Held:
    """A site with a quick cell and one that is held, and the starter of its harnesses."""

    site: Site
    file: Path
    start: Callable[..., Harness]

    @property
    def reached(self) -> Path:
        """There as soon as a worker is held."""
        return self.file.with_name(f"{self.file.name}.reached")

    def results(self) -> list[list[str]]:
        """The cells that have results, by run; nothing but readable lines is in the files."""
        return [
            [record.cell for record in records if isinstance(record, CellResult)]
            for records in self.site.records().values()
        ]

    def has_come_to_the_held_cell(self) -> bool:
        """Whether the quick cell is done and the other one in the middle."""
        return self.reached.exists() and self.results() == [[QUICK]]


@pytest.fixture
def held(tmp_path: Path, cache: Path) -> Iterator[Held]:
    """The project laid out, with the environments of all minis."""
    yield from _held(tmp_path, cache)


@pytest.fixture
def held_anew(tmp_path: Path) -> Iterator[Held]:
    """The project laid out, with nothing installed yet."""
    yield from _held(tmp_path, None)


@pytest.fixture
def held_impatient(tmp_path: Path) -> Iterator[Held]:
    """The same, with little time to resolve."""
    yield from _held(tmp_path, None, resolve=3)


def _held(folder: Path, cache: Path | None, **timeouts: float) -> Iterator[Held]:
    file = folder / "hold"
    file.touch()
    changes = {
        "timeouts": {"worker": 60, **timeouts},
        "profiles": {"held": {"reason": "its worker is held", "settings": {"HOLD": str(file)}}},
        "expectations": [
            {
                "cells": ["*"],
                "signature": "worker:raised:RuntimeError",
                "reason": "the project is made so",
                "link": "https://example.org/known",
                "expires": "2999-12-31",
            }
        ],
    }
    site = lay_out(folder / "site", HERE / "held" / "overlay", changes, cache=cache)
    started: list[Harness] = []

    def start(*arguments: str, on: Site = site, environ: dict[str, str] | None = None) -> Harness:
        harness = Harness(on, "--clock", "fake", *arguments, environ=environ)
        started.append(harness)
        return harness

    yield Held(site=site, file=file, start=start)
    for harness in started:
        harness.stop()


@pytest.mark.parametrize(
    ("stop", "code"),
    [
        pytest.param(
            lambda harness: (harness.press_ctrl_c(), harness.press_ctrl_c()), 130, id="ctrl-c-twice"
        ),
        pytest.param(lambda harness: harness.signal(signal.SIGTERM), 143, id="term"),
    ],
)
def test_told_to_stop(held: Held, stop: Callable[[Harness], object], code: int) -> None:
    segments = faked_times_of_the_dead()
    first = held.start()
    wait_for(held.has_come_to_the_held_cell, "the quick cell's end", first)
    stop(first)
    assert first.exit_code(within=AT_ONCE) == code
    assert_nothing_left(first, segments)
    assert "Traceback" not in first.output
    assert held.results() == [[QUICK]]

    assert_goes_on(held, segments)


def test_killed(held: Held) -> None:
    segments = faked_times_of_the_dead()
    first = held.start()
    wait_for(held.has_come_to_the_held_cell, "the quick cell's end", first)
    first.signal(signal.SIGKILL)
    assert first.exit_code(within=AT_ONCE) == -signal.SIGKILL
    assert held.results() == [[QUICK]]

    assert_goes_on(held, segments)
    assert_nothing_left(first, segments)


def test_killed_while_it_builds(held_anew: Held) -> None:
    held = held_anew
    segments = faked_times_of_the_dead()
    environments = held.site.state / "cache" / "environments"
    first = held.start()
    wait_for(lambda: list(environments.glob("*/pyvenv.cfg")), "an environment to be begun", first)
    first.signal(signal.SIGKILL)
    first.exit_code(within=AT_ONCE)

    held.file.unlink()
    second = held.start()
    assert second.exit_code(within=LONGEST) == 0, second.output
    assert_nothing_left(first, segments)
    assert_nothing_left(second, segments)
    assert_all_done(held)


def test_two_at_once(held: Held) -> None:
    segments = faked_times_of_the_dead()
    first = held.start()
    wait_for(held.has_come_to_the_held_cell, "the quick cell's end", first)
    second = held.start()
    wait_for(lambda: "of the plan" in second.output, "its first line", second)
    held.file.unlink()
    for harness in (first, second):
        assert harness.exit_code(within=LONGEST) == 0, harness.output
        assert_nothing_left(harness, segments)
    assert [sorted(cells) for cells in held.results()] == 2 * [[HELD, QUICK]]
    assert_whole(held)


def test_two_at_once_on_different_cells(held: Held) -> None:
    segments = faked_times_of_the_dead()
    first = held.start("--select", HELD)
    wait_for(held.reached.exists, "a worker to be held", first)
    second = held.start("--select", QUICK)
    assert second.exit_code(within=LONGEST) == 0, second.output
    assert_nothing_left(second, segments)
    assert not first.ended
    held.file.unlink()
    assert first.exit_code(within=LONGEST) == 0, first.output
    assert_nothing_left(first, segments)
    assert held.results() == [[HELD], [QUICK]]
    assert_whole(held)


def test_many_others_meanwhile(held: Held) -> None:
    first = held.start("--select", HELD)
    wait_for(held.reached.exists, "a worker to be held", first)
    [folder] = (held.site.state / "runs").iterdir()
    for number in range(KEPT_RUNS):
        (folder.parent / f"2999{number:04}").mkdir()
    second = held.start("--select", QUICK)
    assert second.exit_code(within=LONGEST) == 0, second.output
    assert folder.exists(), "a run that goes on was taken for an old one"


@dataclass(frozen=True)
class Disk:
    """A file system of some megabytes."""

    folder: Path

    def mount(self, options: str) -> str:
        """Mount it, or with `remount` change it; returns why not."""
        program = shutil.which("mount") or "/bin/mount"
        argv = [program, "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)]
        return subprocess.run(argv, capture_output=True, text=True, check=False).stderr.strip()

    def make_space(self) -> None:
        """Make it large enough for everything."""
        assert not self.mount("remount,size=500m")

    def fill(self) -> Path:
        """A file that takes all that is left."""
        filler = self.folder / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(2**16))
        return filler

    def take(self, held: Held, *, reports: bool = False) -> Held:
        """The same site with its state, and perhaps its reports, here."""
        site = replace(held.site, state=self.folder / "state")
        if reports:
            site = replace(site, reports=self.folder / "reports")
        if held.site.state.exists():
            shutil.move(held.site.state, site.state)
        return replace(held, site=site, start=partial(held.start, on=site))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk too small for an environment."""
    disk = Disk(tmp_path / "disk")
    disk.folder.mkdir()
    why_not = disk.mount("size=6m")
    if why_not:
        pytest.skip(f"no file system can be mounted: {why_not}")
    yield disk
    subprocess.run([shutil.which("umount") or "/bin/umount", "--lazy", disk.folder], check=True)


def test_no_space_for_an_environment(held_anew: Held, disk: Disk) -> None:
    held = disk.take(held_anew)
    segments = faked_times_of_the_dead()
    first = held.start("--select", QUICK)
    assert first.exit_code(within=LONGEST) == 3, first.output
    assert_nothing_left(first, segments)
    [row] = [row for row in held.site.report()["rows"] if row["cell"] == QUICK]
    assert (row["status"], row["verdict"]) == ("errored", "untested")
    assert row["note"].startswith("build:no-space")

    disk.make_space()
    second = held.start("--select", QUICK)
    assert second.exit_code(within=LONGEST) == 0, second.output
    assert_nothing_left(second, segments)
    assert held.results() == [[QUICK], [QUICK]]


def test_no_space_and_stopped(held_anew: Held, disk: Disk) -> None:
    held = disk.take(held_anew)
    first = held.start("--jobs", "1")
    wait_for(lambda: held.results() == [[QUICK]], "the first cell's end", first)
    first.signal(signal.SIGTERM)
    assert first.exit_code(within=AT_ONCE) == 143

    disk.make_space()
    held.file.unlink()
    second = held.start("--jobs", "1")
    assert second.exit_code(within=LONGEST) == 0, second.output
    # What the full disk kept from being determined is run again.
    [run] = held.results()
    assert sorted(run) == sorted([QUICK, QUICK, HELD])


def test_no_space_for_a_record(held: Held, disk: Disk) -> None:
    held = disk.take(held, reports=True)
    segments = faked_times_of_the_dead()
    first = held.start()
    wait_for(held.has_come_to_the_held_cell, "the quick cell's end", first)
    filler = disk.fill()
    held.file.unlink()
    assert first.exit_code(within=LONGEST) == 3, first.output
    assert_nothing_left(first, segments)
    assert "No space left on device" in first.output
    assert "Traceback" not in first.output
    assert held.results() == [[QUICK]]

    filler.unlink()
    assert_goes_on(held, segments)


def test_no_space_for_a_log(held: Held, disk: Disk) -> None:
    held = disk.take(held)
    segments = faked_times_of_the_dead()
    first = held.start("--select", HELD)
    wait_for(held.reached.exists, "a worker to be held", first)
    filler = disk.fill()
    held.file.unlink()
    assert first.exit_code(within=LONGEST) == 3, first.output
    assert_nothing_left(first, segments)
    [row] = [row for row in held.site.report()["rows"] if row["cell"] == HELD]
    assert row["status"] == "errored"
    assert ":no-space" in row["note"]

    filler.unlink()
    second = held.start("--select", HELD)
    assert second.exit_code(within=LONGEST) == 0, second.output


@pytest.mark.parametrize(
    "nowhere",
    [
        pytest.param({"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple"}, id="refused"),
        pytest.param(
            {"UV_OFFLINE": "1"},
            id="offline",
        ),
        pytest.param(
            {"UV_DEFAULT_INDEX": HERE.as_uri()},
            id="empty",
        ),
    ],
)
def test_no_package_index(held_anew: Held, tmp_path: Path, nowhere: dict[str, str]) -> None:
    held = held_anew
    segments = faked_times_of_the_dead()
    first = held.start("--select", QUICK, environ={**nowhere, "UV_CACHE_DIR": str(tmp_path / "empty")})
    assert first.exit_code(within=LONGEST) == 3, first.output
    assert_nothing_left(first, segments)
    [row] = [row for row in held.site.report()["rows"] if row["cell"] == QUICK]
    assert (row["status"], row["verdict"]) == ("errored", "untested")
    assert row["note"].startswith(("resolve:index-unreachable", "resolve:no-such-package"))

    second = held.start("--select", QUICK)
    assert second.exit_code(within=LONGEST) == 0, second.output
    assert_nothing_left(second, segments)
    assert held.results() == [[QUICK], [QUICK]]


def test_silent_package_index(held_impatient: Held, tmp_path: Path) -> None:
    held = held_impatient
    segments = faked_times_of_the_dead()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nowhere = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        environ = {"UV_DEFAULT_INDEX": nowhere, "UV_CACHE_DIR": str(tmp_path / "empty")}
        harness = held.start("--select", QUICK, environ=environ)
        assert harness.exit_code(within=LONGEST) == 3, harness.output
    assert_nothing_left(harness, segments)


def assert_goes_on(held: Held, segments: set[str]) -> None:
    """The same command ends what was begun, and does not do again what was done."""
    held.file.unlink(missing_ok=True)
    again = held.start()
    assert again.exit_code(within=LONGEST) == 0, again.output
    assert_nothing_left(again, segments)
    assert "1 already done" in again.output
    assert held.results() == [[QUICK, HELD]]
    assert_whole(held)


def assert_all_done(held: Held) -> None:
    """Each cell has one result, in whichever run."""
    assert sorted(cell for cells in held.results() for cell in cells) == [HELD, QUICK]


def assert_whole(held: Held) -> None:
    """Every run has one beginning and one end."""
    for records in held.site.records().values():
        kinds = [type(record) for record in records]
        assert (kinds[0], kinds[-1]) == (RunHeader, RunFooter)
        assert set(kinds[1:-1]) == {CellResult}
