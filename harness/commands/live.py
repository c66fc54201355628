"""A few cells run to answer a question, as `nox -s matrix` would run them, and recorded."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console

from harness.commands.interrupt import stopping_on_signals
from harness.commands.places import Places
from harness.env.interpreters import find_interpreters, pyenv_folders
from harness.env.uv import Uv
from harness.matrix.config import Matrix
from harness.matrix.plan import Plan
from harness.model import USUAL_CHECKS, Cell, Stage
from harness.proc.marker import Marker
from harness.proc.sweep import sweep_orphans
from harness.records.store import read_runs
from harness.services.private import remove_orphaned_folders


def run_cells(  # noqa: PLR0913 - what is run, where, and as what
    cells: Sequence[Cell],
    matrix: Matrix,
    places: Places,
    console: Console,
    *,
    plan: str,
    checks: tuple[Stage, ...] = USUAL_CHECKS,
    trace: bool = False,
) -> None:
    """Run cells of no plan of matrix.toml; the records call their run that of `plan`, one of `ANSWERING`.

    With `trace` what fails is traced back to a release, as a run of the field does.

    Raises:
        MachineError: the machine cannot do it.
    """
    # An answer that runs nothing need not wait for all that runs cells.
    from harness.commands.diagnosis import Releases  # noqa: PLC0415
    from harness.commands.undertaking import Wanted, carry_out, new_run_name, prepare  # noqa: PLC0415
    from harness.env.index import open_index  # noqa: PLC0415

    sweep_orphans()
    remove_orphaned_folders()
    name = new_run_name()
    marker = Marker.of_this_harness(name)
    wanted = Wanted(
        matrix=matrix,
        plan=Plan(name=plan, cells=tuple(cells), excluded=(), checks=checks),
        cells=tuple(cells),
        clock=None,
        jobs=None,
        keep=False,
        resume=False,
    )
    with stopping_on_signals(marker), contextlib.ExitStack() as stack:
        if trace:
            index = stack.enter_context(open_index(os.environ, timeout=matrix.timeouts["index"]))
            wanted = replace(wanted, releases_of=Releases(index, places.cache))
        runs = read_runs(places.records, outline=True)
        carry_out(prepare(wanted, runs, places, name, marker), places, console)


def pythons_here(places: Places) -> frozenset[str]:
    """The series of this machine's CPythons."""
    places.state.mkdir(parents=True, exist_ok=True)
    marker = Marker.of_this_harness("pythons")
    with stopping_on_signals(marker):
        uv = Uv(
            log=places.state / "pythons.log",
            marker=marker,
            timeout=60,
            path_prefix=pyenv_folders(os.environ),
        )
        return frozenset(find_interpreters(uv))
