"""Failures with the same signature under what is to blame for them, and what to ask next of all. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.diagnosis.change import Change
from harness.diagnosis.finding import Finding, Kind
from harness.diagnosis.known import Known, Outcome, is_failure, outcome_of, signature_of
from harness.diagnosis.releases import ReleasesOf
from harness.diagnosis.search import CELLS, Diagnosis, diagnose
from harness.model import CellResult

# After so many cells of a signature of which nothing was found, the others are left.
IN_VAIN = 2


@dataclass(frozen=True, kw_only=True)
class Culprit:
    """A change that mends, with the failures it is for. They share a signature.

    `findings` are of the cells that were tried with it, the first of which was diagnosed. `presumed` are
    cells with the same signature that have the same thing installed and were not tried: none where the
    change has left another one's failure as it was, and none of values of axes.
    """

    findings: tuple[Finding, ...]
    presumed: tuple[str, ...]

    @property
    def first(self) -> Finding:
        """The finding that all others were held against."""
        return self.findings[0]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A question: what comes of a failing cell with a change?"""

    failing: CellResult
    change: Change


@dataclass(frozen=True, kw_only=True)
class Alike:
    """Failures with one signature, and what the records alone show of each, in the same order."""

    members: Sequence[CellResult]
    diagnoses: Sequence[Diagnosis]


def diagnosed(known: Known) -> dict[str, Alike]:
    """All failures by signature, in the order of `by_signature`."""
    return {
        signature: Alike(members=members, diagnoses=[diagnose_again(each, known) for each in members])
        for signature, members in by_signature(known).items()
    }


def culprits(known: Known) -> tuple[Culprit, ...]:
    """Every culprit that the records show."""
    return culprits_of(diagnosed(known), known)


def culprits_of(groups: Mapping[str, Alike], known: Known) -> tuple[Culprit, ...]:
    """The culprits of what is `diagnosed`; those with most cells first, then by their names."""
    found: list[Culprit] = []
    for alike in groups.values():
        found.extend(_culprits(alike.members, alike.diagnoses, known))
    return tuple(
        sorted(found, key=lambda each: (-len(each.findings) - len(each.presumed), each.first.signature))
    )


def diagnose_again(failing: CellResult, known: Known) -> Diagnosis:
    """The diagnosis that the records alone show: of releases it knows those that were tried."""
    return diagnose(failing, known, lambda _: ())


def questions(
    known: Known, releases_of: ReleasesOf, *, among: Collection[str] | None = None, cells: int = CELLS
) -> Iterator[Wanted]:
    """What may be asked now, the most telling first: of all failures, or of those `among` (ids of cells).

    One cell of each signature is diagnosed first, then whether its culprit is that of another one as well.
    At last each cell that failed is asked for as of its own time: then and now are two verdicts.
    """
    chosen = {
        signature: [each for each in members if among is None or each.cell in among]
        for signature, members in by_signature(known).items()
    }
    hints: list[str] = []
    for members in chosen.values():
        yield from _of_signature(members, known, releases_of, hints, cells)
    for members in chosen.values():
        for each in members:
            if known.result(each, Change(then=True)) is None:
                yield Wanted(failing=each, change=Change(then=True))


def by_signature(known: Known) -> dict[str, list[CellResult]]:
    """The failures to diagnose, the most frequent first; first of each those that worked in their time."""
    found: dict[str, list[CellResult]] = {}
    for result in known:
        if is_failure(result):
            found.setdefault(signature_of(result), []).append(result)
    ordered = sorted(found, key=lambda signature: (-len(found[signature]), signature))
    return {
        signature: sorted(
            found[signature], key=lambda each: (not known.passes(each, Change(then=True)), each.cell)
        )
        for signature in ordered
    }


def _of_signature(
    members: Sequence[CellResult], known: Known, releases_of: ReleasesOf, hints: list[str], cells: int
) -> Iterator[Wanted]:
    """The same of one signature; `hints` grow with what is found."""
    found: list[Finding] = []
    confirmed: set[str] = set()
    in_vain = 0
    for failing in members:
        explaining = [each for each in found if _may_explain(each, failing, known)]
        for finding in explaining:
            if finding.culprit not in confirmed or _is_refuted(finding.change, members, known):
                confirmed.add(finding.culprit)
                if known.result(failing, finding.change) is None:
                    yield Wanted(failing=failing, change=finding.change)
        if explaining:
            continue
        if in_vain >= IN_VAIN:
            return
        diagnosis = diagnose(failing, known, releases_of, hints=hints, cells=cells)
        found.extend(diagnosis.findings)
        hints.extend(part.name for each in diagnosis.findings for part in each.parts)
        if diagnosis.ask is not None:
            yield Wanted(failing=failing, change=diagnosis.ask)
        if not diagnosis.findings:
            in_vain += 1
            if diagnosis.ask is not None:
                return


def _is_refuted(change: Change, members: Sequence[CellResult], known: Known) -> bool:
    """Whether a change has left some cell with the failure it had: then the signature has several culprits.

    One that fails otherwise is mended as far as this failure goes.
    """
    results = (known.result(each, change) for each in members)
    signature = signature_of(members[0])
    return any(
        each is not None and outcome_of(each) is Outcome.FAILS and signature_of(each) == signature
        for each in results
    )


def _may_explain(finding: Finding, failing: CellResult, known: Known) -> bool:
    result = known.result(failing, finding.change)
    if result is None:
        # Which values mend a row depends on its others: each row has a nearest one of its own.
        return finding.kind is not Kind.VERSIONS and finding.explains(failing)
    return outcome_of(result) is Outcome.PASSES


def _culprits(
    members: Sequence[CellResult], diagnoses: Sequence[Diagnosis], known: Known
) -> Iterator[Culprit]:
    by_culprit: dict[str, list[Finding]] = {}
    diagnosed = {
        each.cell for each in diagnoses if any(found.kind is not Kind.VERSIONS for found in each.findings)
    }
    for diagnosis in diagnoses:
        for finding in diagnosis.findings:
            by_culprit.setdefault(finding.culprit, []).append(finding)
    for own in by_culprit.values():
        first, told = own[0], {each.cell for each in own}
        others = [each for each in members if each.cell not in told and first.explains(each)]
        results = {each.cell: known.result(each, first.change) for each in others}
        presumes = first.kind is not Kind.VERSIONS and not _is_refuted(first.change, members, known)
        confirmed = [
            _alike(first, each, passing, known)
            for each in others
            if (passing := results[each.cell]) is not None and outcome_of(passing) is Outcome.PASSES
        ]
        yield Culprit(
            findings=(*own, *confirmed),
            presumed=tuple(
                each.cell
                for each in others
                if presumes and results[each.cell] is None and each.cell not in diagnosed
            ),
        )


def _alike(first: Finding, failing: CellResult, passing: CellResult, known: Known) -> Finding:
    """The finding of another cell that passes with the same change."""
    then = known.result(failing, Change(then=True))
    worked = then is not None and outcome_of(then) is Outcome.PASSES
    day = then.lock.index_date if then is not None and then.lock is not None else None
    return replace(
        first,
        cell=failing.cell,
        failing=failing.cell,
        passing=passing.cell,
        then=then.cell if then is not None and worked else "",
        then_date=str(day) if worked and day is not None else "",
    )
