"""How the plan of the field grows with its axes: the covering array, and the cells the planner asks for.

The planner is asked on a field with a hidden table of what works: nothing broken, and then a few causes of
one, two and three values. Beside that stand what it would take to try each pair by itself, once and three
times where it is broken, and all rows. Seconds are of CPU; the planner's are all that it computes from the
first cell to the last.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random

from rich.console import Console
from rich.table import Table

from bench.cover import GROWTH, grown
from bench.generated import plant
from bench.store import PLAN, ROOT, real_field
from harness.matrix.config import load_matrix
from harness.matrix.cover import cover
from harness.matrix.field import Field, Pins, Strength
from harness.matrix.plan import make_plan
from harness.matrix.product import count_product
from tests.pairs.simulated import Hidden, find_out

_SEED = 4


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How many cells the planner asked for until nothing was open, and its seconds."""

    cells: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Grown:
    """A field with longer axes: its pairs, the covering array's rows and seconds, and what the planner asked.

    `sound` is asked with nothing broken, `broken` with the planted causes; so is each pair `one_at_a_time`.
    `product` are all rows that declarations allow.
    """

    name: str
    pairs: int
    rows: int
    seconds: float
    sound: Asked
    broken: Asked
    one_at_a_time: int
    product: int


def measure() -> Iterator[Grown]:
    """The field of matrix.toml as it is, with more values of every axis, and with most on each alone."""
    field = real_field()
    settling = make_plan(load_matrix(ROOT / "matrix.toml"), PLAN).settling
    assert settling is not None, f"the plan {PLAN!r} does not settle pairs"
    strengths: list[Strength] = [(2, None), *((3, cover) for cover in [settling.cover] if cover)]
    # The same causes in every field: the values that are planted are those that it has already.
    culprits = tuple(each.pins for each in plant(field, Random(_SEED)))  # noqa: S311 - no secret
    yield _measured("as it is", field, strengths, culprits)
    longer = [(f"every axis +{more}", dict.fromkeys(field.axes, more)) for more in GROWTH]
    longer += [(f"{axis} +{GROWTH[-1]}", {axis: GROWTH[-1]}) for axis in field.axes]
    for name, by in longer:
        yield _measured(name, replace(grown(field, by), released=field.released), strengths, culprits)


def tell(measured: Iterable[Grown], console: Console) -> None:
    """Print the table."""
    table = Table(box=None)
    asked = ("cells, all works", "s", "cells, causes planted", "s", "one at a time", "all rows")
    for heading in ("field", "pairs", "rows", "s", *asked):
        table.add_column(
            heading, justify="left" if heading == "field" else "right", no_wrap=heading == "field"
        )
    for each in measured:
        plans = ((each.rows, each.seconds), *((of.cells, of.seconds) for of in (each.sound, each.broken)))
        told = (word for size, seconds in plans for word in (f"{size:,}", f"{seconds:.1f}"))
        table.add_row(each.name, f"{each.pairs:,}", *told, f"{each.one_at_a_time:,}", f"{each.product:,}")
    console.print(table)


def _measured(name: str, field: Field, strengths: list[Strength], culprits: tuple[Pins, ...]) -> Grown:
    began = time.process_time()
    rows = len(cover(field, strengths))
    seconds = time.process_time() - began
    hidden = Hidden(field=field, culprits=culprits)
    return Grown(
        name=name,
        pairs=len(field.pairs),
        rows=rows,
        seconds=seconds,
        sound=_asked(Hidden(field=field, culprits=())),
        broken=_asked(hidden),
        one_at_a_time=hidden.one_at_a_time,
        product=count_product(field).admitted,
    )


def _asked(hidden: Hidden) -> Asked:
    began = time.process_time()
    cells = len(find_out(hidden).trials)
    return Asked(cells=cells, seconds=time.process_time() - began)
