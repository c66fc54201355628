"""A site: a tiny project with a matrix.toml of its own, and the harness run on it as people run it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psutil

from harness.proc.marker import VARIABLE
from harness.proc.sweep import marked
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until
from harness.records.codec import Record, UnreadableRecord, decode

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
CELL = "mini@startproject"

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where libfaketime keeps its segments
_PATIENCE = 30.0  # seconds for what has been killed to be gone


@dataclass(frozen=True, kw_only=True)
class Site:
    """A folder with all that a run reads and writes."""

    folder: Path
    state: Path
    reports: Path

    @property
    def matrix(self) -> Path:
        """Its matrix.toml."""
        return self.folder / "matrix.toml"

    def records(self) -> dict[str, list[Record]]:
        """The records by file; every line must be readable and whole."""
        files = sorted((self.reports / "runs").glob("*"))
        return {path.name: [_decoded(path, line) for line in _whole_lines(path)] for path in files}

    def report(self) -> dict[str, Any]:
        """The report as JSON."""
        text = (self.reports / "default.json").read_text(encoding="utf-8")
        return json.loads(text)  # type: ignore[no-any-return]


def lay_out(folder: Path, overlay: Path, changes: Mapping[str, Any], *, cache: Path | None = None) -> Site:
    """Make a site in `folder`: the sample project with `overlay` laid over it, and its matrix.toml.

    `cache` is where environments are, to be shared by several sites.
    """
    project = folder / "sample_project"
    ignored = shutil.ignore_patterns("__pycache__", "*.sqlite3", "*.log", "cache", "*.pid", "*.sock")
    shutil.copytree(REPOSITORY / "sample_project", project, ignore=ignored)
    if overlay.exists():
        shutil.copytree(overlay, project, ignore=ignored, dirs_exist_ok=True)
    base = tomllib.loads((HERE / "matrix.toml").read_text(encoding="utf-8"))
    base["axes"]["python"]["values"] = [PYTHON]
    base["stacks"]["mini"]["python"] = PYTHON
    matrix = _merged(base, changes)
    text = "".join(f"{key} = {_toml(value)}\n" for key, value in matrix.items())
    (folder / "matrix.toml").write_text(text, encoding="utf-8")
    site = Site(folder=folder, state=folder / "state", reports=folder / "reports")
    if cache is not None:
        site.state.mkdir()
        (site.state / "cache").symlink_to(cache)
    return site


class Harness:
    """A `python -m harness VERB` that has been started on a site, perhaps `within` another command."""

    def __init__(
        self,
        site: Site,
        *arguments: str,
        environ: Mapping[str, str] | None = None,
        verb: str = "matrix",
        within: Sequence[str] = (),
    ) -> None:
        number = len(list(site.folder.glob("output-*.log")))
        self._log = site.folder / f"output-{number}.log"
        places = ("--matrix", site.matrix, "--state", site.state, "--reports", site.reports)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*within, sys.executable, "-m", "harness", verb, *map(str, places), *arguments],
                cwd=REPOSITORY,
                env={**os.environ, **(environ or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid
        self._owner = f"{self.pid}.{int(psutil.Process(self.pid).create_time())}/"

    @property
    def output(self) -> str:
        """What it has printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        return self._process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        """What `kill` does: to this process alone."""
        self._process.send_signal(number)

    def press_ctrl_c(self) -> None:
        """What a terminal does: to its whole process group."""
        os.killpg(self.pid, signal.SIGINT)

    def exit_code(self, *, within: float) -> int:
        """Wait for its end.

        Raises:
            DeadlineExceeded: it still runs; it has been stopped now.
        """
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            self.stop()
            raise DeadlineExceeded(f"the harness to end\n{self.output}", within) from None

    def stop(self) -> None:
        """End it, with all it has started, if it still runs."""
        if not self.ended:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE)
            self._process.kill()
            self._process.wait()

    def processes(self) -> list[psutil.Process]:
        """The processes that carry its marker, or that carry none and are at home in its site's folder."""
        return [
            *marked(lambda marker: marker.startswith(self._owner)),
            *(process for process in psutil.process_iter() if self._houses_nameless(process)),
        ]

    def _houses_nameless(self, process: psutil.Process) -> bool:
        try:
            at_home = Path(process.cwd()).is_relative_to(self._log.parent)
            return at_home and VARIABLE not in process.environ()
        except (psutil.Error, OSError):
            return False


def faked_times_of_the_dead() -> set[str]:
    """Libfaketime's segments of processes that are no more."""
    return {path.name for path in _SHARED_MEMORY.glob("*faketime_s*") if not _lives(path)}


def left_behind(harness: Harness, segments_before: set[str]) -> tuple[str, ...]:
    """The processes that an ended harness has left, which are killed now, and the segments of such."""
    left = []
    for process in harness.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            left.append(" ".join(process.cmdline()))
            process.kill()
    new = faked_times_of_the_dead() - segments_before
    # Other harnesses of this machine have dead children, too, whose segments go when they are waited for.
    with contextlib.suppress(DeadlineExceeded):
        wait_until(
            lambda: not new & faked_times_of_the_dead(), deadline=Deadline(_PATIENCE), what="segments to go"
        )
    return (*left, *sorted(new & faked_times_of_the_dead()))


def assert_nothing_left(harness: Harness, segments_before: set[str]) -> None:
    """An ended harness has left neither a process nor a segment behind."""
    left = left_behind(harness, segments_before)
    assert not left, f"still there: {left}"


def wait_for(condition: Callable[[], object], what: str, harness: Harness, *, within: float = 180.0) -> None:
    """Wait for `condition` while `harness` runs."""

    def seen() -> bool:
        if condition():
            return True
        assert not harness.ended, f"the harness has ended, waiting for {what}\n{harness.output}"
        return False

    wait_until(seen, deadline=Deadline(within), what=what)


def _whole_lines(path: Path) -> Sequence[str]:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n"), f"the last line of {path.name} is torn"
    return text.splitlines()


def _decoded(path: Path, line: str) -> Record:
    try:
        return decode(line)
    except UnreadableRecord as error:
        raise AssertionError(f"a line of {path.name} cannot be read: {error}: {line[:200]}") from None


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(base[key], value) if isinstance(value, dict) and key in base else value
        for key, value in changes.items()
    }
    return {**base, **both}


def _toml(value: object) -> str:
    match value:
        case dict():
            return f"{{ {', '.join(f'{json.dumps(key)} = {_toml(item)}' for key, item in value.items())} }}"
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case date():
            return value.isoformat()
        case _:
            return json.dumps(value)


def _lives(segment: Path) -> bool:
    pid = segment.name.rpartition("_")[2]
    try:
        return not pid.isdigit() or psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
