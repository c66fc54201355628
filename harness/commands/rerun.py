"""`nox -s explain -- CELL --rerun`: the cell once more, live; with --keep it stands to be looked into."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from harness.cell.climb import STAND
from harness.cell.project import APP
from harness.cell.runner import Progress, Stands, stand_cell, why_skipped
from harness.checks import MODULES
from harness.checks.events import Standing
from harness.commands.field import load_field, load_plan
from harness.commands.interrupt import stopping_on_signals
from harness.commands.named import with_named
from harness.commands.places import DEFAULT_PLAN, Places
from harness.commands.undertaking import Wanted, carry_out, new_run_name, prepare, servers_of
from harness.errors import ExitCode, Interrupted, MachineError, UsageError
from harness.matrix.config import Matrix
from harness.matrix.plan import Plan
from harness.matrix.question import make_question
from harness.model import Attempt, Cell, ClockKind, Stage, Status
from harness.proc.fork import prepare_fork_server
from harness.proc.marker import Marker
from harness.proc.sweep import sweep_orphans
from harness.records.store import read_runs
from harness.services.private import remove_orphaned_folders

_REDIS_CLIENTS = ("redis-cli", "valkey-cli")


@dataclass(frozen=True, kw_only=True)
class Rerun:
    """A cell with the plan that has it, and the time it is to live in."""

    cell: Cell
    plan: Plan
    clock: ClockKind | None


def find_cell(name: str, plan_name: str, matrix: Matrix, places: Places, clock: ClockKind | None) -> Rerun:
    """The cell of a plan, or else of the records.

    Raises:
        UsageError: neither has it.
    """
    known = plan_name if plan_name in matrix.plans else DEFAULT_PLAN
    plan = load_plan(matrix, known, places)
    runs = read_runs(places.records, outline=True)
    field = load_field(matrix, places) if plan.row_profile else None
    named = with_named(plan, [name], matrix=matrix, runs=runs, field=field)
    cell = next((each for each in named.cells if each.id == name), None)
    if cell is None:
        raise UsageError(f"the plan {known!r} has no cell {name!r}, and the records have none either")
    return Rerun(cell=cell, plan=plan, clock=clock)


def rerun(asked: Rerun, matrix: Matrix, places: Places, console: Console) -> None:
    """Run the cell as a run of its own, and record it."""
    runs = read_runs(places.records, outline=True)
    _clear_away()
    name = new_run_name()
    marker = Marker.of_this_harness(name)
    with stopping_on_signals(marker):
        carry_out(prepare(_wanted(asked, matrix), runs, places, name, marker), places, console)


def stand(asked: Rerun, matrix: Matrix, places: Places, console: Console) -> ExitCode:
    """Let the cell stand until Ctrl-C, and say how to get into it; then take it down.

    It is no record: its shutdown is not looked at, and a failure is not repeated. 1 if it does not stand.

    Raises:
        MachineError: the machine lacks what it needs.
    """
    _clear_away()
    name = new_run_name()
    marker = Marker.of_this_harness(name)
    logs = places.work / name / asked.cell.id / "attempt-1"
    stood = False

    def stands(standing: Standing, attempt: Attempt) -> None:
        nonlocal stood
        stood = True
        status.stop()
        for line in ways_in(asked.cell.id, standing, attempt):
            console.print(line, markup=False, soft_wrap=True)

    try:
        with stopping_on_signals(marker), console.status(f"{asked.cell.id} is set up") as status:

            def progress(cell: str, stage: Stage) -> None:
                status.update(f"{cell}: {stage}")

            attempt = _climb(_Climbing(asked, matrix, name, marker, progress, stands), places)
    except Interrupted:
        if not stood:
            raise
        console.print(f"taken down; its logs stay in {os.path.relpath(logs)}", markup=False, soft_wrap=True)
        return ExitCode.OK
    failure = attempt.failure
    why = f"{failure.signature}\n{failure.excerpt}" if failure is not None else "it was taken down"
    console.print(f"{asked.cell.id} does not stand: {why}", markup=False, soft_wrap=True)
    console.print(f"its logs are in {os.path.relpath(logs)}", markup=False, soft_wrap=True)
    return ExitCode.UNEXPECTED


class _Climbing(NamedTuple):
    asked: Rerun
    matrix: Matrix
    name: str
    marker: Marker
    progress: Progress
    stands: Stands


def _climb(how: _Climbing, places: Places) -> Attempt:
    cell = how.asked.cell
    # What a run begins with is written where no record is looked for.
    with tempfile.TemporaryDirectory() as scratch:
        beside = replace(places, reports=Path(scratch))
        undertaking = prepare(_wanted(how.asked, how.matrix), (), beside, how.name, how.marker)
        skipped = why_skipped(cell, undertaking.workshop)
        if skipped:
            raise MachineError(skipped, hint="`nox -s doctor` says what this machine lacks")
        prepare_fork_server(how.marker, [STAND.partition(":")[0], *MODULES])
        with servers_of(undertaking) as servers:
            workshop = replace(undertaking.workshop, servers=servers)
            question = make_question(cell, how.matrix)
            return stand_cell(cell, question, workshop, how.progress, how.stands)


def ways_in(cell: str, standing: Standing, attempt: Attempt) -> Iterator[Text]:
    """How a cell went, what of it runs, and the commands for another terminal."""
    folder = standing.enter.parent
    enter = os.path.relpath(standing.enter)
    client = next((each for each in _REDIS_CLIENTS if shutil.which(each)), None)
    redis = f"{client} -u {standing.broker_url}" if client else f"{enter} python -i -c '{_REDIS}'"
    yield Text.assemble((f"{cell} stands", "bold"), f" after {_rungs(attempt)}; not recorded")
    caveats = {check.failure.signature for check in attempt.checks if check.failure and check.caveat}
    for failure in attempt.failures:
        yield Text(f"  {'caveat: ' if failure.signature in caveats else ''}{failure.signature}")
        for line in failure.excerpt.splitlines():
            yield Text(f"    {line}", style="dim")
    yield Text("")
    for name, pid in standing.processes:
        yield Text(f"  {name}: process {pid}, {os.path.relpath(folder / f'{name}.log')}")
    for name in ("worker", "beat"):
        if name not in dict(standing.processes):
            yield Text(f"  {name}: does not run")
    yield Text(f"  broker: {standing.broker_url}; database: {standing.database}")
    yield Text("")
    yield Text("In another terminal, in this folder, as its own processes run:", style="bold")
    lives = dict(standing.processes)
    for what, command in (
        ("a shell of Django", f"{enter} python manage.py shell"),
        *([("the worker", f"{enter} celery -A {APP} inspect active")] if "worker" in lives else []),
        *(
            (f"{'another' if name in lives else 'a'} {name}", f"{enter} celery -A {APP} {name} -l debug")
            for name in ("worker", "beat")
        ),
        ("Redis", redis),
        ("the logs", f"tail -f {os.path.relpath(folder)}/*.log"),
        ("anything else", f"{enter} sh"),
    ):
        yield Text.assemble(f"  {what + ':':<19}", (command, "cyan"))
    yield Text("")
    yield Text("Ctrl-C here takes it down, and what was started so with it.", style="bold")


_REDIS = 'import os, redis; r = redis.Redis.from_url(os.environ["IZONE_REDIS_URL"])'


def _rungs(attempt: Attempt) -> str:
    """`import, migrate, worker failed`."""
    words = [
        f"{each.stage}{'' if each.status is Status.PASSED else f' {each.status}'}" for each in attempt.stages
    ]
    return ", ".join(words)


def _wanted(asked: Rerun, matrix: Matrix) -> Wanted:
    return Wanted(
        matrix=matrix,
        plan=asked.plan,
        cells=(asked.cell,),
        clock=asked.clock,
        jobs=1,
        keep=True,
        resume=False,
    )


def _clear_away() -> None:
    """What harnesses that died have left."""
    sweep_orphans()
    remove_orphaned_folders()
