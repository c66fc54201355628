"""A small world of records: cells of four packages, made by what they had and what came of them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.answers.circumstances import DEFAULTS
from harness.answers.facts import Facts, gather
from harness.contract.resilience import NAME
from harness.model import (
    USUAL_CHECKS,
    Attempt,
    CellResult,
    CheckResult,
    Failure,
    Lock,
    Observation,
    Reason,
    Resolution,
    Settled,
    Stage,
    Status,
)
from harness.records.store import Run
from tests import values

AXES = ("python", "django", "celery", "django-celery-beat", "redis")
NEW = {"django": "5.2.1", "celery": "5.5.0", "django-celery-beat": "2.8.0", "redis": "6.2.0"}
OLD = {"django": "4.2.11", "celery": "5.3.6", "django-celery-beat": "2.6.0", "redis": "5.0.3"}
MISSING = Failure(
    stage=Stage.WORKER,
    reason=Reason.MISSING_MODULE,
    detail="packaging",
    excerpt="No module named 'packaging'",
    log="worker.log",
)


def cell(  # noqa: PLR0913 - what a test may want to be otherwise
    versions: Mapping[str, str] = NEW,
    *,
    python: str = "3.12",
    profile: str = "startproject",
    settings: Mapping[str, bool | str] | None = None,
    name: str = "",
    fails: Failure | None = None,
    caveats: tuple[str, ...] = (),
    stage: Stage = Stage.SCHEDULE,
    checks: tuple[Stage, ...] = USUAL_CHECKS,
    beside: tuple[str, ...] = (),
    lines: tuple[str, ...] = (),
    database: str = "sqlite",
    resolution: Resolution = Resolution.TODAY,
    started: str = "2026-08-01T10:00:00Z",
    seen: Mapping[str, Any] | None = None,
) -> CellResult:
    """A result. `beside` are distributions of its lock that are on no axis, `lines` what asked for them.

    `seen` is what its stage resilience observed.
    """
    pins = {"python": python, **{axis: ".".join(each.split(".")[:2]) for axis, each in versions.items()}}
    stack = name or "-".join((resolution, *pins.values()))
    attempt = Attempt(
        number=1,
        status=Status.FAILED if fails else Status.PASSED,
        seconds=5.0,
        failure=fails,
        checks=tuple(
            CheckResult(
                id=each,
                stage=stage,
                status=Status.FAILED,
                seconds=1.0,
                caveat=f"{each} is not so",
                failure=Failure(
                    stage=stage, reason=Reason.CHECK, detail=each, excerpt=f"{each} seen", log="checks.log"
                ),
            )
            for each in caveats
        ),
        observations=(Observation(name=NAME, data=seen),) if seen is not None else (),
    )
    return replace(
        values.RESULT,
        cell=f"{stack}@{profile}",
        pins=pins,
        requirements=(*(f"{axis}=={pins[axis]}.*" for axis in versions), *lines),
        resolution=resolution,
        settings=settings if settings is not None else DEFAULTS,
        database=database,
        started=started,
        lock=Lock(
            distributions=tuple(sorted([*(f"{axis}=={each}" for axis, each in versions.items()), *beside])),
            python=f"{python}.4",
        ),
        attempts=(attempt,),
        settled=Settled.REPEATED if fails else Settled.CLEAN,
        checks=checks,
    )


def facts(*results: CellResult) -> Facts:
    """The facts of one run with these results."""
    run = Run(path=Path(), header=values.HEADER, results=results, footer=values.FOOTER, unreadable=0)
    return gather([run], AXES)
