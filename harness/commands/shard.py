"""`--shard 2/5`: the part of a plan that this machine runs, and where its records go."""

from collections.abc import Sequence

from rich.console import Console

from harness.errors import UsageError
from harness.matrix.plan import Plan
from harness.matrix.shard import Shard, split
from harness.model import Cell
from harness.records.costs import costs_of
from harness.records.store import Run
from harness.report.words import count_of, duration


def choose_shard(plan: Plan, shard: Shard, runs: Sequence[Run], console: Console) -> tuple[Cell, ...]:
    """The cells of one shard of a plan, by what the records in `runs` say that its cells take.

    Raises:
        UsageError: the plan chooses its cells while it runs.
    """
    if plan.row_profile is not None:
        raise UsageError(
            f"the plan {plan.name!r} chooses its cells while it runs, and cannot be split beforehand",
            hint="run it on one machine, with --budget",
        )
    costs = costs_of((cell.id for cell in plan.cells), runs, plan.checks)
    mine = frozenset(split(costs.seconds, shard.count)[shard.number - 1])
    cells = tuple(cell for cell in plan.cells if cell.id in mine)
    told = f"shard {shard} of the plan {plan.name}: {len(cells)} of {count_of(len(plan.cells), 'cell')}"
    if len(costs.guessed) < len(plan.cells):
        seconds = sum(costs.seconds[cell.id] for cell in cells)
        told += f", which took {duration(seconds)} of {duration(sum(costs.seconds.values()))}, added up"
    if costs.guessed:
        told += f"; what {len(costs.guessed)} of them all take has not been measured"
    console.print(told, soft_wrap=True)
    return cells
