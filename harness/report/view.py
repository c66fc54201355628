"""What a report says, as plain values. Pure; every format renders this and nothing else."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from harness.contract.invariant import Stand
from harness.model import Cell, CellResult, Expectation, MachineFacts, Reason, Stage, Status, Verdict
from harness.records.verdict import JudgedFailure, Judgement, judge, status_of
from harness.report.claims import Claim, stand_of_claims
from harness.report.contract import (
    ASKED,
    Asked,
    Column,
    Known,
    ProfileStand,
    stand_of_profile,
)
from harness.report.measured import Measured
from harness.report.resilience import ResiliencePart, resilience_part
from harness.report.screen import ScreenPart, screen_part
from harness.report.stands import claims_of, stands_of
from harness.report.supervised import SupervisedPart, supervised_part
from harness.report.visits import VisitPart, visits_of
from harness.report.words import reproduce_command

# The order of the headline: what is known first, what is open last, and never left out.
VERDICTS = tuple(Verdict)

# What a reason of an expectation ends with that has a link all the same: to what explains the failure.
UNREPORTED = "not reported upstream, as far as we found"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One failure of a cell in a report."""

    signature: str
    excerpt: str
    log: str  # below the run's folder
    expected: str
    link: str
    caveat: str
    expired: date | None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One cell in a report. `versions` maps axis to what was installed, or to what was asked for.

    Of its problems those with a caveat do not break it. `contract` is there if the cell was asked about time,
    `screen` if it was screened, `resilience` if things were broken under it, `supervised` if supervisor ran
    it; `visits` are those of somebody in the admin.
    """

    cell: str
    stack: str
    profile: str
    reason: str
    versions: Mapping[str, str]
    index: str
    status: Status
    verdict: Verdict
    as_expected: bool
    problems: tuple[Problem, ...]
    contract: tuple[Stand, ...]
    claims: tuple[Stand, ...]
    screen: ScreenPart | None
    resilience: ResiliencePart | None
    supervised: SupervisedPart | None
    visits: tuple[VisitPart, ...]
    stale: tuple[str, ...]
    note: str
    run: str
    seconds: float
    reproduce: str


@dataclass(frozen=True, kw_only=True)
class View:
    """A report of one plan. `asked`, `contract`, `claims` are there if a cell of it was asked about time."""

    plan: str
    runs: tuple[str, ...]
    counts: Mapping[Verdict, int]
    unexpected: int
    undetermined: int
    axes: tuple[str, ...]
    rows: tuple[Row, ...]
    asked: tuple[Asked, ...]
    contract: tuple[ProfileStand, ...]
    claims: tuple[Claim, ...]
    seconds: float
    machine: MachineFacts | None
    clock: str
    beside: tuple[Measured, ...] = ()


def make_view(
    cells: Sequence[Cell],
    results: Mapping[str, CellResult],
    *,
    plan: str,
    expectations: Sequence[Expectation],
    today: date,
    machine: MachineFacts | None,
) -> View:
    """The report of `cells`, from the newest result of each."""
    rows = tuple(make_row(cell, results.get(cell.id), expectations, today, plan) for cell in cells)
    counts = Counter(row.verdict for row in rows)
    contract = _contract(cells, rows)
    return View(
        plan=plan,
        runs=tuple(dict.fromkeys(row.run for row in rows if row.run)),
        counts={verdict: counts[verdict] for verdict in VERDICTS},
        unexpected=sum(not row.as_expected for row in rows),
        undetermined=sum(row.status is Status.ERRORED for row in rows),
        axes=tuple(cells[0].stack.pins) if cells else (),
        rows=rows,
        asked=ASKED if contract else (),
        contract=contract,
        claims=stand_of_claims([(row.cell, row.claims) for row in rows if row.claims]),
        seconds=round(sum(row.seconds for row in rows), 1),
        machine=machine,
        clock=", ".join(sorted({result.clock for result in results.values()})),
    )


def contract_signature(invariant: str) -> str:
    """The signature of a violated invariant."""
    return f"{Stage.TIME}:{Reason.CHECK}:{invariant}"


def _contract(cells: Sequence[Cell], rows: Sequence[Row]) -> tuple[ProfileStand, ...]:
    """How it stands under each profile of which a cell was asked about time."""
    profiles = {cell.profile.name: cell.profile for cell in cells}
    asked = dict.fromkeys(row.profile for row in rows if row.contract)
    return tuple(
        stand_of_profile(profiles[name], [_column(row) for row in rows if row.profile == name])
        for name in asked
    )


def _column(row: Row) -> Column:
    by_signature = {problem.signature: problem for problem in row.problems if problem.link}
    signatures = {asked.id: contract_signature(asked.id) for asked in ASKED}
    return Column(
        stack=row.stack,
        beat=row.versions.get("django-celery-beat", "*"),
        celery=row.versions.get("celery", "*"),
        stands=row.contract,
        known={
            invariant: _known(by_signature[signature])
            for invariant, signature in signatures.items()
            if signature in by_signature
        },
        untold=f"its cell is {row.verdict}",
    )


def _known(problem: Problem) -> Known:
    reason, _, rest = problem.expected.partition(f"; {UNREPORTED}")
    return Known(reason=reason + rest, link=problem.link, unreported=UNREPORTED in problem.expected)


def make_row(
    cell: Cell, result: CellResult | None, expectations: Sequence[Expectation], today: date, plan: str
) -> Row:
    """One cell of a plan with its newest result, if it has one, held against the expectations."""
    judgement = (
        judge(result, expectations, today)
        if result is not None
        else Judgement(verdict=Verdict.UNTESTED, reason="it has not been run")
    )
    return Row(
        cell=cell.id,
        stack=cell.stack.name,
        profile=cell.profile.name,
        reason=cell.stack.reason,
        versions=_versions(cell, result),
        index=_index(cell, result),
        status=status_of(result) if result is not None else Status.SKIPPED,
        verdict=judgement.verdict,
        as_expected=judgement.as_expected,
        problems=tuple(_problem(each, result) for each in judgement.failures if result is not None),
        contract=stands_of(result) if result is not None else (),
        claims=claims_of(result) if result is not None else (),
        screen=screen_part(result) if result is not None else None,
        resilience=resilience_part(result) if result is not None else None,
        supervised=supervised_part(result) if result is not None else None,
        visits=visits_of(result) if result is not None else (),
        stale=tuple(f"{each.signature} ({each.reason})" for each in judgement.stale),
        note=judgement.reason,
        run=result.run if result is not None else "",
        seconds=result.seconds if result is not None else 0.0,
        reproduce=reproduce_command(cell.id, plan),
    )


def _problem(judged: JudgedFailure, result: CellResult) -> Problem:
    known = judged.expectation
    attempt = max(each.number for each in result.attempts if judged.failure in each.failures)
    return Problem(
        signature=judged.failure.signature,
        excerpt=judged.failure.excerpt,
        log=f"{result.cell}/attempt-{attempt}/{judged.failure.log}",
        expected=known.reason if known else "",
        link=known.link if known else "",
        caveat=judged.caveat,
        expired=judged.expired if judged.expectation is None else None,
    )


def _versions(cell: Cell, result: CellResult | None) -> dict[str, str]:
    lock = result.lock if result is not None else None
    versions: dict[str, str] = {}
    for axis, asked in cell.stack.pins.items():
        installed = None
        if lock is not None:
            installed = lock.python if axis == "python" else lock.version(axis)
        versions[axis] = installed or asked
    return versions


def _index(cell: Cell, result: CellResult | None) -> str:
    lock = result.lock if result is not None else None
    if lock is not None and lock.index_date is not None:
        return str(lock.index_date)
    return str(cell.stack.resolution)
