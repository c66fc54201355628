"""Small fields, to be held against all of their rows."""

from collections.abc import Iterable
from itertools import combinations, product

from hypothesis import strategies as st

from harness.matrix.field import Field, Pins
from tests.pairs.simulated import Hidden, plant

SIZES = (3, 4, 4, 3, 5)


@st.composite
def fields(draw: st.DrawFn) -> Field:
    """Up to four axes of up to three values."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    return Field(
        axes={f"axis-{axis}": tuple(f"{axis}.{n}" for n in range(size)) for axis, size in enumerate(sizes)},
        forbidden={},
    )


def parts(field: Field, largest: int = 3) -> st.SearchStrategy[Pins]:
    """A part of a row: so many pins at most."""
    strengths = range(1, min(largest, len(field.axes)) + 1)
    return st.sampled_from([part for strength in strengths for part in field.tuples(strength)])


def rows_without(field: Field, obstacles: Iterable[Pins], having: Pins = ()) -> set[Pins]:
    """Every row that has some pins and no obstacle, by looking at all."""
    every = (tuple(zip(field.axes, values, strict=True)) for values in product(*field.axes.values()))
    bad = [set(each) for each in obstacles]
    return {row for row in every if set(having) <= set(row) and not any(each <= set(row) for each in bad)}


def pairs_of(rows: Iterable[Pins]) -> set[Pins]:
    """Every pair in some rows."""
    return {pair for row in rows for pair in combinations(row, 2)}


@st.composite
def hidden_fields(draw: st.DrawFn) -> Hidden:
    """Small fields with culprits of one, two and three pins."""
    culprits = draw(st.lists(st.sampled_from([1, 2, 2, 2, 3, 3]), max_size=8))
    return plant(
        SIZES,
        forbidden=draw(st.sampled_from([0.0, 0.1, 0.2])),
        culprits=culprits,
        seed=draw(st.integers(min_value=0, max_value=10_000)),
    )
