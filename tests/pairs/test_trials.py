from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.field import Field
from harness.model import CellResult, Failure, Lock, Reason, Resolution, Settled, Stage
from harness.pairs.trials import Outcome, Trial, own_requirements, series_of, trials_of
from tests.values import ERRORED, FAILED, FAILED_CHECK, PASSED, RESULT

FIELD = Field(
    axes={"python": ("3.9", "3.13"), "django": ("3.2", "4.2"), "celery": ("5.2", "5.4")}, forbidden={}
)
PINS = (("python", "3.9"), ("django", "4.2"), ("celery", "5.4"))
LOCK = Lock(distributions=("celery==5.4.0", "django==4.2.16", "vine==5.1.0"), python="3.9.18")
CELL = replace(RESULT, cell="row@plain", pins=dict(PINS), requirements=(), lock=LOCK)
CONFLICT = Failure(
    stage=Stage.RESOLVE, reason=Reason.CONFLICT, detail="celery/vine", excerpt="no", log="resolve.log"
)
UNRESOLVED = replace(
    CELL,
    lock=None,
    attempts=(replace(FAILED, failure=CONFLICT),) * 2,
    settled=Settled.REPEATED,
)
BROKEN = replace(CELL, attempts=(FAILED, FAILED), settled=Settled.REPEATED)
LATE = replace(PASSED, checks=(replace(FAILED_CHECK, caveat="a crontab is late"),))


def trial_of(result: CellResult) -> Trial | None:
    found = list(trials_of([result], FIELD))
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("result", "outcome", "signature"),
    [
        (CELL, Outcome.PASSED, ""),
        (replace(CELL, attempts=(LATE, LATE)), Outcome.CAVEATS, "schedule:check:crontab"),
        (BROKEN, Outcome.FAILED, "worker:exited:worker/1"),
        (UNRESOLVED, Outcome.UNRESOLVABLE, "resolve:conflict:celery/vine"),
    ],
)
def test_a_trial_tells_how_a_row_went(result: CellResult, outcome: Outcome, signature: str) -> None:
    assert trial_of(result) == Trial(
        cell="row@plain", pins=PINS, outcome=outcome, as_installed=True, signature=signature
    )


@pytest.mark.parametrize(
    "result",
    [
        replace(CELL, attempts=(FAILED, PASSED)),
        replace(CELL, attempts=(ERRORED,), settled=Settled.MACHINE),
        replace(CELL, attempts=(), settled=Settled.SKIPPED, skipped="no Python 3.9"),
        replace(CELL, resolution=Resolution.OVERRIDE),
        replace(CELL, checks=(Stage.TASK, Stage.SHUTDOWN)),
        replace(CELL, checks=(Stage.SCREEN,)),
    ],
)
def test_what_is_flaky_undetermined_forced_or_hardly_asked_says_nothing(result: CellResult) -> None:
    assert trial_of(result) is None


def test_what_was_forced_is_yielded_where_it_is_asked_for_and_then_alone() -> None:
    forced = replace(CELL, cell="forced@plain", resolution=Resolution.OVERRIDE)
    assert [each.cell for each in trials_of([CELL, forced], FIELD)] == [CELL.cell]
    assert [each.cell for each in trials_of([CELL, forced], FIELD, forced=True)] == [forced.cell]


def test_a_row_is_what_was_installed_as_far_as_the_field_has_it() -> None:
    anything = replace(CELL, pins={"python": "3.9", "django": "4.2", "celery": "*"})
    other = replace(anything, lock=replace(LOCK, distributions=("celery==5.7.0", "django==4.2.16")))
    resolved = trial_of(anything)
    beyond = trial_of(other)
    assert resolved is not None
    assert resolved.pins == PINS
    assert beyond is not None
    assert beyond.pins == PINS[:2]


def test_what_was_asked_for_counts_where_nothing_was_installed() -> None:
    anything = replace(UNRESOLVED, pins={**UNRESOLVED.pins, "celery": "5.2"})
    found = trial_of(anything)
    assert found is not None
    assert found.pins == (*PINS[:2], ("celery", "5.2"))


@pytest.mark.parametrize(
    "further",
    [
        replace(CELL, resolution=Resolution.ERA, lock=replace(LOCK, index_date=date(2024, 1, 31))),
        replace(CELL, requirements=("vine<5",)),
        replace(CELL, pins={**CELL.pins, "django": "4.2.16"}),
        replace(CELL, pins={**CELL.pins, "celery": "*"}),
    ],
)
def test_what_was_chosen_beyond_the_series_is_not_as_installed(further: CellResult) -> None:
    found = trial_of(further)
    assert found is not None
    assert not found.as_installed


def test_a_release_that_works_shows_that_its_series_does_and_one_that_fails_shows_nothing() -> None:
    pins = {**CELL.pins, "django": "4.2.1"}
    works = trial_of(replace(CELL, pins=pins))
    assert works is not None
    assert works.pins == PINS
    assert trial_of(replace(BROKEN, pins=pins)) is None


def test_what_the_pins_stand_for_is_no_requirement_of_ours() -> None:
    requirements = ("django==4.2.*", "celery[redis]==5.4.*", "redis>=5", "vine<5")
    result = replace(CELL, requirements=requirements, extras={"celery": ("redis",)})
    assert own_requirements(result) == ("redis>=5", "vine<5")


def test_a_cell_that_requires_its_series_alone_is_as_installed() -> None:
    found = trial_of(replace(CELL, requirements=("django==4.2.*", "celery==5.4.*")))
    assert found is not None
    assert found.as_installed


@given(
    version=st.lists(st.integers(0, 20), min_size=2, max_size=4),
    series=st.sets(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=9),
)
def test_a_version_belongs_to_the_series_with_its_first_two_numbers(
    version: list[int], series: set[tuple[int, int]]
) -> None:
    found = series_of(".".join(map(str, version)), [f"{one}.{two}" for one, two in series])
    one, two = version[:2]
    assert found == (f"{one}.{two}" if (one, two) in series else None)
