"""A small field with upper caps, and results of it that leave everything to be told."""

from collections.abc import Iterator
from dataclasses import replace

from harness.matrix.field import Declaration, Field, Pins
from harness.model import Attempt, CellResult, Failure, Lock, Reason, Resolution, Settled, Stage
from harness.pairs.cells import cell_of
from harness.pairs.forced import know_forced
from harness.pairs.knowledge import Knowledge
from harness.pairs.trials import trials_of
from harness.pairs.verdicts import FieldKnowledge, know
from tests.values import FAILED, FAILED_CHECK, PASSED, PROFILE, RESULT

_BEAT = "django-celery-beat"
_2_7 = Declaration(text=f"{_BEAT} 2.7 declares Django>=3.2,<5.2", upper_cap_only=True)
_2_8 = Declaration(text=f"{_BEAT} 2.8 declares Django>=3.2,<6.0", upper_cap_only=True)
_2_9 = Declaration(text=f"{_BEAT} 2.9 declares Django>=6.0,<6.1", upper_cap_only=True)

FIELD = Field(
    axes={
        "python": ("3.12",),
        "django": ("5.1", "5.2", "6.0", "6.1"),
        "celery": ("5.4", "5.5"),
        _BEAT: ("2.7", "2.8", "2.9"),
    },
    forbidden={
        (("django", "5.1"), (_BEAT, "2.9")): Declaration(text=_2_9.text),
        (("django", "5.2"), (_BEAT, "2.9")): Declaration(text=_2_9.text),
        (("django", "5.2"), (_BEAT, "2.7")): _2_7,
        (("django", "6.0"), (_BEAT, "2.7")): _2_7,
        (("django", "6.1"), (_BEAT, "2.7")): _2_7,
        (("django", "6.0"), (_BEAT, "2.8")): _2_8,
        (("django", "6.1"), (_BEAT, "2.8")): _2_8,
        (("django", "6.1"), (_BEAT, "2.9")): _2_9,
    },
)
_RAISED = Failure(
    stage=Stage.BEAT,
    reason=Reason.IMPORT_NAME,
    detail="django/gone",
    excerpt="ImportError: cannot import name 'gone'\nfrom 'django'",
    log="beat.log",
)
_BROKEN = replace(FAILED, failure=_RAISED)
LATE = replace(PASSED, checks=(replace(FAILED_CHECK, caveat="a crontab is late"),))


def row(django: str, celery: str, beat: str) -> Pins:
    """A row of the field."""
    return (("python", "3.12"), ("django", django), ("celery", celery), (_BEAT, beat))


def result(
    pins: Pins,
    attempt: Attempt,
    resolution: Resolution = Resolution.OVERRIDE,
    lines: tuple[str, ...] = (),
) -> CellResult:
    """What came of a row."""
    cell = cell_of(pins, PROFILE, resolution, "", lines)
    locked = tuple(f"{axis}=={value}.1" for axis, value in pins if axis != "python")
    return replace(
        RESULT,
        cell=cell.id,
        pins=dict(pins),
        requirements=lines,
        resolution=resolution,
        lock=Lock(distributions=locked, python="3.12.1"),
        attempts=(attempt, attempt),
        seconds=2.0,
        settled=Settled.REPEATED,
    )


def _results() -> Iterator[CellResult]:
    for celery in ("5.4", "5.5"):
        for django in ("5.1", "5.2"):
            yield result(row(django, celery, "2.8"), PASSED, Resolution.TODAY)
        yield result(row("5.1", celery, "2.7"), PASSED, Resolution.TODAY)
        yield result(row("6.0", celery, "2.9"), _BROKEN, Resolution.TODAY)
        yield result(row("6.0", celery, "2.9"), _BROKEN, Resolution.ERA)
        yield result(row("6.0", celery, "2.7"), LATE)
        yield result(row("6.1", celery, "2.7"), _BROKEN)
    yield result(row("5.2", "5.5", "2.7"), PASSED)
    yield result(row("6.0", "5.5", "2.8"), PASSED)
    yield result(row("6.1", "5.5", "2.8"), _BROKEN)
    yield result(row("6.1", "5.5", "2.9"), PASSED, lines=("packaging",))


def results() -> dict[str, CellResult]:
    """By cell, all of them."""
    return {each.cell: each for each in _results()}


def plain() -> FieldKnowledge:
    """What is known as installed."""
    return know(FIELD, trials_of(_results(), FIELD))


def forced() -> Knowledge:
    """What is known beyond the caps."""
    return know_forced(plain(), trials_of(_results(), FIELD, forced=True))
