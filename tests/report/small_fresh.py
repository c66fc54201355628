"""A small plan that just installs, and results of every kind for it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from harness.matrix.config import Matrix, parse_matrix
from harness.matrix.field import Field
from harness.matrix.fresh import fresh_stacks
from harness.matrix.plan import Plan, make_plan
from harness.matrix.releases import Releases, make_field
from harness.model import (
    Cell,
    CellResult,
    CheckResult,
    Expectation,
    Failure,
    Installer,
    Lock,
    Reason,
    Release,
    Settled,
    Stage,
    Status,
)
from harness.report.fresh import FreshView, Subject, make_fresh_view
from tests.values import FAILED, HEADER, PASSED, RESULT

MATRIX_TEXT = """\
[axes.python]
values = ["3.8", "3.9", "3.12"]

[axes.django]
values = ["2.2", "5.2", "6.1"]

[axes.celery]
values = ["5.6", "5.7"]

[axes.django-celery-beat]
values = ["2.1", "2.9"]

[axes.redis]
values = ["6.4", "8.1"]

[profiles.plain]
reason = "the defaults"
settings = { USE_TZ = true }

[stacks.other]
reason = "another"
python = "3.9"
django = "2.2"
celery = "5.6"
django-celery-beat = "*"
redis = "*"

[plans.fresh]
reason = "what one gets"
profiles = ["plain"]
each = "django"
installers = ["uv", "pip"]

[plans.fresh.styles]
"celery+redis" = ["celery", "django-celery-beat", "redis"]
extra = ["celery[redis]", "django-celery-beat"]
"""

MATRIX: Matrix = parse_matrix(MATRIX_TEXT)


def _release(version: str, day: date, python: str, *requires: str) -> Release:
    return Release(version=version, uploaded=day, requires_python=python, requires=requires)


RELEASES = Releases(
    packages={
        "django": (
            _release("2.2.28", date(2022, 4, 11), ">=3.5"),
            _release("5.2.19", date(2026, 10, 1), ">=3.10"),
            _release("6.1.3", date(2026, 11, 3), ">=3.12"),
        ),
        "celery": (
            _release("5.6.3", date(2026, 3, 26), ">=3.9"),
            _release("5.7.0", date(2026, 11, 5), ">=3.10"),
        ),
        "django-celery-beat": (
            _release("2.1.0", date(2020, 10, 20), "", "Django>=2.2"),
            _release("2.9.0", date(2026, 2, 28), ">=3.8", "Django>=2.2,<6.1"),
        ),
        "redis": (
            _release("6.4.0", date(2025, 8, 7), ">=3.8"),
            _release("8.1.0", date(2026, 7, 30), ">=3.10"),
        ),
    }
)

_PACKAGING = Failure(
    stage=Stage.WORKER,
    reason=Reason.MISSING_MODULE,
    detail="packaging",
    excerpt="Traceback:\nModuleNotFoundError: No module named 'packaging'",
    log="worker.log",
)
_BUILD = Failure(
    stage=Stage.RESOLVE,
    reason=Reason.SOURCE_BUILD,
    detail="django-celery-beat",
    excerpt="error: Failed to build `django-celery-beat==2.6.0`",
    log="resolve.log",
)
_CONFLICT = replace(_BUILD, reason=Reason.CONFLICT, detail="celery/vine", excerpt="celery needs vine")
_CAVEAT = CheckResult(
    id="row_describes_task",
    stage=Stage.TASK,
    status=Status.FAILED,
    seconds=1.0,
    caveat="the admin shows no name of a task",
    failure=replace(_PACKAGING, stage=Stage.TASK, reason=Reason.CHECK, detail="row_describes_task"),
)
_KNOWN = Expectation(
    cells=("other@plain",),
    signature="worker:missing-module:packaging",
    reason="kombu does not declare it",
    link="https://example.org/2524",
    expires=date(2027, 5, 31),
)


def plan() -> Plan:
    return make_plan(MATRIX, "fresh", fresh_stacks("fresh", MATRIX, _field()))


def results() -> Iterator[CellResult]:
    """Of every kind one, and Django 2.2 on 3.12 has not been run."""
    yield from _both("fresh-3.8-2.2-celery+redis", failure=_BUILD)
    yield from _both("fresh-3.8-2.2-extra", failure=_BUILD)
    # Alike in all ways, with versions quietly old.
    old = _lock("3.9", "celery==5.6.3", "django==2.2.28", "django-celery-beat==2.9.0", "redis==6.4.0")
    yield from _same("fresh-3.9-2.2-celery+redis", old)
    yield from _same("fresh-3.9-2.2-extra", old)
    # Depends on how it is written.
    new = _lock("3.12", "celery==5.7.0", "django==5.2.19", "django-celery-beat==2.9.0", "redis==8.1.0")
    yield from _same("fresh-3.12-5.2-celery+redis", new, failure=_PACKAGING)
    with_packaging = replace(new, distributions=(*new.distributions, "packaging==26.3"))
    yield from _same("fresh-3.12-5.2-extra", with_packaging)
    # Pip chooses otherwise, and something quietly old; of the extra nothing is known by pip.
    without_cap = _lock("3.12", "celery==5.7.0", "django==6.1.3", "django-celery-beat==2.1.0", "redis==6.4.0")
    yield _result("fresh-3.12-6.1-celery+redis", lock=without_cap)
    yield _result("fresh-3.12-6.1-celery+redis-pip", failure=_CONFLICT)
    yield _result("fresh-3.12-6.1-extra", lock=without_cap)
    yield from list(_same("fresh-3.12-6.1-extra", new))[1:]


def view() -> FreshView:
    known = {result.cell: result for result in results()}
    return make_fresh_view(plan().cells, known, subject(), machine=HEADER.machine)


def nothing() -> FreshView:
    """Before anything was run."""
    return make_fresh_view(plan().cells, {}, subject(), machine=None)


def subject() -> Subject:
    return Subject(plan="fresh", axis="django", field=_field(), releases=RELEASES, expectations=(_KNOWN,))


def _field() -> Field:
    return make_field({axis: table.values for axis, table in MATRIX.axes.items()}, RELEASES)


def _lock(python: str, *distributions: str) -> Lock:
    return Lock(distributions=distributions, python=f"{python}.1")


def _cell(stack: str) -> Cell:
    return next(cell for cell in plan().cells if cell.stack.name == stack)


def _result(stack: str, *, lock: Lock | None = None, failure: Failure | None = None) -> CellResult:
    cell = _cell(stack)
    attempt = replace(FAILED, failure=failure) if failure else replace(PASSED, checks=(_CAVEAT,))
    return replace(
        RESULT,
        cell=cell.id,
        pins=cell.stack.pins,
        lock=lock,
        attempts=(attempt,),
        settled=Settled.REPEATED,
        installer=cell.stack.installer,
        pip="23.0.1" if cell.stack.installer is Installer.PIP else None,
    )


def _both(stack: str, *, failure: Failure) -> Iterator[CellResult]:
    yield _result(stack, failure=failure)
    yield _result(f"{stack}-pip", failure=failure)


def _same(stack: str, lock: Lock, *, failure: Failure | None = None) -> Iterator[CellResult]:
    yield _result(stack, lock=lock, failure=failure)
    by_pip = _result(f"{stack}-pip", lock=lock)
    yield replace(by_pip, attempts=(), settled=Settled.SAME, skipped="pip chooses what uv chooses")
