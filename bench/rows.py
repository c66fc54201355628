"""`nox -s bench -- --field`: the plan `field` itself, warm, and what its rows cost at least."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from harness.matrix.again import cell_again
from harness.matrix.config import Matrix
from harness.model import Cell, CellResult, Stage
from harness.records.store import newest_results, read_runs

PLAN = "field"
TARGET = 1.7  # times the floor


@dataclass(frozen=True, kw_only=True)
class Ran:
    """So many cells of the plan, tried so often, in so many seconds; `booted` are those that came as far."""

    cells: int
    attempts: int
    seconds: float
    booted: tuple[Cell, ...]


def run_plan(cells: int, *, root: Path, state: Path, reports: Path, matrix: Matrix) -> Ran:
    """Run the first `cells` cells of the plan with nothing known, twice: what the first run builds is warm.

    Which rows are chosen depends on what others have taught, so the two differ in some; those of the second
    count.
    """
    command = [sys.executable, "-m", "harness", "matrix", "--plan", PLAN, "--cells", str(cells)]
    command += ["--state", str(state), "--reports"]
    # An exit code tells of cells that are not as expected.
    subprocess.run([*command, str(reports / "first")], check=False, cwd=root, stdout=subprocess.DEVNULL)
    began = time.monotonic()
    subprocess.run([*command, str(reports / "second")], check=False, cwd=root, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - began
    results = list(newest_results(read_runs(reports / "second" / "runs")).values())
    booted = tuple(cell_again(each, matrix) for each in results if came_to_boot(each))
    attempts = sum(len(each.attempts) for each in results)
    return Ran(cells=len(results), attempts=attempts, seconds=seconds, booted=booted)


def came_to_boot(result: CellResult) -> bool:
    """Whether there was an environment to boot from, or to try."""
    stages = {failure.stage for attempt in result.attempts for failure in attempt.failures}
    return bool(result.attempts) and not stages & {Stage.RESOLVE, Stage.BUILD}


def tell(ran: Ran, floor_seconds: float, console: Console) -> None:
    """Print both, and the ratio."""
    rate = 60 * ran.cells / ran.seconds
    tried = f"{ran.cells} cells of the plan {PLAN}, tried {ran.attempts} times"
    console.print(f"{tried}, in {ran.seconds:.0f} s, {rate:.1f} a minute")
    console.print(f"the floor of the same: {len(ran.booted)} booted in {floor_seconds:.0f} s")
    console.print(
        f"the plan takes {ran.seconds / floor_seconds:.2f} times as long as the floor (target {TARGET})"
    )
