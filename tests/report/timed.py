"""Cells that were asked about time: records of beats that are faultless but for something."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from harness.contract.invariant import Standing, find
from harness.contract.invariants import INVARIANTS
from harness.contract.span import PREFIX, read_spans
from harness.contract.wall import HOUR, from_iso
from harness.model import (
    Attempt,
    Cell,
    CellResult,
    CheckResult,
    Failure,
    Lock,
    Observation,
    Profile,
    Reason,
    Stack,
    Stage,
    Status,
)
from tests.contract.spans import ZONE, faultless, pages, shift
from tests.values import PASSED, RESULT

Spans = dict[str, dict[str, Any]]

SETTINGS: Mapping[str, bool | str] = {
    "USE_TZ": True,
    "TIME_ZONE": "Asia/Shanghai",
    "CELERY_ENABLE_UTC": True,
    "CELERY_TIMEZONE": "",
    "DJANGO_CELERY_BEAT_TZ_AWARE": True,
}
AWARE = Profile(name="aware", reason="both on", settings=SETTINGS)
UNAWARE = replace(AWARE, name="unaware", settings={**SETTINGS, "DJANGO_CELERY_BEAT_TZ_AWARE": False})


def stack(name: str, beat: str, celery: str) -> Stack:
    pins = {"python": "3.9", "django": "4.2", "celery": celery, "django-celery-beat": beat}
    return Stack(name=name, reason="of its time", pins=pins)


def lived(cell: Cell, spoil: Callable[[Spans], object] = lambda _: None) -> CellResult:
    """A cell's result: what would have been observed and checked, but for what was spoilt."""
    spans = faultless()
    spoil(spans)
    observations = tuple(Observation(name=PREFIX + name, data=data) for name, data in spans.items())
    pins = cell.stack.pins
    return replace(
        RESULT,
        cell=cell.id,
        pins=pins,
        settings=cell.profile.settings,
        checks=(Stage.TIME,),
        lock=Lock(
            distributions=tuple(f"{name}=={version}" for name, version in pins.items() if name != "python"),
            python="3.9.18",
        ),
        attempts=(checked(observations),),
    )


def checked(observations: tuple[Observation, ...]) -> Attempt:
    spans = read_spans({each.name: each.data for each in observations})
    findings = [find(invariant, spans) for invariant in INVARIANTS]
    checks = tuple(
        CheckResult(
            id=finding.invariant.id,
            stage=Stage.TIME,
            status=Status.FAILED,
            seconds=0.1,
            caveat=f"not so: {finding.invariant.sentence}",
            failure=Failure(
                stage=Stage.TIME,
                reason=Reason.CHECK,
                detail=finding.invariant.id,
                excerpt=finding.seen,
                log="checks.log",
            ),
        )
        for finding in findings
        if finding.standing is Standing.VIOLATED
    )
    return replace(PASSED, checks=checks, observations=observations)


def late(spans: Spans) -> None:
    """A crontab fires eight hours late."""
    shift(spans["day"], "crontab", 8 * HOUR)
    # What the database has of it would be late, too, and right.
    spans["day"]["results"].pop("crontab")
    spans["day"]["rows"].pop("crontab")
    spans["day"]["pages"] = pages(ZONE, from_iso(spans["day"]["sends"]["crontab"][0][0]))


def refused(spans: Spans) -> None:
    """A crontab cannot be entered."""
    for entry in spans["day"]["entries"]:
        if entry["name"] == "crontab":
            entry["refused"] = "AttributeError: no CHOICES"


def stormy(spans: Spans) -> None:
    """An every-minute crontab storms in two of the nights."""
    for night in ("night Europe/Berlin 2025-10-26", "night America/New_York 2025-11-02"):
        spans[night]["storms"] = {"every-minute": f"fired 25 times in 1.{len(night)} s"}


def deadly(spans: Spans) -> None:
    """Beat dies at the beginning of the day."""
    later = ("one-off", "changes", "restarts", "expires", "start-time")
    for name in (*later, *(each for each in spans if each.startswith("night"))):
        spans.pop(name)
    message = "beat raised exception <class 'TypeError'>"
    spans["day"] |= {"looks": [], "sends": {}, "results": {}, "rows": {}, "planted": {}, "pages": {}}
    spans["day"]["ended"]["beat"] = "exited with code 1"
    spans["day"]["complaints"] = [f"beat: [2028-02-28 23:00:00,134 18.135: CRITICAL/MainProcess] {message}"]
