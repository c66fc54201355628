"""The floor: boot a cell's worker, beat and agent once, and nothing else. Runs in a cell's child."""

import contextlib

from harness.cell.climb import Climb
from harness.cell.ladder import boot
from harness.proc.fork import Emit


def boot_once(plan: Climb, emit: Emit) -> None:
    """Boot and end."""
    with contextlib.ExitStack() as stack:
        boot(plan, emit, stack)
