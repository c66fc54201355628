"""A small field, and trials of it that leave every verdict to be told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations, product

from harness.matrix.field import Declaration, Field, Pins
from harness.matrix.question import make_requirement
from harness.model import Attempt, CellResult, Failure, Lock, Reason, Resolution, Stage, Status
from harness.pairs.trials import Outcome, Trial
from harness.pairs.verdicts import FieldKnowledge, know
from tests.values import ERRORED, FAILED, PASSED, RESULT

PYTHON_3_8, PYTHON_3_13 = ("python", "3.8"), ("python", "3.13")
DJANGO_3_2, DJANGO_4_2, DJANGO_5_2 = (("django", series) for series in ("3.2", "4.2", "5.2"))
CELERY_5_1, CELERY_5_2, CELERY_5_3 = (("celery", series) for series in ("5.1", "5.2", "5.3"))
CELERY_5_4, CELERY_5_5 = ("celery", "5.4"), ("celery", "5.5")
BEAT_2_5, BEAT_2_8 = ("django-celery-beat", "2.5"), ("django-celery-beat", "2.8")

FIELD = Field(
    axes={
        "python": ("3.8", "3.13"),
        "django": ("3.2", "4.2", "5.2"),
        "celery": ("5.1", "5.2", "5.3", "5.4", "5.5"),
        "django-celery-beat": ("2.5", "2.8"),
    },
    forbidden={
        (PYTHON_3_8, DJANGO_5_2): Declaration(text="django 5.2 declares Python>=3.10"),
        # Together they leave Django 3.2 and Celery 5.5 no django-celery-beat.
        (DJANGO_3_2, BEAT_2_8): Declaration(text="django-celery-beat 2.8 requires Django>=4.2"),
        (CELERY_5_5, BEAT_2_5): Declaration(text="django-celery-beat 2.5 requires celery<5.5"),
    },
)

# What fails: the pins, how, and whether it does so with pins, too.
PLANTED: tuple[tuple[Pins, Outcome, str, bool], ...] = (
    ((CELERY_5_1,), Outcome.FAILED, "worker:raised:TypeError", True),
    ((DJANGO_5_2, CELERY_5_3), Outcome.FAILED, "beat:raised:ImportError", True),
    ((PYTHON_3_13, CELERY_5_2), Outcome.UNRESOLVABLE, "resolve:conflict:celery/vine", True),
    ((PYTHON_3_13, DJANGO_3_2), Outcome.FAILED, "worker:raised:ImportError", False),
)
UNTRIED: Pins = (DJANGO_4_2, CELERY_5_4)
TRIED_ONCE: Pins = (DJANGO_4_2, CELERY_5_5)
WITH_CAVEATS: Pins = (DJANGO_3_2, CELERY_5_2)


def trials() -> Iterator[Trial]:
    for pins in rows():
        if pins[1:3] == TRIED_ONCE:
            if pins[0] == PYTHON_3_13:
                yield trial(pins, Outcome.FAILED, "beat:not-ready", as_installed=True)
            continue
        planted = next((each for each in PLANTED if set(each[0]) <= set(pins)), None)
        if planted is None:
            good = Outcome.CAVEATS if set(WITH_CAVEATS) <= set(pins) else Outcome.PASSED
            yield trial(pins, good, as_installed=True)
        else:
            yield trial(pins, planted[1], planted[2], as_installed=True)
            yield trial(pins, planted[1] if planted[3] else Outcome.PASSED, planted[2], as_installed=False)


def rows() -> Iterator[Pins]:
    for values in product(*FIELD.axes.values()):
        pins = tuple(zip(FIELD.axes, values, strict=True))
        if not set(combinations(pins, 2)) & {*FIELD.forbidden, UNTRIED}:
            yield pins


def trial(pins: Pins, outcome: Outcome, signature: str = "", *, as_installed: bool) -> Trial:
    name = "-".join(value for _, value in pins)
    return Trial(
        cell=f"{name}{'' if as_installed else '-era'}@startproject",
        pins=pins,
        outcome=outcome,
        as_installed=as_installed,
        signature="" if outcome is Outcome.PASSED else signature,
    )


def knowledge() -> FieldKnowledge:
    return know(FIELD, trials())


def results() -> dict[str, CellResult]:
    """One for each trial, and one of a cell of which the machine kept anything from being known."""
    measured = {each.cell: _result(each) for each in trials()}
    return measured | {"busy@startproject": replace(RESULT, cell="busy@startproject", attempts=(ERRORED,))}


def _result(tried: Trial) -> CellResult:
    era = None if tried.as_installed else date(2024, 1, 31)
    return replace(
        RESULT,
        cell=tried.cell,
        pins=dict(tried.pins),
        extras={"celery": ("redis",)},
        requirements=(*_requirements(tried.pins), *(() if era is None else ("vine<5",))),
        resolution=Resolution.TODAY if era is None else Resolution.ERA,
        lock=Lock(distributions=(), python="3.13.0", index_date=era),
        attempts=(_attempt(tried),),
        seconds=1.0,
    )


def _requirements(pins: Pins) -> Iterator[str]:
    for axis, series in pins:
        if axis != "python":
            yield make_requirement(axis, series, ("redis",) if axis == "celery" else ())


def _attempt(tried: Trial) -> Attempt:
    if tried.outcome is Outcome.PASSED or tried.outcome is Outcome.CAVEATS:
        return PASSED
    stage, reason, *detail = tried.signature.split(":")
    failure = Failure(
        stage=Stage(stage),
        reason=Reason(reason),
        detail=":".join(detail),
        excerpt=f"the decisive line\nof {tried.cell}",
        log="worker.log",
    )
    return replace(FAILED, status=Status.FAILED, failure=failure)
