"""Records of a cell that failed and was mended, and what is asked of them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.matrix.field import Declaration, Field
from harness.model import (
    Cell,
    CellResult,
    CheckResult,
    Failure,
    Reason,
    Resolution,
    RunHeader,
    Settled,
    Stage,
    StageResult,
    Status,
)
from harness.records.store import Run
from harness.report.background import Background
from harness.report.culprits import make_culprit_view
from tests.values import CELL, EXPECTATION, FAILED, FOOTER, HEADER, LOCK, PASSED, RESULT, TODAY

MISSING = Failure(
    stage=Stage.WORKER,
    reason=Reason.MISSING_MODULE,
    detail="vine",
    excerpt="ModuleNotFoundError: No module named 'vine'",
    log="worker.log",
)
LATE = CheckResult(
    id="crontab",
    stage=Stage.SCHEDULE,
    status=Status.FAILED,
    seconds=1.0,
    caveat="a crontab fires eight hours late",
    failure=Failure(
        stage=Stage.SCHEDULE,
        reason=Reason.CHECK,
        detail="crontab",
        excerpt="sent at 18:31",
        log="checks.log",
    ),
)
STAGES = (
    StageResult(stage=Stage.RESOLVE, status=Status.PASSED, seconds=0.1),
    StageResult(stage=Stage.WORKER, status=Status.FAILED, seconds=2.5),
)
BROKEN = replace(
    RESULT,
    attempts=(
        replace(FAILED, failure=MISSING, stages=STAGES),
        replace(FAILED, number=2, failure=MISSING, stages=STAGES),
    ),
    lock=replace(LOCK, distributions=("celery==4.4.2", "django==2.2.28")),
    settled=Settled.REPEATED,
)
THEN = replace(BROKEN, cell="era-old@plain", resolution=Resolution.ERA)
BEFORE = replace(
    RESULT,
    run="run-0",
    started="2026-07-01T10:00:00Z",
    lock=replace(LOCK, distributions=("celery==4.4.2", "django==2.2.28", "vine==1.2.0")),
)
MENDED = replace(
    RESULT,
    cell="old+vine@plain",
    requirements=(*RESULT.requirements, "vine"),
    lock=replace(LOCK, distributions=("celery==4.4.2", "django==2.2.28", "vine==5.1.0")),
    attempts=(replace(PASSED, checks=(LATE,)),),
)
NEWER = replace(
    MENDED,
    cell="new@plain",
    pins={**RESULT.pins, "django": "4.2"},
    requirements=("django==4.2.*", "celery==4.4.2"),
    lock=replace(LOCK, distributions=("celery==4.4.2", "django==4.2.1", "vine==5.1.0")),
)
FIELD = Field(
    axes={"python": ("3.9",), "django": ("2.2", "4.2"), "celery": ("4.4", "5.7")},
    forbidden={(("django", "2.2"), ("celery", "5.7")): Declaration(text="celery 5.7 declares Django>=4.2")},
)


def run(header: RunHeader, *results: CellResult) -> Run:
    return Run(path=Path(f"{header.run}.jsonl"), header=header, results=results, footer=FOOTER, unreadable=0)


BEFORE_HEADER = replace(HEADER, run="run-0", started="2026-07-01T10:00:00Z")
RUNS = (run(BEFORE_HEADER, BEFORE), run(HEADER, BROKEN, THEN, MENDED, NEWER))
RECORDED: Sequence[tuple[RunHeader, CellResult]] = ((BEFORE_HEADER, BEFORE), (HEADER, BROKEN))
BACKGROUND = Background(
    expectations=(replace(EXPECTATION, signature="worker:missing-module:*", reason="vine is not declared"),),
    today=TODAY,
    culprits=make_culprit_view(RUNS),
)


def cell_of(result: CellResult) -> Cell:
    stack, _, _ = result.cell.partition("@")
    return Cell(stack=replace(CELL.stack, name=stack, pins=result.pins), profile=CELL.profile)
