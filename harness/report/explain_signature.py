"""Everything known about one signature, as plain values: what `nox -s explain -- SIGNATURE` says. Pure."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Literal

from packaging.version import Version

from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.model import CellResult, Expectation, Failure, Verdict
from harness.records.sheets import Entry
from harness.records.verdict import judging_attempts
from harness.report.background import Background
from harness.report.culprits import CulpritEntry
from harness.report.mending import culprits_of, unexplained_of
from harness.report.words import reproduce_command


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
    `behind` results have come since it was worked out how pairs stand and what is to blame.
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
    behind: int


def explain_signature(
    asked: str,
    signature: str,
    showing: Sequence[Entry],
    *,
    newest: Mapping[str, Entry],
    read: Callable[[Entry], CellResult | None],
    background: Background,
) -> SignatureAnswer:
    """All of it: `showing` are the entries that have it, one at least, the oldest run first.

    `newest` has of each of their cells the newest entry; `read` gives the result of one, in outline.
    """
    still = [each for each in showing if newest[each.cell][:2] == each[:2]]
    cells = sorted(still or showing[-1:], key=lambda each: _telling(each, signature))
    # Of many only the most telling is read; a line that is torn tells nothing.
    first = next(result for result in map(read, cells) if result is not None)
    failure = _failure(first, signature)
    left = unexplained_of(signature, background.culprits)
    return SignatureAnswer(
        asked=asked,
        signature=signature,
        caveat=_caveat(first, failure),
        excerpt=failure.excerpt,
        log=failure.log,
        counts=dict(Counter(each.verdict for each in still)),
        cells=tuple(_showing(each) for each in cells if still),
        gone=len({each.cell for each in showing}) - len(still),
        versions=_versions(still),
        seen=tuple(_seen(showing)),
        culprits=culprits_of(signature, background.culprits),
        unexplained=len(left.cells) if left else 0,
        why_not=left.why_not if left else (),
        expectations=tuple(_expected(signature, background.expectations, background.today)),
        reproduce=reproduce_command(first.cell, newest[first.cell].plan),
        behind=background.behind,
    )


def _telling(entry: Entry, signature: str) -> tuple[object, ...]:
    """For sorting: first cells that fail of nothing heavier, then short names, which people gave."""
    return (entry.signatures.index(signature), len(entry.cell), entry.cell)


def _failure(result: CellResult, signature: str) -> Failure:
    attempts = reversed(judging_attempts(result))
    return next(each for attempt in attempts for each in attempt.failures if each.signature == signature)


def _caveat(result: CellResult, failure: Failure) -> str:
    checks = (check for attempt in judging_attempts(result) for check in attempt.checks)
    return next((check.caveat for check in checks if check.failure == failure), "")


def _showing(entry: Entry) -> Showing:
    return Showing(
        cell=entry.cell,
        plan=entry.plan,
        run=entry.sheet.run,
        verdict=entry.verdict,
        reproduce=reproduce_command(entry.cell, entry.plan),
    )


def _versions(entries: Iterable[Entry]) -> dict[str, tuple[str, ...]]:
    by_axis: dict[str, set[str]] = {}
    for pins in {each.pins for each in entries}:
        for axis, value in json.loads(pins).items():
            by_axis.setdefault(axis, set()).add(value)
    return {axis: tuple(sorted(values, key=_by_version)) for axis, values in by_axis.items()}


def _by_version(value: str) -> tuple[bool, Version, str]:
    named = value in (UNPINNED, UNASKED)
    return (named, Version("0") if named else Version(value), value)


def _seen(showing: Sequence[Entry]) -> Iterator[Seen]:
    by_run: dict[str, list[Entry]] = {}
    for each in showing:
        by_run.setdefault(each.sheet.run, []).append(each)
    for run, entries in by_run.items():
        yield Seen(
            run=run,
            plan=entries[0].plan,
            started=min(each.started for each in entries),
            cells=len({each.cell for each in entries}),
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
