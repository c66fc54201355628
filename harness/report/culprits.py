"""What is to blame for failures, as plain values: each change that mends, with what it mends. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from harness.diagnosis.change import Change
from harness.diagnosis.culprits import Alike, Culprit, culprits_of, diagnosed
from harness.diagnosis.finding import Finding, Kind
from harness.diagnosis.known import Known, Outcome, outcome_of
from harness.model import CellResult, MachineFacts
from harness.pairs.knowledge import Knowledge
from harness.records.store import Run, newest_results
from harness.records.verdict import judging_attempts
from harness.report.unfit import Unfit, unfit
from harness.report.words import axis_name, count_of, reproduce_command


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A cell that shows something: `what` of it is shown, and the command that runs it again."""

    what: str
    cell: str
    reproduce: str


@dataclass(frozen=True, kw_only=True)
class CulpritEntry:
    """A culprit: `sentence` says it in words, `lines` mend.

    `constrains`: they do so in a constraints file; otherwise they are requirements, or pins to replace
    others (`pins`). `tried` are the cells that pass with them, `presumed` those that fail alike and were not
    tried. `worked_then` are those of both that worked in their own time, `broken_then` those that did not.
    """

    anchor: str
    sentence: str
    signature: str
    excerpt: str
    lines: tuple[str, ...]
    constrains: bool
    pins: bool
    tried: tuple[str, ...]
    presumed: tuple[str, ...]
    worked_then: tuple[str, ...]
    broken_then: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True)
class Unexplained:
    """Failures with one signature of which nothing was found, and why not of those that were diagnosed."""

    signature: str
    cells: tuple[str, ...]
    why_not: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CulpritView:
    """All that is known of why cells fail that were installed as of today.

    `failures` counts them; of those `explained` by culprits some are `presumed`: not tried. `unfit` explain
    others. `worked_then` names those that worked in their own time, and what shows it.
    """

    failures: int
    explained: int
    presumed: int
    entries: tuple[CulpritEntry, ...]
    unfit: tuple[Unfit, ...]
    unexplained: tuple[Unexplained, ...]
    worked_then: tuple[tuple[str, str], ...]
    machine: MachineFacts | None


def make_culprit_view(runs: Sequence[Run], today: Knowledge | None) -> CulpritView:
    """The view of all runs' records; `today` is what is known of pairs as installed, if there is a field."""
    plans = {result.cell: run.header.plan for run in runs for result in run.results}
    results = newest_results(runs)
    known = Known(results.values())
    groups = diagnosed(known)
    then = {each.cell: _then(each, known) for alike in groups.values() for each in alike.members}
    found = culprits_of(groups, known)
    entries = tuple(_entry(f"c{number}", each, results, then, plans) for number, each in enumerate(found, 1))
    explained = {cell for entry in entries for cell in (*entry.tried, *entry.presumed)}
    left = [each for alike in groups.values() for each in alike.members if each.cell not in explained]
    versions = unfit(left, today) if today is not None else ()
    told = explained.union(cell for each in versions for cell in each.cells)
    return CulpritView(
        failures=len(then),
        explained=len(explained),
        presumed=len(explained.difference(cell for entry in entries for cell in entry.tried)),
        entries=entries,
        unfit=versions,
        unexplained=tuple(
            _unexplained(signature, alike, told)
            for signature, alike in groups.items()
            if any(each.cell not in told for each in alike.members)
        ),
        worked_then=tuple(
            (cell, was.cell)
            for cell, was in sorted(then.items())
            if was is not None and outcome_of(was) is Outcome.PASSES
        ),
        machine=runs[-1].header.machine if runs else None,
    )


def sentence_of(finding: Finding) -> str:
    """What was found of a cell, in words."""
    [first, *others] = finding.parts
    if finding.kind is Kind.VERSIONS:
        changes = " and ".join(
            f"{axis_name(part.name)} {part.good} instead of {part.bad}" for part in finding.parts
        )
        return f"It works with {changes}"
    if finding.kind is Kind.RELEASE:
        what = "release" if finding.constrains else "release of what nothing it installs asks for"
        return f"{first.name} {first.bad} is the first {what} with which it fails; with {first.good} it works"
    if finding.kind is Kind.REQUIREMENT:
        return f"It works with {first.name} ({first.good}), which nothing it installs asks for"
    told = ", ".join(f"{part.name} {part.good} instead of {part.bad}" for part in finding.parts)
    every = "; each of these is needed" if others else ""
    return f"It works with {told}{every}"


def _entry(
    anchor: str,
    culprit: Culprit,
    results: dict[str, CellResult],
    then: dict[str, CellResult | None],
    plans: dict[str, str],
) -> CulpritEntry:
    first = culprit.first
    tried = tuple(finding.cell for finding in culprit.findings)
    concerned = (*tried, *culprit.presumed)
    return CulpritEntry(
        anchor=anchor,
        sentence=sentence_of(first),
        signature=first.signature,
        excerpt=_excerpt(results[first.cell]),
        lines=first.lines,
        constrains=first.constrains,
        pins=first.kind is Kind.VERSIONS,
        tried=tried,
        presumed=culprit.presumed,
        worked_then=tuple(cell for cell in concerned if _outcome(then[cell]) is Outcome.PASSES),
        broken_then=tuple(cell for cell in concerned if _outcome(then[cell]) is Outcome.FAILS),
        evidence=tuple(_evidence(first, plans)),
    )


def _evidence(finding: Finding, plans: dict[str, str]) -> list[Evidence]:
    shown = {"fails": finding.cell}
    if finding.failing != finding.cell:
        shown[f"fails with {finding.parts[0].name} {finding.parts[0].bad}"] = finding.failing
    shown["passes with the change"] = finding.passing
    if finding.then:
        shown[f"worked as of {finding.then_date}"] = finding.then
    return [
        Evidence(what=what, cell=cell, reproduce=reproduce_command(cell, plans[cell]))
        for what, cell in shown.items()
    ]


def _unexplained(signature: str, alike: Alike, told: Collection[str]) -> Unexplained:
    """Those of a signature that nothing else has `told` of."""
    left = [
        (each, diagnosis)
        for each, diagnosis in zip(alike.members, alike.diagnoses, strict=True)
        if each.cell not in told
    ]
    return Unexplained(
        signature=signature,
        cells=tuple(each.cell for each, _ in left),
        why_not=tuple(dict.fromkeys(diagnosis.why_not for _, diagnosis in left if diagnosis.why_not)),
    )


def _then(failing: CellResult, known: Known) -> CellResult | None:
    return known.result(failing, Change(then=True))


def _outcome(result: CellResult | None) -> Outcome | None:
    return outcome_of(result) if result is not None else None


def _excerpt(result: CellResult) -> str:
    attempts = judging_attempts(result)
    return attempts[-1].failures[0].excerpt if attempts and attempts[-1].failures else ""


def concerned_words(entry: CulpritEntry) -> str:
    """How many cells fail so, and how much of it was tried."""
    tried = f"{count_of(len(entry.tried), 'cell')} tried and mended"
    presumed = (
        f", {count_of(len(entry.presumed), 'more cell')} with the same failure and the same thing installed"
        if entry.presumed
        else ""
    )
    return tried + presumed
