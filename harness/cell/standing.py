"""A cell that is left standing for people to look into: the ladder up to the checks, and then nothing.

The child that climbed it waits until it is killed; whoever started it sweeps up.
"""

import contextlib
import os
import shlex
import threading
from collections.abc import Iterable
from pathlib import Path

from harness.cell.climb import Climb
from harness.cell.ladder import RungBroken, boot
from harness.cell.project import Project
from harness.checks.events import Standing
from harness.checks.live import LiveCell
from harness.checks.plugin import run_checks
from harness.model import Stage
from harness.proc.fork import Emit
from harness.proc.marker import Marker


def stand(plan: Climb, emit: Emit) -> None:
    """Climb as far as the rungs hold, make the checks but for the shutdown, and stay until it is killed."""
    made: list[Project] = []
    lives: list[LiveCell] = []
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(RungBroken):
            lives.append(boot(plan, emit, stack, made=made.append))
            stages = [stage for stage in plan.checks if stage is not Stage.SHUTDOWN]
            run_checks(lives[0], emit, stages=stages, scratch=plan.work / "pytest")
        for project in made:
            enter = write_enter(plan.work / "enter", project, plan.marker)
            emit(_standing(plan, project, enter, lives))
            threading.Event().wait()


def write_enter(path: Path, project: Project, marker: Marker) -> Path:
    """A script that runs a command as the cell's own processes run: its programs, settings, clock and broker.

    What it starts bears the cell's mark, and so is taken down with it.
    """
    variables = {**project.variables, **marker.environment}
    lines = (
        "#!/bin/sh",
        "# Runs a command as the cell's own processes run.",
        f"cd {shlex.quote(str(project.source))} || exit",
        '[ "$#" -gt 0 ] || set -- sh',
        "exec env -i \\",
        *(f"  {shlex.quote(f'{name}={value}')} \\" for name, value in variables.items()),
        '  TERM="${TERM:-dumb}" "$@"',
    )
    # It may have the password of a database server in it.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o700)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return path


def _standing(plan: Climb, project: Project, enter: Path, lives: Iterable[LiveCell]) -> Standing:
    processes = (
        (container.name, container.child)
        for cell in lives
        for container in (cell.worker, cell.beat, cell.broker)
    )
    return Standing(
        enter=enter,
        broker_url=project.broker_url,
        database=plan.database.address.kind,
        processes=tuple((name, child.pid) for name, child in processes if child.exit_code is None),
    )
