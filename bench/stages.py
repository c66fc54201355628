"""`nox -s bench -- --stages`: what each stage of checks costs a cell, alone or with others."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import psutil
from rich.console import Console
from rich.table import Table

from harness.model import CellResult, Stage, Status
from harness.records.store import read_run
from harness.records.verdict import judging_attempts


@dataclass(frozen=True, kw_only=True)
class Sort:
    """Cells of a plan that ask for a stage, and how many at a time; `target` in seconds of the stage."""

    stage: Stage
    plan: str
    cells: tuple[str, ...]
    jobs: int
    target: float | None = None


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a sort's cells took: seconds of the stage and of the whole cell, one each; CPU seconds in sum.

    `skipped` is why it could not be played here, "" where it could.
    """

    sort: Sort
    stage_seconds: tuple[float, ...]
    cell_seconds: tuple[float, ...]
    cpu_seconds: float
    skipped: str = ""


_TODAY = "beat-today@"
_FOUR = ("beat-2.8@", "beat-2.9@", _TODAY, "beat-2.5@")
_AWARE, _NEW = "shanghai-tz-utc-aware", "startproject"


def _of(cells: Sequence[str], profile: str) -> tuple[str, ...]:
    return tuple(each + profile for each in cells)


SORTS = (
    Sort(stage=Stage.TASK, plan="gate", cells=_of([_TODAY], _NEW), jobs=1),
    Sort(stage=Stage.SCHEDULE, plan="gate", cells=_of([_TODAY], _NEW), jobs=1),
    Sort(stage=Stage.TIME, plan="timezone", cells=_of([_TODAY], _AWARE), jobs=1),
    Sort(stage=Stage.ADMIN, plan="admin", cells=_of([_TODAY], _AWARE), jobs=1, target=3.0),
    Sort(stage=Stage.BROWSER, plan="browser", cells=_of(["beat-2.9@"], _AWARE), jobs=1),
    Sort(stage=Stage.SUPERVISED, plan="supervised", cells=_of([_TODAY], _NEW), jobs=1),
    Sort(stage=Stage.RESILIENCE, plan="resilience", cells=_of([_TODAY], _NEW), jobs=1, target=90.0),
    Sort(stage=Stage.RESILIENCE, plan="resilience", cells=_of(_FOUR, _NEW), jobs=4, target=90.0),
)


def measure(folder: Path, *, root: Path, state: Path) -> Iterator[Cost]:
    """Each sort twice: what is told is the second time, when environments and databases are there."""
    for number, sort in enumerate(SORTS):
        _run(sort, folder / f"cold-{number}", root=root, state=state)
        before = _machine_cpu()
        results = _run(sort, folder / f"warm-{number}", root=root, state=state)
        yield _cost(sort, results, _machine_cpu() - before)


def tell(costs: Sequence[Cost], console: Console) -> None:
    """Print a line for each sort, and whether it meets its target."""
    table = Table(box=None)
    for heading in (
        "stage",
        "cells",
        "at a time",
        "seconds of the stage",
        "of the cell",
        "CPU seconds",
        "target",
    ):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    for each in costs:
        if each.skipped:
            table.add_row(str(each.sort.stage), "", "", each.skipped)
            continue
        table.add_row(
            str(each.sort.stage),
            str(len(each.stage_seconds)),
            str(each.sort.jobs),
            _range(each.stage_seconds),
            _range(each.cell_seconds),
            f"{each.cpu_seconds / len(each.stage_seconds):.1f}",
            _held(each),
        )
    console.print(table)


def _run(sort: Sort, reports: Path, *, root: Path, state: Path) -> tuple[CellResult, ...]:
    command = [sys.executable, "-m", "harness", "matrix", "--plan", sort.plan, "--no-resume"]
    command += ["--state", str(state), "--reports", str(reports), "--jobs", str(sort.jobs)]
    command += [part for cell in sort.cells for part in ("--select", cell)]
    subprocess.run(command, check=False, cwd=root, stdout=subprocess.DEVNULL)
    [records] = (reports / "runs").glob("*.jsonl")
    run = read_run(records)
    assert run is not None
    return run.results


def _cost(sort: Sort, results: Sequence[CellResult], cpu_seconds: float) -> Cost:
    attempts = [judging_attempts(each)[-1] for each in results]
    stages = [each for attempt in attempts for each in attempt.stages if each.stage is sort.stage]
    asked = [each for attempt in attempts for each in attempt.checks if each.stage is sort.stage]
    played = any(each.status is not Status.SKIPPED for each in asked)
    return Cost(
        sort=sort,
        stage_seconds=tuple(each.seconds for each in stages),
        cell_seconds=tuple(each.seconds for each in attempts),
        cpu_seconds=cpu_seconds,
        skipped="" if played else "not played on this machine",
    )


def _held(cost: Cost) -> str:
    """The target, and whether the longest meets it."""
    target = cost.sort.target
    if target is None:
        return ""
    return f"{target:g} s: {'met' if max(cost.stage_seconds) <= target else 'missed'}"


def _range(seconds: Sequence[float]) -> str:
    """The mean, and the longest of several."""
    longest = f" (to {max(seconds):.1f})" if len(seconds) > 1 else ""
    return f"{fmean(seconds):.1f}{longest}"


def _machine_cpu() -> float:
    """CPU seconds that all processes of the machine have used."""
    times = psutil.cpu_times()
    return float(times.user + times.system)
