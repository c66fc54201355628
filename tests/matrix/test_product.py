from collections import Counter
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.field import Declaration, Field
from harness.matrix.product import ProductCount, count_product


@st.composite
def fields(draw: st.DrawFn) -> Field:
    """Up to four axes of up to four values, with some of their pairs forbidden by three declarations."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    axes = {f"axis-{number}": tuple(map(str, range(size))) for number, size in enumerate(sizes)}
    pairs = Field(axes=axes, forbidden={}).pairs
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    texts = draw(st.lists(st.sampled_from("xyz"), min_size=len(chosen), max_size=len(chosen)))
    forbidden = {pair: Declaration(text=text) for pair, text in zip(chosen, texts, strict=True)}
    return Field(axes=axes, forbidden=forbidden)


def one_by_one(field: Field) -> ProductCount:
    rows = [dict(zip(field.axes, values, strict=True)) for values in product(*field.axes.values())]
    causes = Counter(map(field.why_not, rows))
    return ProductCount(rows=len(rows), admitted=causes.pop("", 0), forbidden=causes)


@given(fields())
def test_rows_are_counted_as_if_they_were_looked_at_one_by_one(field: Field) -> None:
    assert count_product(field) == one_by_one(field)


@given(fields())
def test_the_numbers_add_up(field: Field) -> None:
    count = count_product(field)
    assert count.admitted + sum(count.forbidden.values()) == count.rows


def test_a_product_that_nobody_could_write_down_is_counted() -> None:
    axes = {f"axis-{number}": tuple(map(str, range(30))) for number in range(12)}
    pair: Any = (("axis-0", "0"), ("axis-11", "0"))
    count = count_product(Field(axes=axes, forbidden={pair: Declaration(text="why")}))
    assert (count.rows, count.forbidden) == (30**12, {"why": 30**10})


def test_the_declaration_that_forbids_most_is_told_first() -> None:
    axes = {"a": ("1", "2"), "b": ("1", "2", "3")}
    few: Any = (("a", "1"), ("b", "1"))
    many: Any = [(("a", "2"), ("b", value)) for value in axes["b"]]
    forbidden = {few: Declaration(text="few"), **dict.fromkeys(many, Declaration(text="many"))}
    assert list(count_product(Field(axes=axes, forbidden=forbidden)).forbidden.items()) == [
        ("many", 3),
        ("few", 1),
    ]
