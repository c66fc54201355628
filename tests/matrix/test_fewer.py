from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.bits import BitField
from harness.matrix.fewer import fewer, least
from harness.matrix.field import Field
from harness.matrix.filling import OpenGoals
from tests.matrix.covered import uncovered
from tests.matrix.fields import PAIRS, fields


@given(fields(), st.sampled_from([[PAIRS], [(3, None)], [PAIRS, (3, ("axis-0", "axis-1", "axis-2"))]]))
def test_fewer_rows_have_the_same_goals(
    field: Field, strengths: list[tuple[int, tuple[str, ...] | None]]
) -> None:
    rows = [dict(zip(field.axes, values, strict=True)) for values in product(*field.axes.values())]
    bits = BitField(field=field)
    goals = bits.goals(strengths)
    allowed = [bits.bits(row) for row in rows if not field.why_not(row)]
    left = fewer(allowed, goals, bits, OpenGoals(bits, {}, {}))
    assert uncovered(field, map(bits.row, left), strengths) == ()
    assert least(goals, bits) <= len(left) <= len(allowed)


def test_three_values_of_four_axes_need_nine_rows() -> None:
    field = Field(axes=dict.fromkeys("abcd", ("0", "1", "2")), forbidden={})
    bits = BitField(field=field)
    goals = bits.goals([PAIRS])
    everything = [bits.bits(dict(zip("abcd", values, strict=True))) for values in product("012", repeat=4)]
    assert least(goals, bits) == 9
    assert len(fewer(everything, goals, bits, OpenGoals(bits, {}, {}))) == 9
