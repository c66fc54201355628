"""What a fleet adds to a cell: the same cells by the local scheduler and by a fleet of one machine, in turns.

Both have as many slots and the same warm environments. A turn is the whole command; what it takes beside its
cells, reading records and writing reports, is the same in both.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from harness.fleet.address import parse_address
from harness.fleet.board import Board
from harness.proc.marker import Marker
from harness.proc.wait import Deadline, wait_until
from harness.records.store import Run, read_runs
from harness.services.programs import RedisProgram
from harness.services.redis import RedisServer


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One run: seconds of it all, and what its slots did for each cell beside running it."""

    seconds: float
    cells: int
    of_a_cell: float
    beside: float


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Turns of the local scheduler, and of the fleet."""

    local: list[Turn]
    fleet: list[Turn]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a fleet of one machine is: slots, Redis, caches, logs, and the mark of its processes."""

    slots: int
    redis: RedisProgram
    state: Path
    folder: Path
    marker: Marker


def compare(command: Sequence[str], place: Place, *, rounds: int) -> Compared:
    """Take turns; `command` runs the matrix."""
    compared = Compared(local=[], fleet=[])
    slots, folder = place.slots, place.folder
    with _machine(place) as url:
        for number in range(rounds):
            for turns, where in ((compared.local, ()), (compared.fleet, ("--fleet", url))):
                reports = folder / f"turn-{number}-{'fleet' if where else 'local'}"
                options = ("--reports", str(reports), "--no-resume", "--jobs", str(slots), *where)
                began = time.monotonic()
                subprocess.run([*command, *options], check=False, stdout=subprocess.DEVNULL)
                seconds = time.monotonic() - began
                [run] = read_runs(reports / "runs", outline=True)
                turns.append(_turn(run, seconds, slots))
    return compared


@contextlib.contextmanager
def _machine(place: Place) -> Iterator[str]:
    """A fleet of one machine; gives its URL."""
    server = RedisServer(place.redis, log=place.folder / "fleet-redis.log", marker=place.marker, timeout=60)
    child = server.start()
    board = Board(server.url, lease=parse_address(server.url, {}).lease)
    argv = [sys.executable, "-m", "harness", "fleet-worker", server.url]
    argv += ["--jobs", str(place.slots), "--state", str(place.state)]
    worker = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    try:
        wait_until(board.offers, deadline=Deadline(120), what="the machine to serve")
        yield server.url
    finally:
        worker.terminate()
        worker.wait()
        board.close()
        child.kill()


def _turn(run: Run, seconds: float, slots: int) -> Turn:
    """Of a run with more cells than slots."""
    took = [result.seconds for result in run.results]
    assert run.footer is not None, "the run was interrupted"
    # Slots that have nothing left to do are in it, too: of the local scheduler as of the fleet.
    beside = (run.footer.seconds * slots - sum(took)) / len(took)
    return Turn(seconds=seconds, cells=len(took), of_a_cell=sum(took) / len(took), beside=beside)


def tell(compared: Compared, console: Console) -> None:
    """Print the medians, and the overhead."""
    table = Table(box=None)
    for heading in ("way", "seconds of each turn", "seconds of a cell", "beside it"):
        table.add_column(heading, justify="left" if heading == "way" else "right")
    for name, turns in (("local", compared.local), ("fleet", compared.fleet)):
        table.add_row(
            name,
            ", ".join(f"{turn.seconds:.1f}" for turn in turns),
            f"{median(turn.of_a_cell for turn in turns):.2f}",
            f"{median(turn.beside for turn in turns):.2f}",
        )
    console.print(table)
    local, fleet = (median(turn.seconds for turn in turns) for turns in (compared.local, compared.fleet))
    console.print(f"the fleet takes {100 * (fleet / local - 1):+.1f} % of what the local scheduler takes")
