"""The floor: boot a cell's worker, beat and agent once, and nothing else. Runs in a cell's child."""

import contextlib

from harness.cell.climb import Climb
from harness.cell.ladder import RungBroken, boot
from harness.proc.fork import Emit


def boot_once(plan: Climb, emit: Emit) -> None:
    """Boot and end; a stack that does not boot goes as far as it comes."""
    with contextlib.suppress(RungBroken), contextlib.ExitStack() as stack:
        boot(plan, emit, stack)
