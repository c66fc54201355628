"""Everything known about one cell, as plain values: what `nox -s explain -- CELL` says. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.answers.stack import GOOD
from harness.diagnosis.known import distance
from harness.model import (
    Attempt,
    Cell,
    CellResult,
    Lock,
    RunHeader,
    StageResult,
    Status,
    Verdict,
)
from harness.records.verdict import judging_attempts, verdict_of
from harness.report.background import Background
from harness.report.mending import Mending, mending_of
from harness.report.view import Row, make_row
from harness.report.words import reproduce_command


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What is otherwise in another cell, or in an earlier run: "" where it is not there."""

    what: str
    here: str
    there: str


@dataclass(frozen=True, kw_only=True)
class Near:
    """The passing cell under the same settings that differs least.

    `asked` is what differs of what was asked for, `installed` what differs of what was installed.
    """

    cell: str
    run: str
    verdict: Verdict
    asked: tuple[Difference, ...]
    installed: tuple[Difference, ...]
    reproduce: str


@dataclass(frozen=True, kw_only=True)
class Past:
    """What one run saw of the cell; `moved` is what was installed otherwise than in the run before."""

    run: str
    plan: str
    started: str
    verdict: Verdict
    signatures: tuple[str, ...]
    seconds: float
    moved: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True)
class CheckCount:
    """The checks of one stage, by how they went."""

    stage: str
    counts: Mapping[Status, int]


@dataclass(frozen=True, kw_only=True)
class CellAnswer:
    """A cell, by its newest record. `asked` is the word it was found by.

    `stages` and `checks` are of the attempt that counts. `lock` is None where nothing was resolved. `logs`
    is the folder of the logs, "" when they are not there any more. `near` is there for a cell that does not
    pass, `mending` what diagnoses found about why it does not.
    `behind` results have come since it was worked out how pairs stand and what is to blame.
    """

    kind: Literal["cell"] = "cell"
    asked: str
    cell: str
    plan: str
    started: str
    settled: str
    attempts: int
    requirements: tuple[str, ...]
    settings: Mapping[str, bool | str]
    database: str
    clock: str
    row: Row
    stages: tuple[StageResult, ...]
    checks: tuple[CheckCount, ...]
    lock: Lock | None
    seed: str | None
    logs: str
    near: Near | None
    mending: Mending | None
    history: tuple[Past, ...]
    reproduce: str
    behind: int


@dataclass(frozen=True, kw_only=True)
class CellRecords:
    """What the records have of a cell: every result, the oldest first, of which the last is whole.

    `near` is the nearest passing cell with the plan it was run by, None where there is none or it is not
    asked for.
    """

    results: Sequence[tuple[RunHeader, CellResult]]
    near: tuple[str, CellResult] | None = None


def explain_cell(
    asked: str, cell: Cell, records: CellRecords, background: Background, *, logs: str
) -> CellAnswer:
    """All of it. `cell` is what was run; the newest of the results has to be the last."""
    header, result = records.results[-1]
    attempts = judging_attempts(result) or result.attempts
    last = attempts[-1] if attempts else None
    return CellAnswer(
        asked=asked,
        cell=result.cell,
        plan=header.plan,
        started=result.started,
        settled=result.settled,
        attempts=len(result.attempts),
        requirements=result.requirements,
        settings=result.settings,
        database=result.database,
        clock=result.clock,
        row=make_row(cell, result, background.expectations, background.today, header.plan),
        stages=last.stages if last else (),
        checks=tuple(_checks(last)) if last else (),
        lock=result.lock,
        seed=result.seed,
        logs=logs,
        near=_near(result, *records.near) if records.near else None,
        mending=None if passes(result) else mending_of(result, background.culprits),
        history=tuple(_history(records.results)),
        reproduce=reproduce_command(result.cell, header.plan),
        behind=background.behind,
    )


def passes(result: CellResult) -> bool:
    """Whether a cell works, with caveats or without."""
    return verdict_of(result) in GOOD


def nearness(result: CellResult, cell: str, pins: Mapping[str, str]) -> tuple[object, ...]:
    """How near another cell is, for sorting: first few axes that differ, then near versions."""
    differ = sum(pins[axis] != value for axis, value in result.pins.items())
    same_index = cell.partition("-")[0] == result.cell.partition("-")[0]
    return (differ, distance(result.pins, pins), not same_index, len(cell), cell)


def is_comparable(result: CellResult, other: CellResult) -> bool:
    """Whether another cell passes, and was asked at least what this one was."""
    return passes(other) and set(result.checks) <= set(other.checks)


def signatures_of(result: CellResult) -> tuple[str, ...]:
    """Everything that failed in the attempts that count, each once, what breaks the cell first."""
    failures = (failure for attempt in judging_attempts(result) for failure in attempt.failures)
    return tuple(dict.fromkeys(failure.signature for failure in failures))


def _checks(attempt: Attempt) -> Iterator[CheckCount]:
    by_stage: dict[str, Counter[Status]] = {}
    for check in attempt.checks:
        by_stage.setdefault(check.stage, Counter())[check.status] += 1
    for stage, counts in by_stage.items():
        yield CheckCount(stage=stage, counts={status: counts[status] for status in Status if counts[status]})


def _near(result: CellResult, plan: str, near: CellResult) -> Near:
    return Near(
        cell=near.cell,
        run=near.run,
        verdict=verdict_of(near),
        asked=tuple(_asked(result, near)),
        installed=differences(result.lock, near.lock),
        reproduce=reproduce_command(near.cell, plan),
    )


def _asked(one: CellResult, other: CellResult) -> Iterator[Difference]:
    for axis, value in one.pins.items():
        if other.pins[axis] != value:
            yield Difference(what=axis, here=value, there=other.pins[axis])
    here, there = _index(one), _index(other)
    if here != there:
        yield Difference(what="index", here=here, there=there)
    if one.installer != other.installer:
        yield Difference(what="installer", here=one.installer, there=other.installer)
    # What the pins stand for has been said.
    same_pins = dict(one.pins) == dict(other.pins)
    for line in other.requirements if same_pins else ():
        if line not in one.requirements:
            yield Difference(what="requirement", here="", there=line)
    for line in one.requirements if same_pins else ():
        if line not in other.requirements:
            yield Difference(what="requirement", here=line, there="")


def _index(result: CellResult) -> str:
    date_ = result.lock.index_date if result.lock is not None else None
    return f"{result.resolution} {date_}" if date_ is not None else result.resolution


def differences(one: Lock | None, other: Lock | None) -> tuple[Difference, ...]:
    """What two locks have otherwise, Python first; nothing where one of them is not there."""
    if one is None or other is None:
        return ()
    here, there = _versions(one), _versions(other)
    names = dict.fromkeys(("python", *sorted({*here, *there})))
    return tuple(
        Difference(what=name, here=here.get(name, ""), there=there.get(name, ""))
        for name in names
        if here.get(name) != there.get(name)
    )


def _versions(lock: Lock) -> dict[str, str]:
    pairs = (each.partition("==") for each in lock.distributions)
    return {"python": lock.python, **{name: version for name, _, version in pairs}}


def _history(results: Iterable[tuple[RunHeader, CellResult]]) -> Iterator[Past]:
    before: Lock | None = None
    for header, result in results:
        yield Past(
            run=result.run,
            plan=header.plan,
            started=result.started,
            verdict=verdict_of(result),
            signatures=signatures_of(result),
            seconds=result.seconds,
            moved=differences(result.lock, before),
        )
        before = result.lock or before
