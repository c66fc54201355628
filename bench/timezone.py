"""`nox -s bench -- --time-plan`: what the contract costs, in one cell alone and with the machine full."""

import math
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.lived import BOOT, JUDGE, NIGHT, Step
from harness.cell.climb import Climb
from harness.contract.agenda import ADDITIONS, plan
from harness.model import Cell
from harness.proc.fork import IsolatedChild
from harness.proc.wait import Deadline

PLAN = "timezone"
# The targets: seconds of a cell that is alone on two cores, nights left out, and cells a minute.
ALONE, PER_MINUTE = 12.0, 10.0
_LONGEST = 900.0
# Every cell of the plan is a stack and a profile; steps of the golden section meet all of both soon.
_GOLDEN = 0.618


@dataclass(frozen=True, kw_only=True)
class Full:
    """Cells of the plan, as many at a time as the matrix runs."""

    cells: int
    of: int
    seconds: float

    @property
    def per_minute(self) -> float:
        """Cells a minute."""
        return 60 * self.cells / self.seconds


def measure_alone(climb: Climb) -> list[Step]:
    """Boot a cell and live through its spans, with nothing else running."""
    climb.work.mkdir(parents=True)
    child = IsolatedChild("bench.lived:live_once", climb, marker=climb.marker, log=climb.work / "log")
    steps = [event for event in child.events(Deadline(_LONGEST)) if isinstance(event, Step)]
    child.kill()
    return steps


def has_nights(cell: Cell) -> bool:
    """Whether a cell lives through nights in which clocks are changed."""
    settings = cell.profile.settings
    aware = settings["DJANGO_CELERY_BEAT_TZ_AWARE"] is True
    return any(each.name.startswith(NIGHT) for each in plan(str(settings["TIME_ZONE"]), own_zones=aware))


def sample(cells: Sequence[str], count: int) -> list[str]:
    """So many of the cells, the same each time, over all stacks and profiles."""
    steps = range(max(1, round(_GOLDEN * len(cells))), len(cells) + 2)
    step = next(each for each in steps if math.gcd(each, len(cells)) == 1)
    return [cells[number * step % len(cells)] for number in range(min(count, len(cells)))]


def measure_full(cells: Sequence[str], of: int, *, root: Path, state: Path, reports: Path) -> Full:
    """`nox -s matrix` on these cells of the plan. Environments that lack are built, so run it twice."""
    command = [sys.executable, "-m", "harness", "matrix", "--plan", PLAN, "--no-resume"]
    command += ["--state", str(state), "--reports", str(reports)]
    command += [part for cell in cells for part in ("--select", cell)]
    began = time.monotonic()
    subprocess.run(command, check=False, cwd=root, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - began
    [records] = (reports / "runs").glob("*.jsonl")
    done = sum('"kind":"result"' in line for line in records.read_text().splitlines())
    assert done == len(cells), f"{done} of {len(cells)} cells"
    return Full(cells=done, of=of, seconds=seconds)


def tell_alone(cell: str, steps: Sequence[Step], console: Console) -> None:
    """Print each step, the sums that the target is about, and the largest cost."""
    processes = list(steps[0].cpu)
    table = Table(box=None, title=f"{cell}, alone", title_justify="left")
    for heading in ("step", "seconds", "looks", "ticks", *(f"{each} CPU" for each in processes)):
        first = heading == "step"
        table.add_column(heading, justify="left" if first else "right", no_wrap=first)
    for step in steps:
        used = (f"{step.cpu[each]:.2f}" for each in processes)
        table.add_row(step.name, f"{step.seconds:.1f}", str(step.looks), str(step.ticks), *used)
    console.print(table)
    [floor] = (step for step in steps if step.name == BOOT)
    spans = [step for step in steps if step.name not in (BOOT, JUDGE)]
    days = [each for each in spans if not each.night and each.name != ADDITIONS]
    nights = [each for each in spans if each.night]
    asked = _seconds([*days, *(step for step in steps if step.name == JUDGE)])
    console.print(
        f"all but nights and additions: {asked:.1f} s after a boot of {floor.seconds:.1f} s (the floor), "
        f"{asked + floor.seconds:.1f} s in all; the target is {ALONE:g} s",
        soft_wrap=True,
    )
    if nights:
        console.print(
            f"{len(nights)} nights in which clocks are changed: {_seconds(nights):.1f} s more", soft_wrap=True
        )
    _tell_costs(spans, console)


def tell_full(what: str, full: Full, console: Console) -> None:
    """Print how many cells a minute."""
    console.print(
        f"{full.cells} of the plan's {full.of} {what} in {full.seconds:.1f} s: "
        f"{full.per_minute:.1f} a minute; the target is {PER_MINUTE:g}",
        soft_wrap=True,
    )


def _tell_costs(spans: Sequence[Step], console: Console) -> None:
    """Whose CPU the spans took, and what there is to know of the largest."""
    used: Counter[str] = Counter()
    for step in spans:
        used.update(step.cpu)
    total, wall = sum(used.values()), _seconds(spans)
    shares = ", ".join(f"{process} {seconds / total:.0%}" for process, seconds in used.most_common())
    console.print(f"of {total:.1f} CPU seconds in {wall:.1f} s of spans: {shares}", soft_wrap=True)
    largest, seconds = used.most_common(1)[0]
    console.print(f"the largest cost is {largest}: {seconds:.1f} CPU seconds")
    # Where beat is started again its boots cost more than its ticks.
    steady = [step for step in spans if step.name != "restarts"]
    looks, ticks = sum(step.looks for step in steady), sum(step.ticks for step in steady)
    beat = sum(step.cpu["beat"] for step in steady)
    console.print(
        f"but for restarts a look took {1000 * _seconds(steady) / looks:.0f} ms and {ticks / looks:.1f} of "
        f"beat's ticks, a tick {1000 * beat / ticks:.1f} ms of CPU; "
        f"{used['beat'] - beat:.1f} of beat's CPU seconds went into the restarts",
        soft_wrap=True,
    )


def _seconds(steps: Iterable[Step]) -> float:
    return sum(step.seconds for step in steps)
