import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.field import Field
from harness.model import Resolution
from harness.pairs.cells import cell_named, cell_of
from tests.values import PROFILE

FIELD = Field(axes={"python": ("3.9", "3.13"), "django": ("4.2", "6.2a1")}, forbidden={})
PROFILES = {PROFILE.name: PROFILE}


@given(
    st.sampled_from(list(FIELD.tuples(2))),
    st.sampled_from(Resolution),
    st.lists(st.sampled_from(["packaging", "pkg_resources"]), unique=True, max_size=2),
)
def test_a_row_can_be_run_again_by_its_name(
    row: tuple[tuple[str, str], ...], resolution: Resolution, mends: list[str]
) -> None:
    cell = cell_of(row, PROFILE, resolution, "asked for by name", mends)
    assert cell_named(cell.id, FIELD, PROFILES) == cell
    assert cell.stack.pins == dict(row)
    assert cell.stack.requirements == tuple(mends)


def test_its_name_says_all_of_it() -> None:
    cell = cell_of((("python", "3.9"), ("django", "4.2")), PROFILE, Resolution.TODAY, "why", ("packaging",))
    assert cell.id == f"today-3.9-4.2+packaging@{PROFILE.name}"


@pytest.mark.parametrize(
    "name",
    [
        "newest@plain",
        "today-3.9@plain",
        "today-3.9-5.2@plain",
        "soon-3.9-4.2@plain",
        "today-3.9-4.2@other",
        "*",
    ],
)
def test_any_other_name_is_no_rows(name: str) -> None:
    assert cell_named(name, FIELD, {"plain": PROFILE}) is None
