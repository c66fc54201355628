"""What a gate says, as plain values. Pure; every format renders this and nothing else."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.contract.promise import Promise
from harness.diagnosis.finding import Finding
from harness.errors import ExitCode
from harness.gate.compare import Comparison, Difference, LockChange, Point
from harness.gate.outcome import Trouble, Unmet, exit_code
from harness.model import CellResult
from harness.records.verdict import judging_attempts
from harness.report.culprits import sentence_of
from harness.report.words import count_of, reproduce_command

OUTCOMES = {
    ExitCode.OK: "Nothing is worse.",
    ExitCode.UNEXPECTED: "Something is worse.",
    ExitCode.DRIFT: "Drift: with the baseline's own lock it fails today, too.",
    ExitCode.UNDETERMINED: "Not everything could be determined on this machine.",
}


@dataclass(frozen=True, kw_only=True)
class PointRow:
    """One check, invariant or rung that differs, with the decisive line where it fails now."""

    name: str
    difference: Difference
    worse: bool
    before: str
    now: str
    excerpt: str


@dataclass(frozen=True, kw_only=True)
class GateRow:
    """One planned cell. `fails` says that it fails the gate, drift and what is lost included.

    `why` says in words what it is due to, as far as was found, and `lines` would hold that back. `log` is
    below the folder that holds the runs' folders.
    """

    cell: str
    difference: Difference
    fails: bool
    points: tuple[PointRow, ...]
    removed: tuple[str, ...]
    lock: tuple[LockChange, ...]
    why: str
    lines: tuple[str, ...]
    log: str
    reproduce: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class UnmetRow:
    """An expectation that fails the gate."""

    trouble: Trouble
    signature: str
    cells: tuple[str, ...]
    reason: str
    link: str
    expires: str


@dataclass(frozen=True, kw_only=True)
class TurnedRow:
    """A promise about what becomes of tasks when something breaks that other versions keep, or do not.

    It was seen of the series of Celery, kombu and redis-py that the cells' locks have now and had before, not
    in this gate.
    """

    promise: str
    sentence: str
    kept: bool
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GateView:
    """A gate. `left` are cells of the baseline that are planned no more, `turned` what fails nothing."""

    plan: str
    baseline: str
    run: str
    exit_code: int
    outcome: str
    counts: Mapping[Difference, int]
    other_locks: int
    rows: tuple[GateRow, ...]
    unmet: tuple[UnmetRow, ...]
    turned: tuple[TurnedRow, ...]
    left: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Diagnosed:
    """What a diagnosis found of a cell, or why it found nothing."""

    finding: Finding | None = None
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Gated:
    """A gate that is over. `results` and `diagnosed` are by cell; `run` is the one whose logs are there.

    `turned` has by cell the promises that are kept now and were not, and those that are not any more.
    """

    plan: str
    baseline: str
    run: str
    comparisons: tuple[Comparison, ...]
    results: Mapping[str, CellResult]
    unmet: tuple[Unmet, ...] = ()
    diagnosed: Mapping[str, Diagnosed] = field(default_factory=dict)
    turned: Mapping[str, tuple[tuple[Promise, ...], tuple[Promise, ...]]] = field(default_factory=dict)
    left: tuple[str, ...] = ()


def make_gate_view(gated: Gated) -> GateView:
    """The view of a gate."""
    comparisons, unmet = gated.comparisons, gated.unmet
    code = exit_code(comparisons, unmet)
    rows = tuple(
        _row(each, gated.results.get(each.cell), gated.diagnosed.get(each.cell), gated.plan)
        for each in comparisons
    )
    counts = Counter(each.difference for each in comparisons)
    return GateView(
        plan=gated.plan,
        baseline=gated.baseline,
        run=gated.run,
        exit_code=int(code),
        outcome=OUTCOMES[code],
        counts={difference: counts[difference] for difference in Difference},
        other_locks=sum(
            bool(each.lock) and not row.fails for each, row in zip(comparisons, rows, strict=True)
        ),
        rows=rows,
        unmet=tuple(
            UnmetRow(
                trouble=each.trouble,
                signature=each.expectation.signature,
                cells=each.cells,
                reason=each.expectation.reason,
                link=each.expectation.link,
                expires=str(each.expectation.expires),
            )
            for each in unmet
        ),
        turned=tuple(_turned(gated)),
        left=gated.left,
        seconds=round(sum(row.seconds for row in rows), 1),
    )


def headline(view: GateView) -> str:
    """How many cells there are of each kind; what is undetermined is never left out."""
    always = (Difference.SAME, Difference.UNDETERMINED)
    told = [f"{count} {kind}" for kind, count in view.counts.items() if count or kind in always]
    troubles = Counter(each.trouble for each in view.unmet)
    told += [f"{count_of(number, f'{trouble} expectation')}" for trouble, number in troubles.items()]
    return f"{count_of(len(view.rows), 'cell')}: {', '.join(told)}"


def lock_words(changes: Sequence[LockChange]) -> Iterator[str]:
    """Each distribution that differs, in words."""
    for each in changes:
        if not each.before:
            yield f"{each.name} {each.now}, which was not there"
        elif not each.now:
            yield f"no {each.name}, which was {each.before}"
        else:
            yield f"{each.name} {each.now} instead of {each.before}"


def point_words(point: PointRow) -> str:
    """`time:clocked regressed: passed, now time:check:clocked`."""
    return f"{point.name} {point.difference}: {point.before}, now {point.now}"


def turned_words(turned: TurnedRow) -> str:
    """`no longer so when something breaks, with the versions of 2 cells: the worker ... (seen elsewhere)`."""
    how = "so from now on" if turned.kept else "no longer so"
    versions = f"the versions of {count_of(len(turned.cells), 'cell')}"
    return f"{how} with {versions}, as was seen of their series: {turned.sentence} ({turned.promise})"


def unmet_words(unmet: UnmetRow) -> str:
    """What is wrong with an expectation, in words."""
    if unmet.trouble is Trouble.STALE:
        return f"{unmet.signature} is expected and not seen ({unmet.reason}): take it out of matrix.toml"
    return (
        f"{unmet.signature} was expected until {unmet.expires} ({unmet.reason}): look again, and date it anew"
    )


def _turned(gated: Gated) -> Iterator[TurnedRow]:
    """What is broken first."""
    for kept in (False, True):
        cells: dict[str, list[str]] = {}
        promises: dict[str, Promise] = {}
        for cell, (begins, ceases) in gated.turned.items():
            for each in begins if kept else ceases:
                promises[each.id] = each
                cells.setdefault(each.id, []).append(cell)
        for id_, promise in promises.items():
            yield TurnedRow(promise=id_, sentence=promise.sentence, kept=kept, cells=tuple(cells[id_]))


def _row(
    comparison: Comparison, result: CellResult | None, diagnosed: Diagnosed | None, plan: str
) -> GateRow:
    lost = exit_code([comparison], ()) is not ExitCode.OK
    finding = diagnosed.finding if diagnosed is not None else None
    return GateRow(
        cell=comparison.cell,
        difference=comparison.difference,
        fails=lost,
        points=tuple(_point(each, result) for each in comparison.points),
        removed=comparison.removed,
        lock=comparison.lock,
        why=_why(comparison, diagnosed),
        lines=finding.lines if finding is not None else (),
        log=_log(comparison, result),
        reproduce=reproduce_command(comparison.cell, plan),
        seconds=result.seconds if result is not None else 0.0,
    )


def _point(point: Point, result: CellResult | None) -> PointRow:
    attempts = judging_attempts(result) if result is not None else ()
    excerpts = [
        failure.excerpt
        for attempt in attempts
        for failure in attempt.failures
        if point.now in (failure.signature, "flaky") and _is_of(point.name, failure.signature)
    ]
    return PointRow(
        name=point.name,
        difference=point.difference,
        worse=point.worse,
        before=point.before,
        now=point.now,
        excerpt=excerpts[0] if excerpts else "",
    )


def _is_of(point: str, signature: str) -> bool:
    stage, _, check = point.partition(":")
    parts = signature.split(":")
    return parts[0] == stage and (not check or parts[-1] == check or parts[1] != "check")


def _why(comparison: Comparison, diagnosed: Diagnosed | None) -> str:
    now, reference = comparison.now, comparison.reference
    if now is None or not now.determined:
        return now.why if now is not None else "it is planned, and there is no result"
    if comparison.other_project:
        return "with the baseline's own lock it fails, too, and the project or its settings have changed"
    if comparison.difference is Difference.REGRESSED and diagnosed is not None:
        return sentence_of(diagnosed.finding) if diagnosed.finding is not None else diagnosed.why_not
    untried = reference.why if reference is not None else "there is no lock to try"
    words = {
        Difference.DRIFT: "with the baseline's own lock it fails, too: the machine, the clock or the index",
        Difference.UNDETERMINED: f"the baseline's own lock could not be tried: {untried}",
        Difference.FLAKY: "with the baseline's own lock it passes each time" if reference is not None else "",
    }
    return words.get(comparison.difference, "")


def _log(comparison: Comparison, result: CellResult | None) -> str:
    """The log of what fails now, if something got worse or did not get better."""
    if result is None or comparison.difference in (Difference.SAME, Difference.FIXED, Difference.NEW):
        return ""
    failing = [each for each in result.attempts if each.failures]
    if not failing:
        return ""
    return f"{result.run}/{result.cell}/attempt-{failing[-1].number}/{failing[-1].failures[0].log}"
