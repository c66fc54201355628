"""Everything known about one signature, as plain values: what `nox -s explain -- SIGNATURE` says. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Literal

from packaging.version import Version

from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.model import CellResult, Expectation, Failure, RunHeader, Verdict
from harness.records.verdict import judging_attempts, verdict_of
from harness.report.background import Background
from harness.report.culprits import CulpritEntry
from harness.report.mending import culprits_of, unexplained_of
from harness.report.words import reproduce_command

# A result, and the run that it is of.
Recorded = tuple[RunHeader, CellResult]


@dataclass(frozen=True, kw_only=True)
class Showing:
    """A cell whose newest result shows the signature."""

    cell: str
    plan: str
    run: str
    verdict: Verdict
    reproduce: str


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A run that showed the signature: when its first result did (ISO 8601, UTC), and in how many cells."""

    run: str
    plan: str
    started: str
    cells: int


@dataclass(frozen=True, kw_only=True)
class Expected:
    """An expectation of matrix.toml that speaks of the signature."""

    cells: tuple[str, ...]
    reason: str
    link: str
    expires: date
    expired: bool


@dataclass(frozen=True, kw_only=True)
class SignatureAnswer:
    """A signature. `asked` is the word it was found by.

    `caveat` says it in words where it breaks no cell. `cells` are those whose newest result shows it; `gone`
    counts those that showed it in an earlier run only. `versions` are the values of each axis that those
    cells asked for. `culprits` are what is to blame, with the lines that mend; `unexplained` counts the
    failures that none of them explains, and `why_not` says why nothing was found.
    """

    kind: Literal["signature"] = "signature"
    asked: str
    signature: str
    caveat: str
    excerpt: str
    log: str
    counts: Mapping[Verdict, int]
    cells: tuple[Showing, ...]
    gone: int
    versions: Mapping[str, tuple[str, ...]]
    seen: tuple[Seen, ...]
    culprits: tuple[CulpritEntry, ...]
    unexplained: int
    why_not: tuple[str, ...]
    expectations: tuple[Expected, ...]
    reproduce: str


def explain_signature(
    asked: str,
    signature: str,
    showing: Sequence[Recorded],
    *,
    newest: Mapping[str, str],
    background: Background,
) -> SignatureAnswer:
    """All of it, of one result at least: `showing` are those that have it, the oldest run first.

    `newest` says of each of their cells in which run it was seen last.
    """
    still = {result.cell: (header, result) for header, result in showing if newest[result.cell] == result.run}
    cells = sorted(still.values() or showing[-1:], key=lambda each: _telling(each, signature))
    first_header, first = cells[0]
    failure = _failure(first, signature)
    left = unexplained_of(signature, background.culprits)
    return SignatureAnswer(
        asked=asked,
        signature=signature,
        caveat=_caveat(first, failure),
        excerpt=failure.excerpt,
        log=failure.log,
        counts=dict(Counter(verdict_of(result) for _, result in still.values())),
        cells=tuple(_showing(header, result) for header, result in cells if result.cell in still),
        gone=len({result.cell for _, result in showing}) - len(still),
        versions=_versions([result for _, result in still.values()]),
        seen=tuple(_seen(showing)),
        culprits=culprits_of(signature, background.culprits),
        unexplained=len(left.cells) if left else 0,
        why_not=left.why_not if left else (),
        expectations=tuple(_expected(signature, background.expectations, background.today)),
        reproduce=reproduce_command(first.cell, first_header.plan),
    )


def _telling(recorded: Recorded, signature: str) -> tuple[object, ...]:
    """For sorting: first cells that fail of nothing heavier, then short names, which people gave."""
    _, result = recorded
    [*failures] = judging_attempts(result)[-1].failures
    place = next((n for n, each in enumerate(failures) if each.signature == signature), len(failures))
    return (place, len(result.cell), result.cell)


def _failure(result: CellResult, signature: str) -> Failure:
    attempts = reversed(judging_attempts(result))
    return next(each for attempt in attempts for each in attempt.failures if each.signature == signature)


def _caveat(result: CellResult, failure: Failure) -> str:
    checks = (check for attempt in judging_attempts(result) for check in attempt.checks)
    return next((check.caveat for check in checks if check.failure == failure), "")


def _showing(header: RunHeader, result: CellResult) -> Showing:
    return Showing(
        cell=result.cell,
        plan=header.plan,
        run=result.run,
        verdict=verdict_of(result),
        reproduce=reproduce_command(result.cell, header.plan),
    )


def _versions(results: Sequence[CellResult]) -> dict[str, tuple[str, ...]]:
    by_axis: dict[str, set[str]] = {}
    for result in results:
        for axis, value in result.pins.items():
            by_axis.setdefault(axis, set()).add(value)
    return {axis: tuple(sorted(values, key=_by_version)) for axis, values in by_axis.items()}


def _by_version(value: str) -> tuple[bool, Version, str]:
    named = value in (UNPINNED, UNASKED)
    return (named, Version("0") if named else Version(value), value)


def _seen(showing: Sequence[Recorded]) -> Iterator[Seen]:
    by_run: dict[str, list[Recorded]] = {}
    for header, result in showing:
        by_run.setdefault(header.run, []).append((header, result))
    for run, recorded in by_run.items():
        yield Seen(
            run=run,
            plan=recorded[0][0].plan,
            started=min(result.started for _, result in recorded),
            cells=len({result.cell for _, result in recorded}),
        )


def _expected(signature: str, expectations: Sequence[Expectation], today: date) -> Iterator[Expected]:
    for each in expectations:
        if fnmatchcase(signature, each.signature):
            yield Expected(
                cells=each.cells,
                reason=each.reason,
                link=each.link,
                expires=each.expires,
                expired=each.expires <= today,
            )
