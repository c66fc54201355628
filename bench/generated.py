"""Records as runs of the plan `field` would have written them: any number, the same ones each time.

Rows are of the real field, and fail for a few planted causes. A line is as long as those of real runs: locks
of thirty distributions, every check, what the experiments saw; two attempts where something failed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from random import Random

from harness.matrix.field import Field, Pins, in_order
from harness.matrix.question import make_requirement
from harness.model import (
    Attempt,
    Cell,
    CellResult,
    CheckResult,
    ClockKind,
    Failure,
    Lock,
    MachineFacts,
    Observation,
    Profile,
    Reason,
    Resolution,
    RunFooter,
    RunHeader,
    Settled,
    Stage,
    StageResult,
    Status,
)
from harness.pairs.cells import cell_of
from harness.records.codec import encode
from harness.records.store import run_path

PER_RUN = 1000
APART = 20  # seconds between the beginnings of two cells
_SEED = 4
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
# How many causes of one, two and three pins are planted, and how they show themselves.
_CAUSES = (1, 2, 2, 2, 2, 2, 2, 3, 3)
_FAILURES = (
    (Stage.IMPORT, Reason.IMPORT_NAME, "force_unicode/django.utils.encoding"),
    (Stage.IMPORT, Reason.MISSING_ATTRIBUTE, "EntryPoints/get"),
    (Stage.RESOLVE, Reason.CONFLICT, "kombu/vine"),
    (Stage.WORKER, Reason.RAISED, "TypeError"),
    (Stage.BEAT, Reason.EXITED, "beat/1"),
    (Stage.MIGRATE, Reason.MISSING_ATTRIBUTE, "Index/check"),
)
# One release low in the tree breaks many stacks as installed today; a line mends it.
_SHARED, _SHARED_FROM = (Stage.WORKER, Reason.MISSING_MODULE, "packaging"), "5.2"
_SERVER = (Stage.SERVICE, Reason.SERVER, "redis")
# The parts of all cells that are flaky, and that the machine kept from being determined.
_FLAKY, _ERRORED = 0.01, 0.005
# How rows are run: most as of today, some with the line that mends, some as of their own time.
_WAYS: tuple[tuple[Resolution, tuple[str, ...]], ...] = (
    *[(Resolution.TODAY, ())] * 5,
    *[(Resolution.TODAY, ("packaging",))] * 2,
    *[(Resolution.ERA, ())] * 3,
)
_CHECKS = {
    Stage.MIGRATE: ("no_missing_migrations",),
    Stage.WORKER: ("worker_banner", "worker_tasks", "worker_answers"),
    Stage.BEAT: ("beat_banner",),
    Stage.TASK: (
        *("result-delay", "result-args", "result-kwargs", "row", "row_describes_task", "failure"),
        *("failure_traceback", "retry", "instant-countdown", "instant-eta", "expired", "group", "chain"),
        *("chord", "revoke", "cache_backend"),
    ),
    Stage.SCHEDULE: (
        *("first_entry", "interval", "minute_interval", "crontab", "waiting_interval", "clocked"),
        *("clocked_disables_itself", "disabled", "arguments-list", "arguments-dict"),
    ),
    Stage.SHUTDOWN: ("task_in_hand", "worker_exit", "beat_exit", "nothing_left"),
}
_CAVEATS = ("first_entry", "clocked_disables_itself")
_CAVEAT = "a running beat does not notice the first periodic task ever entered, only the second change"
_TASKS = (
    *("revoked", "delay", "args", "kwargs", "failing", "retrying", "expired", "cached", "group", "chain"),
    *("chord", "countdown", "eta"),
)
_TRACEBACK = "Traceback (most recent call last):\n" + 4 * (
    '  File "{cache}/environments/a76b2cea455acb38/lib/python3.9/site-packages/celery/app/trace.py"\n'
)
_BESIDE = (
    *("amqp", "asgiref", "backports-zoneinfo", "billiard", "cached-property", "click", "click-didyoumean"),
    *("click-plugins", "click-repl", "cron-descriptor", "django-timezone-field", "importlib-metadata"),
    *("importlib-resources", "kombu", "prompt-toolkit", "python-crontab", "python-dateutil", "pytz", "six"),
    *("sqlparse", "typing-extensions", "tzdata", "tzlocal", "vine", "wcwidth", "zipp"),
)


@dataclass(frozen=True, kw_only=True)
class Planted:
    """Pins that fail wherever they are together, and how."""

    pins: Pins
    failure: Failure


def generate(folder: Path, number: int, field: Field, profile: Profile) -> None:
    """Write so many records, a thousand a run, into a folder of runs that is not there yet."""
    random = Random(_SEED)  # noqa: S311 - no secret
    planted = plant(field, random)
    folder.mkdir(parents=True)
    for place, first in enumerate(range(0, number, PER_RUN)):
        began = _EPOCH + timedelta(days=place)
        name = f"{began:%Y%m%dT%H%M%SZ}-0000"
        cells = _cells(field, profile, random, min(PER_RUN, number - first))
        with run_path(folder, name).open("w", encoding="utf-8") as file:
            file.write(encode(_header(name, began)) + "\n")
            instants = (began + timedelta(seconds=APART * place) for place in range(len(cells)))
            for cell, started in zip(cells, instants, strict=True):
                file.write(encode(_result(name, cell, planted, random, started)) + "\n")
            seconds = float(APART * len(cells))
            file.write(encode(RunFooter(run=name, ended=_at(began, seconds), seconds=seconds)) + "\n")


def plant(field: Field, random: Random) -> tuple[Planted, ...]:
    """A few causes of one, two and three pins, of which no two are forbidden together."""
    planted: list[Planted] = []
    while len(planted) < len(_CAUSES):
        axes = random.sample(list(field.axes), _CAUSES[len(planted)])
        pins = in_order({axis: random.choice(field.axes[axis]) for axis in axes}, field.axes)
        if _allowed(pins, field):
            stage, reason, detail = _FAILURES[len(planted) % len(_FAILURES)]
            planted.append(Planted(pins=pins, failure=_failure(stage, reason, detail)))
    return tuple(planted)


def _cells(field: Field, profile: Profile, random: Random, number: int) -> tuple[Cell, ...]:
    """Cells of one run, of rows that packages declare to fit; some were in other runs as well."""
    cells: dict[str, Cell] = {}
    while len(cells) < number:
        row = tuple((axis, random.choice(values)) for axis, values in field.axes.items())
        if _allowed(row, field):
            resolution, mends = random.choice(_WAYS)
            cell = cell_of(row, profile, resolution, "generated", mends)
            cells[cell.id] = cell
    return tuple(cells.values())


def _allowed(pins: Pins, field: Field) -> bool:
    return not any(pair in field.forbidden for pair in combinations(pins, 2))


def _result(
    run: str, cell: Cell, planted: Sequence[Planted], random: Random, started: datetime
) -> CellResult:
    pins = cell.stack.pins
    failure = next((each.failure for each in planted if set(each.pins) <= set(pins.items())), None)
    shared = cell.stack.resolution is Resolution.TODAY and not cell.stack.requirements
    if failure is None and shared and pins["celery"] >= _SHARED_FROM:
        failure = _failure(*_SHARED)
    chance = random.random()
    settled = Settled.REPEATED
    failures = [failure, failure]
    if chance < _FLAKY:
        failures = [failure, None if failure else _failure(*_FAILURES[0])]
    elif chance < _FLAKY + _ERRORED:
        failures, settled = [_failure(*_SERVER)] * 3, Settled.MACHINE
    attempts = tuple(
        _attempt(number, failure, started + timedelta(seconds=APART * number))
        for number, failure in enumerate(failures, 1)
    )
    resolved = failure is None or failure.stage is not Stage.RESOLVE
    versions = [f"{axis}=={value}.{random.randrange(3)}" for axis, value in pins.items() if axis != "python"]
    beside = [f"{name}=={random.randrange(1, 4)}.{random.randrange(8)}.0" for name in _BESIDE]
    return CellResult(
        run=run,
        cell=cell.id,
        pins=pins,
        extras={},
        requirements=(
            *(make_requirement(axis, value) for axis, value in pins.items() if axis != "python"),
            *cell.stack.requirements,
        ),
        resolution=cell.stack.resolution,
        settings=cell.profile.settings,
        database=cell.profile.database,
        broker=cell.profile.broker,
        clock=ClockKind.FAKE,
        started=_at(started),
        seconds=float(APART),
        lock=Lock(
            distributions=tuple(sorted((*versions, *beside))),
            python=f"{pins['python']}.{random.randrange(3)}",
            index_date=started.date() if cell.stack.resolution is Resolution.ERA else None,
        )
        if resolved
        else None,
        attempts=attempts,
        settled=settled,
    )


def _attempt(number: int, failure: Failure | None, started: datetime) -> Attempt:
    """As far as `failure`, or with every check and all that was seen."""
    reached = _STAGES[: _STAGES.index(failure.stage) + 1] if failure else _STAGES
    status = failure.reason.status if failure else Status.PASSED
    return Attempt(
        number=number,
        status=status,
        seconds=round(APART * len(reached) / len(_STAGES), 3),
        stages=tuple(
            StageResult(
                stage=stage,
                status=status if failure and stage is failure.stage else Status.PASSED,
                seconds=round(started.microsecond / 1e6 + place, 3),
            )
            for place, stage in enumerate(reached)
        ),
        failure=failure,
        checks=() if failure else _PASSED_CHECKS,
        observations=() if failure else _seen(started),
    )


def _seen(started: datetime) -> tuple[Observation, ...]:
    """What the experiments saw: every task with its row, every schedule's firings, the end."""
    tasks = {
        name: {
            "due": None,
            "ran": [_at(started, place)],
            "reply": {"value": 10},
            "error": None,
            "row": {
                "status": "SUCCESS",
                "result": json.dumps({"exc_type": "TaskRevokedError", "exc_message": [name]}),
                "task_name": "easytask.tasks.simple_task",
                "task_args": '"[1, 9]"',
                "task_kwargs": '"{}"',
                "traceback": _TRACEBACK if name == "failing" else None,
                "date_created": {"instant": _at(started, place + 0.1), "aware": True},
                "date_done": {"instant": _at(started, place + 0.2), "aware": True},
                "periodic_task_name": None,
            },
        }
        for place, name in enumerate(_TASKS)
    }
    fires = [
        {
            "entry": f"every-{place}",
            "task": "easytask.tasks.record_call",
            "sent": _at(started, 30 * place),
            "ran": _at(started, 30 * place + 0.1),
            "result": '{"args": [1, 9], "kwargs": {}}',
        }
        for place in range(10)
    ]
    entries = {
        f"every-{place}": {
            "enabled": True,
            "total_run_count": place,
            "last_run_at": {"instant": _at(started, 30 * place), "aware": True},
        }
        for place in range(6)
    }
    ended = {"worker_exit": 0, "beat_exit": 0, "task_in_hand": "SUCCESS", "left": []}
    return (
        Observation(name="tasks", data=tasks),
        Observation(name="schedules", data={"fires": fires, "entries": entries}),
        Observation(name="shutdown", data=ended),
    )


def _failure(stage: Stage, reason: Reason, detail: str) -> Failure:
    excerpt = f"{reason} of {detail} ({{cache}}/environments/9462feffcdc91aa5/lib/python3.12/site-packages)"
    return Failure(stage=stage, reason=reason, detail=detail, excerpt=excerpt, log=f"{stage}.log")


def _header(name: str, began: datetime) -> RunHeader:
    return RunHeader(
        run=name,
        plan="field",
        cells=(),
        clock=ClockKind.FAKE,
        matrix="0123456789abcdef",
        project="fedcba9876543210",
        started=_at(began),
        machine=MachineFacts(cores=2, memory_gib=8.0, system="generated", interpreters={}, tools={}),
    )


def _at(started: datetime, seconds: float = 0) -> str:
    return (started + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


_STAGES = tuple(stage for stage in Stage if stage not in (Stage.TIME, Stage.SCREEN))
_PASSED_CHECKS = tuple(
    CheckResult(
        id=id_,
        stage=stage,
        status=Status.FAILED if id_ in _CAVEATS else Status.PASSED,
        seconds=0.0,
        caveat=_CAVEAT if id_ in _CAVEATS or place % 3 == 0 else "",
        failure=_failure(stage, Reason.CHECK, id_) if id_ in _CAVEATS else None,
    )
    for stage, ids in _CHECKS.items()
    for place, id_ in enumerate(ids)
)
