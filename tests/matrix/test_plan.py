from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.matrix.config import Matrix, load_matrix
from harness.matrix.plan import Plan, make_plan, select_cells
from harness.matrix.schema import ConstraintTable, PlanTable
from harness.model import Cell, Resolution

EVERYTHING = ["old@plain", "old@izone", "old-today@plain", "old-today@izone", "new@plain", "new@izone"]

CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "python": st.sets(st.sampled_from(["3.9", "3.13"]), min_size=1).map(tuple),
        "celery": st.sets(st.sampled_from(["4.4.2", "5.7"]), min_size=1).map(tuple),
        "database": st.sets(st.sampled_from(["sqlite", "postgres"]), min_size=1).map(tuple),
    },
).filter(bool)


def ids(cells: tuple[Cell, ...]) -> list[str]:
    return [cell.id for cell in cells]


def constraint(reason: str, **when: tuple[str, ...]) -> ConstraintTable:
    return ConstraintTable(when=when, reason=reason, source="https://example.org/why")


def planned(matrix: Matrix, *constraints: ConstraintTable) -> Plan:
    return make_plan(replace(matrix, constraints=constraints), "default")


@given(st.lists(CONDITIONS, max_size=3))
def test_a_cell_is_left_out_exactly_when_a_constraint_names_all_it_asks(
    matrix: Matrix, conditions: list[dict[str, tuple[str, ...]]]
) -> None:
    plan = planned(matrix, *(constraint(str(number), **when) for number, when in enumerate(conditions)))

    def left_out(cell: Cell) -> bool:
        has = {**cell.stack.pins, "database": cell.profile.database}
        return any(all(has[key] in values for key, values in when.items()) for when in conditions)

    assert not any(map(left_out, plan.cells))
    assert all(left_out(excluded.cell) for excluded in plan.excluded)
    assert sorted(ids((*plan.cells, *(each.cell for each in plan.excluded)))) == sorted(EVERYTHING)


@given(st.lists(CONDITIONS, max_size=1))
def test_cells_are_in_the_order_of_the_file(
    matrix: Matrix, conditions: list[dict[str, tuple[str, ...]]]
) -> None:
    plan = planned(matrix, *(constraint("r", **when) for when in conditions))
    assert ids(plan.cells) == [cell for cell in EVERYTHING if cell in ids(plan.cells)]


def test_a_cell_is_left_out_for_the_first_reason_that_applies(matrix: Matrix) -> None:
    plan = planned(
        matrix,
        constraint("old", python=("3.9",), django=("1.*", "2.*")),
        constraint("unpinned", python=("3.1*",), celery=("[*]",)),
        constraint("new", python=("3.13",)),
    )
    assert plan.cells == ()
    assert [each.reason for each in plan.excluded] == ["old"] * 4 + ["unpinned"] * 2


def test_a_plan_names_stacks_and_profiles_by_globs(matrix: Matrix) -> None:
    plan = make_plan(matrix, "small")
    assert (plan.name, ids(plan.cells)) == ("small", ["old@plain", "old-today@plain"])


def test_a_plan_may_name_its_stacks_in_any_order(matrix: Matrix) -> None:
    backwards = PlanTable(reason="r", stacks=("old-today", "old"), profiles=("*",))
    plan = make_plan(replace(matrix, plans={"backwards": backwards}), "backwards")
    assert ids(plan.cells) == EVERYTHING[:4]


def test_a_plan_that_is_not_there_is_told_the_nearest(matrix: Matrix) -> None:
    with pytest.raises(UsageError, match="no plan is called 'smal'; did you mean 'small'"):
        make_plan(matrix, "smal")


def test_cells_are_selected_by_id(matrix: Matrix) -> None:
    plan = make_plan(matrix, "default")
    assert ids(select_cells(plan, ["*@izone", "old@*"])) == ["old@plain", "old@izone", "old-today@izone"]
    assert select_cells(plan, []) == plan.cells


def test_a_glob_that_selects_no_cell_of_the_plan_is_told(matrix: Matrix) -> None:
    with pytest.raises(UsageError, match="'new@plain' matches no cell of the plan 'default'"):
        select_cells(make_plan(matrix, "default"), ["old@*", "new@plain"])


@pytest.mark.parametrize(
    ("cells", "more"),
    [((), []), (("new@izone",), ["new@izone"]), (("*@izone",), ["old-today@izone", "new@izone"])],
)
def test_a_plan_may_name_cells_besides_its_product(
    matrix: Matrix, cells: tuple[str, ...], more: list[str]
) -> None:
    table = PlanTable(reason="r", stacks=("old",), profiles=("*",), cells=cells)
    plan = make_plan(replace(matrix, constraints=(), plans={"default": table}), "default")
    assert ids(plan.cells) == [cell for cell in EVERYTHING if cell in {"old@plain", "old@izone", *more}]


def test_the_gate_has_every_version_that_something_resolved_today_has() -> None:
    matrix = load_matrix(Path(__file__).parents[2] / "matrix.toml")
    today = [
        cell for cell in make_plan(matrix, "default").cells if cell.stack.resolution is not Resolution.ERA
    ]
    gate = make_plan(matrix, "gate")
    for axis in matrix.axes:
        # Of the article's pins one Python is enough.
        wanted = {
            cell.stack.pins[axis] for cell in today if axis != "python" or not cell.id.startswith("izone")
        }
        assert wanted <= {cell.stack.pins[axis] for cell in gate.cells}, axis
    assert (gate.attempts, len(gate.cells) <= 20) == (2, True)
