import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import MatrixError
from harness.matrix.config import parse_matrix
from harness.matrix.plan import make_plan
from tests.values import MATRIX

# One edit of MATRIX each, and the mistake it makes.
EDITS = {
    "resolution.grace-days: ": ("[profiles.plain]", "[resolution]\ngrace-days = -1\n[profiles.plain]"),
    "stack: no such key; ": ("[stacks.old]", "[stack.young]\n[stacks.old]"),
    "axes.celery.values: 'five' is no version; ": ('"5.7"', '"five"'),
    "stacks.old-today.like: no stack is called 'odl'; ": ('like = "old"', 'like = "odl"'),
    "stacks.old.celery: '4.4' is not a value of axes.celery; ": ('celery = "4.4.2"', 'celery = "4.4"'),
    "stacks.new.extras.celry: no such axis; ": ("{ celery =", "{ celry ="),
    "stacks.new.requirements: 'redis=>5' is no requirement": ('"redis>=5"', '"redis=>5"'),
    "constraints.0.when.pyton: neither an axis nor a profile key; ": ("when = { python", "when = { pyton"),
    "plans.small.profiles: 'plan' names no profile; ": ('["plain"]', '["plan"]'),
    "expectations.0.cells: 'odl@*' names no cell; ": ('"old@*"', '"odl@*"'),
}


SETTLING = (
    MATRIX
    + """
[plans.field]
reason = "all pairs"
stacks = ["old"]
"""
)


@pytest.mark.parametrize(
    ("keys", "mistake"),
    [
        ('profiles = ["*"]\nsettle-pairs = true', "plans.field.profiles: name one; "),
        (
            'profiles = ["plain"]\ncover = ["python", "django", "celery"]',
            "plans.field.cover: takes three axes",
        ),
        (
            'profiles = ["plain"]\nsettle-pairs = true\ncover = ["python", "celery"]',
            "plans.field.cover: takes three axes",
        ),
        (
            'profiles = ["plain"]\nsettle-pairs = true\ncover = ["python", "djnago", "celery"]',
            "plans.field.cover: no such axis; did you mean 'django'?",
        ),
    ],
)
def test_what_a_plan_that_settles_pairs_cannot_do(keys: str, mistake: str) -> None:
    with pytest.raises(MatrixError) as raised:
        parse_matrix(SETTLING + keys)
    [told] = raised.value.problems
    assert told.startswith(mistake)


def test_what_a_plan_beyond_the_caps_cannot_do() -> None:
    plan = """
[plans.caps]
reason = "all caps"
stacks = ["old"]
cells = ["old@plain"]
profiles = ["*"]
settle-pairs = false
over-caps = true
"""
    with pytest.raises(MatrixError) as raised:
        parse_matrix(MATRIX + plan)
    assert raised.value.problems == (
        "plans.caps.profiles: name one; every row of a plan with over-caps is run under it",
        "plans.caps.stacks: takes a plan without over-caps",
        "plans.caps.cells: takes a plan without over-caps",
    )


def test_a_plan_beyond_the_caps_names_no_stacks() -> None:
    plan = '\n[plans.caps]\nreason = "all caps"\nprofiles = ["plain"]\nover-caps = true\n'
    made = make_plan(parse_matrix(MATRIX + plan), "caps")
    assert made.cells == ()
    assert made.over_caps == made.row_profile == parse_matrix(MATRIX).profiles["plain"]
    assert not made.expects


@given(st.sets(st.sampled_from(sorted(EDITS)), min_size=1))
def test_every_mistake_is_told_once_whatever_the_others_are(mistakes: set[str]) -> None:
    text = MATRIX
    for mistake in mistakes:
        text = text.replace(*EDITS[mistake], 1)
    with pytest.raises(MatrixError) as raised:
        parse_matrix(text)
    told = raised.value.problems
    assert len(told) == len(mistakes)
    assert all(any(problem.startswith(mistake) for problem in told) for mistake in mistakes)
