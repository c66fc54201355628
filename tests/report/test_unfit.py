"""Failures explained by versions that never go together, in a small field."""

from dataclasses import replace

import pytest

from harness.matrix.field import Pins
from harness.model import CellResult, Failure, Reason, Stage
from harness.pairs.knowledge import Knowledge
from harness.pairs.verdicts import know
from harness.report.unfit import Unfit, unfit
from tests.report.small_field import (
    CELERY_5_1,
    CELERY_5_2,
    CELERY_5_3,
    CELERY_5_4,
    DJANGO_3_2,
    DJANGO_4_2,
    DJANGO_5_2,
    FIELD,
    PYTHON_3_8,
    PYTHON_3_13,
    trials,
)
from tests.values import FAILED, RESULT

IMPORT_ERROR = Failure(
    stage=Stage.BEAT, reason=Reason.RAISED, detail="ImportError", excerpt="", log="beat.log"
)


@pytest.fixture(scope="module")
def today() -> Knowledge:
    return know(FIELD, trials()).today


def failing(cell: str, pins: Pins, failure: Failure = IMPORT_ERROR) -> CellResult:
    return replace(RESULT, cell=cell, pins=dict(pins), attempts=(replace(FAILED, failure=failure),))


def test_a_pair_explains_what_fails_in_its_way(today: Knowledge) -> None:
    cells = [
        failing("a@izone", (PYTHON_3_13, DJANGO_5_2, CELERY_5_3)),
        failing("b@izone", (DJANGO_5_2, CELERY_5_3)),
        failing("other-pins@izone", (PYTHON_3_13, DJANGO_4_2, CELERY_5_3)),
        failing(
            "otherwise@izone",
            (PYTHON_3_13, DJANGO_5_2, CELERY_5_3),
            replace(IMPORT_ERROR, reason=Reason.EXITED),
        ),
    ]
    [found] = unfit(cells, today)
    assert found.pins == (DJANGO_5_2, CELERY_5_3)
    assert found.signature == "beat:raised:ImportError"
    assert found.cells == ("a@izone", "b@izone")
    assert set(found.shown_by) >= {"3.13-5.2-5.3-2.8@startproject"}


def test_what_works_instead_is_the_nearest_on_either_side(today: Knowledge) -> None:
    [found] = unfit([failing("a@izone", (DJANGO_5_2, CELERY_5_3))], today)
    # Django 5.2 with Celery 5.2 is unresolvable where Django 5.2 runs at all, and 5.1 never works.
    assert found.instead == ((DJANGO_4_2, CELERY_5_3), (DJANGO_5_2, CELERY_5_4))


def test_a_value_that_never_works_explains_all_its_rows(today: Knowledge) -> None:
    raised = replace(IMPORT_ERROR, stage=Stage.WORKER, detail="TypeError")
    [found] = unfit([failing("a@izone", (PYTHON_3_8, DJANGO_3_2, CELERY_5_1), raised)], today)
    assert found.pins == (CELERY_5_1,)
    assert found.instead == ((CELERY_5_2,),)


def test_without_causes_nothing_is_explained() -> None:
    found: tuple[Unfit, ...] = unfit([failing("a@izone", (DJANGO_5_2, CELERY_5_3))], know(FIELD, []).today)
    assert found == ()
