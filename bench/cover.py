"""How large plans are and how long planning takes, as axes grow, against covertable's best.

Seconds are of CPU, theirs and ours: both are one process that computes, and the machine may have other work.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from covertable.main import Controller
from rich.console import Console

from harness.matrix.bits import BitField
from harness.matrix.cover import cover
from harness.matrix.fewer import least
from harness.matrix.field import Declaration, Field, Pins, Strength, in_order
from tests.matrix.covered import uncovered
from tests.matrix.fields import MODELS

GROWTH = (1, 2, 4, 8)
NEVER_WORSE = 1.15
PLANNED_IN = 5.0


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One model planned: the rows needed at least, ours, and covertable's if it was asked and had a plan."""

    name: str
    least: int
    rows: int
    seconds: float
    theirs: int | None
    asked: bool


def measure(seconds: float) -> Iterator[Planned]:
    """Plan every model, then the real one with longer axes; covertable has so many seconds, 0 for not at all.

    Each axis grows alone, then all together; covertable is asked only where all do.
    """
    for name, (field, strengths) in MODELS.items():
        yield _planned(name, field, strengths, seconds)
    field, strengths = MODELS["real"]
    for axis in field.axes:
        for more in GROWTH:
            yield _planned(f"{axis} +{more}", grown(field, {axis: more}), strengths, 0)
    for more in GROWTH:
        longer = grown(field, dict.fromkeys(field.axes, more))
        yield _planned(f"every axis +{more}", longer, strengths, seconds)


def grown(field: Field, by: Mapping[str, int]) -> Field:
    """The field with so many more values of axes; a new value declares, and is told, what the newest was."""
    names = {
        axis: {values[-1]: tuple(f"{values[-1]}+{number}" for number in range(1, by.get(axis, 0) + 1))}
        for axis, values in field.axes.items()
    }
    axes = {axis: (*values, *names[axis][values[-1]]) for axis, values in field.axes.items()}
    forbidden: dict[Pins, Declaration] = {}
    for ((one, first), (other, second)), why in field.forbidden.items():
        for value in (first, *names[one].get(first, ())):
            for partner in (second, *names[other].get(second, ())):
                forbidden[in_order({one: value, other: partner}, axes)] = why
    return Field(axes=axes, forbidden=forbidden)


def best_of_covertable(field: Field, strengths: tuple[Strength, ...], seconds: float) -> int | None:
    """The fewest rows that covertable finds: of salt after salt, for half of the time, then by annealing.

    It anneals plans of one strength only, so where there are two the salts have all the time. The first plan
    may have it all in any case; None when it is not ready by then.
    """
    began = time.process_time()
    anneals = len(strengths) == 1
    best: tuple[list[dict[str, str]], Controller] | None = None
    for salt in count():
        controller = _controller(field, strengths, str(salt))
        until = began + (seconds / 2 if anneals and best else seconds)
        rows = []
        for row in controller.make_async():
            rows.append(row)
            if time.process_time() >= until:
                break
        else:
            # Whole, and in time.
            if best is None or len(rows) < len(best[0]):
                best = rows, controller
            continue
        break
    if best is None:
        return None
    rows, controller = best
    while anneals and (left := began + seconds - time.process_time()) > 0:
        rows = controller.optimize(rows, {"budget_ms": 1000 * left})
    assert not uncovered(field, rows, strengths), "covertable left a tuple out"
    return len(rows)


def tell(measured: Iterable[Planned], seconds: float, console: Console) -> None:
    """Print a line per model as it is planned, and what the targets are about."""
    planned = []
    for each in measured:
        planned.append(each)
        line = f"{each.name}: {each.rows} rows in {each.seconds:.1f} s, at least {each.least} are needed"
        if each.theirs:
            line += f"; covertable {each.theirs} in {seconds:g} s, ratio {each.rows / each.theirs:.2f}"
        elif each.asked:
            line += f"; covertable had no plan in {seconds:g} s"
        console.print(line, soft_wrap=True)
    ratios = [each.rows / each.theirs for each in planned if each.theirs]
    if ratios:
        console.print(f"at worst {max(ratios):.2f} times covertable's rows; the target is {NEVER_WORSE:g}")
    console.print(f"the real model in {planned[0].seconds:.1f} s; the target is {PLANNED_IN:g} s")


def _planned(name: str, field: Field, strengths: tuple[Strength, ...], seconds: float) -> Planned:
    began = time.process_time()
    rows = cover(field, strengths)
    took = time.process_time() - began
    assert not uncovered(field, rows, strengths), "a tuple was left out"
    bits = BitField(field=field)
    return Planned(
        name=name,
        least=least(bits.goals(strengths), bits),
        rows=len(rows),
        seconds=took,
        theirs=best_of_covertable(field, strengths, seconds) if seconds else None,
        asked=bool(seconds),
    )


def _controller(field: Field, strengths: tuple[Strength, ...], salt: str) -> Controller:
    [strength] = (strength for strength, among in strengths if among is None)
    return Controller(
        {axis: list(values) for axis, values in field.axes.items()},
        strength=strength,
        sub_models=[{"fields": list(among), "strength": of} for of, among in strengths if among],
        constraints=[
            {
                "operator": "or",
                "conditions": [{"operator": "ne", "left": axis, "value": value} for axis, value in pair],
            }
            for pair in field.forbidden
        ],
        salt=salt,
    )
