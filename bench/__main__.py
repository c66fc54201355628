"""`nox -s bench`: cells per minute and CPU seconds per cell, of three ways to run the same checks.

(a) plain: a noxfile as a user would write it, a session per stack, `nox -j 2`, the real clock;
(b) matrix: `nox -s matrix` with its environments warm;
(c) floor: worker, beat and agent of each cell booted once and nothing else, as many at a time.

With --time-plan, the plan `timezone` instead: a cell of it alone, span by span, against its boot, and whose
CPU seconds they are; then a sample of its cells with the machine full, in cells a minute.

With --stages, what each stage of checks costs a cell that has its environment, and whether the admin and
resilience are as quick as they shall be.

With --field, the first 200 cells of the plan `field` with nothing known, warm, against the floor of the same
rows.

With --plan-size, the plan of the whole field instead: rows and seconds, and how both grow with the axes,
against what covertable finds in a minute.

With --records, the record store instead: generated records read, judged, planned for and rendered.

With --growth, how the plan of the field grows: the covering array, and what the planner asks for in a field
with a hidden table of what works.

With --simulate, the search for what works in the whole field, by rules like the real ones: how many cells it
takes, and whether every verdict is true; nothing is run.

With --fleet, the same cells by the local scheduler and by a fleet of one machine, in turns.

With --makespan, how long 10,000 cells take on 1 to 1,000 slots, by what the committed records measured;
nothing is run.

Ratios from one run are worth quoting; absolute times are this machine's.
"""

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bench import cover, fleet, growth, makespan, rows, simulated, stages, store, timezone
from harness.cell.climb import CLIMB, Climb
from harness.cell.migrated import migrated_alike
from harness.cell.project import bundled_project, copy_project, project_digest
from harness.checks import MODULES
from harness.commands.machine import survey
from harness.commands.undertaking import default_jobs
from harness.env.build import build
from harness.env.resolve import resolve
from harness.env.uv import Uv
from harness.matrix.config import load_matrix
from harness.matrix.plan import make_plan
from harness.matrix.question import make_question
from harness.model import USUAL_CHECKS, Cell, ClockKind, Stage
from harness.proc.fork import IsolatedChild, prepare_fork_server
from harness.proc.marker import Marker
from harness.proc.sweep import sweep
from harness.proc.wait import Deadline
from harness.schedule import run_all
from harness.services.sqlite import SqliteDatabase, SqliteFiles

ROOT = Path(__file__).parent.parent
STACKS = ("izone", "django-4.2", "django-5.2", "newest-extra")
PROFILE = "startproject"
PLAIN = Path(__file__).parent / "plain"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One way to run cells: how many, in how long, with how much CPU of the machine (all processes)."""

    name: str
    cells: int
    seconds: float
    cpu_seconds: float

    @property
    def per_minute(self) -> float:
        """Cells per minute."""
        return 60 * self.cells / self.seconds


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What the three ways share: a climb per stack, warm environments, and a folder of its own."""

    climbs: tuple[Climb, ...]
    requirements: tuple[tuple[str, ...], ...]
    pythons: tuple[str, ...]
    state: Path
    folder: Path
    marker: Marker
    jobs: int


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("--copies", type=int, default=16, help="cells of each stack for (b) and (c)")
    parser.add_argument("--skip-plain", action="store_true", help="leave out (a), which takes minutes")
    parser.add_argument("--state", type=Path, default=ROOT / ".harness", help="whose environments to use")
    parser.add_argument("--time-plan", action="store_true", help="measure the plan `timezone` instead")
    parser.add_argument(
        "--alone", default="beat-2.8@shanghai-tz-utc-aware", metavar="CELL", help="its cell to measure alone"
    )
    parser.add_argument(
        "--sample", type=int, default=24, metavar="N", help="its cells to measure together; 0 for none"
    )
    parser.add_argument(
        "--field",
        type=int,
        nargs="?",
        const=200,
        metavar="N",
        help="measure the plan `field`: its first cells",
    )
    parser.add_argument("--stages", action="store_true", help="measure each stage of checks instead")
    parser.add_argument("--plan-size", action="store_true", help="measure the covering array instead")
    parser.add_argument(
        "--covertable", type=float, default=60, metavar="SECONDS", help="its time per model; 0 for none"
    )
    parser.add_argument(
        "--records", type=int, nargs="*", metavar="N", help="measure so many generated records instead"
    )
    parser.add_argument("--growth", action="store_true", help="measure how the plan of the field grows")
    parser.add_argument(
        "--simulate", type=int, nargs="?", const=1, metavar="SEED", help="simulate the search of the field"
    )
    parser.add_argument(
        "--fleet", type=int, nargs="?", const=3, metavar="N", help="measure a fleet instead: so many turns"
    )
    parser.add_argument("--makespan", action="store_true", help="simulate 10,000 cells instead")
    options = parser.parse_args()
    console = Console(highlight=False)
    if runs_nothing(options, console):
        return 0
    with tempfile.TemporaryDirectory() as folder:
        marker = Marker.of_this_harness("bench")
        try:
            if options.time_plan:
                time_plan(options, Path(folder), marker, console)
                return 0
            if options.stages:
                state = options.state.resolve()
                stages.tell(list(stages.measure(Path(folder), root=ROOT, state=state)), console)
                return 0
            if options.field is not None:
                field_plan(options, Path(folder), marker, console)
                return 0
            bench = prepare(options.state.resolve(), Path(folder), marker, cells=cells_of(STACKS, PROFILE))
            if options.fleet is not None:
                fleet_of_one(options, bench, console)
                return 0
            results = [measure("floor", floor, bench, options.copies)]
            results.append(measure("matrix", matrix, bench, options.copies))
            if not options.skip_plain:
                results.append(measure("plain", plain, bench, 1))
            memory = memory_of_the_harness(bench)
        finally:
            sweep(marker)
    tell(results, memory, console)
    return 0


def runs_nothing(options: argparse.Namespace, console: Console) -> bool:
    """Measure what needs no cells, if that is asked for."""
    if options.records is not None:
        store.tell(store.measure(options.records or store.NUMBERS), console)
        return True
    if options.growth:
        growth.tell(growth.measure(), console)
        return True
    if options.simulate is not None:
        simulated.tell(simulated.search(options.simulate), console)
        return True
    if options.makespan:
        seconds = makespan.measured_seconds(ROOT / "reports" / "runs")
        makespan.tell(makespan.simulate(seconds), seconds, console)
        return True
    if options.plan_size:
        cover.tell(cover.measure(options.covertable), options.covertable, console)
        return True
    return False


def time_plan(options: argparse.Namespace, folder: Path, marker: Marker, console: Console) -> None:
    """Measure a cell of the time plan alone, and a sample of its cells with the machine full."""
    plan = make_plan(load_matrix(ROOT / "matrix.toml"), timezone.PLAN).cells
    sorts = {
        "cells": [cell.id for cell in plan],
        "cells without a night": [cell.id for cell in plan if not timezone.has_nights(cell)],
    }
    state = options.state.resolve()
    stack, _, profile = options.alone.partition("@")
    bench = prepare(state, folder, marker, cells=cells_of([stack], profile), checks=(Stage.TIME,))
    prepare_fork_server(marker, [CLIMB.partition(":")[0], *MODULES])
    # The first cell finds neither byte code nor a migrated database; the second is what is told.
    _, steps = [timezone.measure_alone(climb) for climb in _copies(bench, 2)]
    timezone.tell_alone(options.alone, steps, console)
    for what, cells in sorts.items() if options.sample else ():
        chosen = timezone.sample(cells, options.sample)
        reports = folder / what
        full = timezone.measure_full(chosen, len(cells), root=ROOT, state=state, reports=reports)
        timezone.tell_full(what, full, console)


def field_plan(options: argparse.Namespace, folder: Path, marker: Marker, console: Console) -> None:
    """Measure the plan of the whole field, and the floor of the rows that it has run."""
    state = options.state.resolve()
    reports, matrix_file = folder / "reports", load_matrix(ROOT / "matrix.toml")
    ran = rows.run_plan(options.field, root=ROOT, state=state, reports=reports, matrix=matrix_file)
    bench = prepare(state, folder, marker, cells=ran.booted)
    rows.tell(ran, measure("floor", floor, bench, 1).seconds, console)


def fleet_of_one(options: argparse.Namespace, bench: Bench, console: Console) -> None:
    """Measure what a fleet adds to the matrix."""
    compared = fleet.compare(
        _matrix_command(bench, options.copies),
        fleet.Place(
            slots=bench.jobs,
            redis=bench.climbs[0].redis,
            state=bench.state,
            folder=bench.folder,
            marker=bench.marker,
        ),
        rounds=options.fleet,
    )
    fleet.tell(compared, console)


def cells_of(stacks: Sequence[str], profile: str) -> list[Cell]:
    """Cells of matrix.toml."""
    matrix_file = load_matrix(ROOT / "matrix.toml")
    return [Cell(stack=matrix_file.stacks[stack], profile=matrix_file.profiles[profile]) for stack in stacks]


def prepare(
    state: Path,
    folder: Path,
    marker: Marker,
    *,
    cells: Sequence[Cell],
    checks: tuple[Stage, ...] = USUAL_CHECKS,
) -> Bench:
    """Resolve and build every cell, so that no way is measured with a cold environment but the plain one."""
    matrix_file = load_matrix(ROOT / "matrix.toml")
    machine = survey({cell.stack.python for cell in cells}, log=folder / "survey.log", marker=marker)
    copy_project(bundled_project(), folder / "project")
    project = project_digest(bundled_project())
    uv = Uv(log=folder / "uv.log", marker=marker, timeout=600, path_prefix=machine.path_prefix)
    assert machine.redis is not None, "no Redis server"
    climbs, requirements, pythons = [], [], []
    for cell in cells:
        interpreter = machine.inventory.found[cell.stack.python]
        question = make_question(cell, matrix_file)
        lock = resolve(question, interpreter=interpreter, uv=uv, cache=state / "cache" / "locks")
        environment = build(lock, interpreter=interpreter, uv=uv, cache=state / "cache")
        requirements.append((*lock.distributions, *(["setuptools<82"] if environment.seed else [])))
        pythons.append(str(interpreter.path))
        climbs.append(
            Climb(
                cell=cell.stack.name,
                settings=cell.profile.settings,
                environment=environment.path,
                source=folder / "project",
                work=folder / cell.stack.name,
                database=SqliteFiles(cache=state / "cache" / "databases").database(
                    work=folder / cell.stack.name,
                    template=migrated_alike(lock, interpreter=interpreter, source=project),
                ),
                redis=machine.redis,
                clock=machine.clock(None),
                clock_library=machine.clock_library,
                timeouts=matrix_file.timeouts,
                checks=checks,
                marker=marker,
            )
        )
    return Bench(
        climbs=tuple(climbs),
        requirements=tuple(requirements),
        pythons=tuple(pythons),
        state=state,
        folder=folder,
        marker=marker,
        jobs=default_jobs(ClockKind.FAKE, os.cpu_count() or 1, psutil.virtual_memory().available),
    )


def measure(name: str, way: Callable[[Bench, int], int], bench: Bench, copies: int) -> Measured:
    """Run one way and count what it cost."""
    cpu, began = _machine_cpu(), time.monotonic()
    cells = way(bench, copies)
    return Measured(
        name=name, cells=cells, seconds=time.monotonic() - began, cpu_seconds=_machine_cpu() - cpu
    )


def floor(bench: Bench, copies: int) -> int:
    """Boot every cell and end it, as many at a time as the matrix runs."""
    prepare_fork_server(bench.marker, [CLIMB.partition(":")[0], *MODULES])
    climbs = list(_copies(bench, copies))

    def boot(climb: Climb) -> None:
        climb.work.mkdir(parents=True)
        child = IsolatedChild("bench.floor:boot_once", climb, marker=climb.marker, log=climb.work / "log")
        for _event in child.events(Deadline(300)):
            pass
        child.kill()

    return len(list(run_all(climbs, boot, at_a_time=bench.jobs)))


def matrix(bench: Bench, copies: int) -> int:
    """`nox -s matrix` itself, on a plan of as many copies of the profile."""
    count = copies * len(STACKS)
    subprocess.run(_matrix_command(bench, copies), check=False, cwd=ROOT, stdout=subprocess.DEVNULL)
    [records] = (bench.folder / f"reports-{copies}" / "runs").glob("*.jsonl")
    done = sum('"kind":"result"' in line for line in records.read_text().splitlines())
    assert done == count, f"{done} of {count} cells"
    return done


def plain(bench: Bench, _copies: int) -> int:
    """The plain noxfile, two sessions at a time."""
    cells = []
    for climb, requirements, python in zip(bench.climbs, bench.requirements, bench.pythons, strict=True):
        work = bench.folder / "plain" / climb.cell
        work.mkdir(parents=True)
        spec = work / "spec.pickle"
        marker = bench.marker.below("plain", climb.cell)
        spec.write_bytes(pickle.dumps(_moved(climb, work, clock=ClockKind.REAL, marker=marker)))
        cells.append({"name": climb.cell, "python": python, "requirements": requirements, "spec": str(spec)})
    (bench.folder / "cells.json").write_text(json.dumps(cells))
    env = {
        **os.environ,
        "BENCH_CELLS": str(bench.folder / "cells.json"),
        "BENCH_PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "nox", "-f", str(PLAIN / "noxfile.py"), "-j", "2"]
    command += ["--envdir", str(bench.folder / "nox")]
    subprocess.run(command, check=True, env=env, stdout=subprocess.DEVNULL)
    return len(cells)


def memory_of_the_harness(bench: Bench) -> float:
    """The largest memory of the harness's own processes, in MiB, on a run with 1,000 cells planned."""
    process = subprocess.Popen(
        _matrix_command(bench, 250), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    harness = psutil.Process(process.pid)
    largest, deadline = 0.0, Deadline(20)
    while not deadline.passed:
        own = [harness, *(child for child in harness.children() if "forkserver" in " ".join(child.cmdline()))]
        largest = max(largest, sum(each.memory_info().rss for each in own) / 2**20)
        time.sleep(0.2)
    process.terminate()
    process.wait()
    return largest


def tell(results: list[Measured], memory: float, console: Console) -> None:
    """Print the table and the ratios."""
    table = Table(box=None)
    for heading in ("way", "cells", "seconds", "cells per minute", "CPU seconds per cell"):
        table.add_column(heading, justify="left" if heading == "way" else "right")
    for each in results:
        table.add_row(
            each.name,
            str(each.cells),
            f"{each.seconds:.1f}",
            f"{each.per_minute:.1f}",
            f"{each.cpu_seconds / each.cells:.2f}",
        )
    console.print(table)
    by_name = {each.name: each for each in results}
    matrix_, floor_ = by_name["matrix"], by_name["floor"]
    console.print(f"matrix takes {floor_.per_minute / matrix_.per_minute:.2f} times as long as the floor")
    if "plain" in by_name:
        ratio = matrix_.per_minute / by_name["plain"].per_minute
        console.print(f"matrix runs {ratio:.1f} times as many cells a minute as the plain noxfile")
    console.print(f"memory of the harness with 1,000 cells planned: {memory:.0f} MiB")


def _matrix_command(bench: Bench, copies: int) -> list[str]:
    """The command for a matrix.toml with `copies` of the profile under other names."""
    text = (ROOT / "matrix.toml").read_text()
    settings = load_matrix(ROOT / "matrix.toml").profiles[PROFILE].settings
    names = [f"copy-{number}" for number in range(copies)]
    for name in names:
        text += f'\n[profiles.{name}]\nreason = "a copy"\n[profiles.{name}.settings]\n'
        text += "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    text += '\n[plans.bench]\nreason = "the bench"\n'
    text += f'stacks = {json.dumps(list(STACKS))}\nprofiles = ["copy-*"]\n'
    text += f"\n[project]\npath = {json.dumps(str(ROOT / 'sample_project'))}\n"
    path = bench.folder / f"matrix-{copies}.toml"
    path.write_text(text)
    places = ["--matrix", str(path), "--state", str(bench.state)]
    places += ["--reports", str(bench.folder / f"reports-{copies}")]
    return [sys.executable, "-m", "harness", "matrix", *places, "--plan", "bench"]


def _copies(bench: Bench, copies: int) -> Iterator[Climb]:
    for number in range(copies):
        for climb in bench.climbs:
            work = bench.folder / "floor" / f"{climb.cell}-{number}"
            yield _moved(climb, work, marker=bench.marker.below(climb.cell, str(number)))


def _machine_cpu() -> float:
    """CPU seconds that all processes of the machine have used."""
    times = psutil.cpu_times()
    return float(times.user + times.system)


def _moved(climb: Climb, work: Path, **changes: Any) -> Climb:  # noqa: ANN401 - any field of a Climb
    """The same climb in another folder."""
    assert isinstance(climb.database, SqliteDatabase)
    database = replace(climb.database, path=work / "db.sqlite3")
    return replace(climb, work=work, database=database, **changes)


if __name__ == "__main__":
    sys.exit(main())
