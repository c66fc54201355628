"""A few records, and what people may ask about them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from harness.answers.facts import gather
from harness.answers.fitting import Asked, asked_on
from harness.answers.projects.project import Project
from harness.answers.projects.requirements import parse_requirements
from harness.matrix.releases import Releases
from harness.model import (
    Attempt,
    CellResult,
    CheckResult,
    Failure,
    Lock,
    Reason,
    Release,
    Resolution,
    Settled,
    Stage,
    Status,
)
from harness.records.store import Run
from harness.report.check.verdicts import Judging
from tests.values import FAILED_CHECK, FOOTER, HEADER, PASSED, RESULT

PACKAGES = ("django", "celery", "django-celery-beat")
STARTPROJECT: Mapping[str, bool | str] = {
    "USE_TZ": True,
    "TIME_ZONE": "UTC",
    "CELERY_ENABLE_UTC": True,
    "CELERY_TIMEZONE": "",
    "DJANGO_CELERY_BEAT_TZ_AWARE": True,
}
ARTICLES: Mapping[str, bool | str] = {
    "USE_TZ": False,
    "TIME_ZONE": "Asia/Shanghai",
    "CELERY_ENABLE_UTC": False,
    "CELERY_TIMEZONE": "Asia/Shanghai",
    "DJANGO_CELERY_BEAT_TZ_AWARE": False,
}
NO_MODULE = Failure(
    stage=Stage.WORKER,
    reason=Reason.MISSING_MODULE,
    detail="packaging",
    excerpt="ModuleNotFoundError: No module named 'packaging'",
    log="worker.log",
)
CONFLICT = Failure(
    stage=Stage.RESOLVE, reason=Reason.CONFLICT, detail="", excerpt="no solution found", log="resolve.log"
)
CAVEAT: CheckResult = replace(FAILED_CHECK, caveat="a clocked task does not run at its instant")

# By package, its releases: version, Pythons, what they require.
_DECLARED: Mapping[str, Sequence[tuple[str, str, tuple[str, ...]]]] = {
    "django": [("3.2.25", ">=3.6", ()), ("4.2.16", ">=3.8", ()), ("5.2.8", ">=3.10", ())],
    "celery": [("5.3.6", ">=3.8", ()), ("5.4.0", ">=3.8", ())],
    "django-celery-beat": [("2.6.0", ">=3.8", ("Django<5.1",)), ("2.7.0", ">=3.8", ("Django<5.2",))],
}
RELEASES = Releases(
    packages={
        name: tuple(
            Release(version=version, uploaded=date(2024, 1, 1), requires_python=python, requires=requires)
            for version, python, requires in every
        )
        for name, every in _DECLARED.items()
    }
)


def ran(  # noqa: PLR0913 - a record has many sides
    name: str,
    lock: str,
    *,
    asked: str = "",
    python: str = "3.11",
    failure: Failure | None = None,
    caveats: tuple[CheckResult, ...] = (CAVEAT,),
    resolution: Resolution = Resolution.TODAY,
    settings: Mapping[str, bool | str] = STARTPROJECT,
) -> CellResult:
    """A cell by what was installed, "django==4.2.16 celery==5.3.6 …", and what was asked for if not that."""
    attempt = replace(PASSED, checks=caveats)
    if failure is not None:
        attempt = Attempt(number=1, status=Status.FAILED, seconds=1, failure=failure)
    distributions, lines = tuple(lock.split()), tuple((asked or lock).split())
    date_ = date(2024, 6, 1) if resolution is Resolution.ERA else None
    return replace(
        RESULT,
        cell=f"{name}@{'articles' if settings is ARTICLES else 'startproject'}",
        pins={
            "python": python,
            **{line.partition("==")[0]: line.partition("==")[2] or "*" for line in lines},
        },
        requirements=lines,
        resolution=resolution,
        settings=settings,
        lock=Lock(distributions=distributions, python=f"{python}.4", index_date=date_) if lock else None,
        attempts=(attempt,) if failure is None else (attempt, replace(attempt, number=2)),
        settled=Settled.CLEAN if failure is None else Settled.REPEATED,
    )


def judging(*results: CellResult) -> Judging:
    """Ready to be asked about them."""
    run = Run(path=Path(), header=HEADER, results=results, footer=FOOTER, unreadable=0)
    return Judging(gather([run], ("python", *PACKAGES)), releases=RELEASES, packages=PACKAGES)


def project(text: str) -> Project:
    """A project with such a requirements file."""
    read, mistakes = parse_requirements("requirements.txt", lambda _: text)
    assert not mistakes
    return read


def asked(text: str, python: str = "3.11") -> Asked:
    """What a requirements file of these words asks for, one word a line."""
    return asked_on(project("\n".join(text.split())), python, PACKAGES)
