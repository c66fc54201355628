"""Everything known about versions of packages, as plain values: what `nox -s explain -- REQUIREMENT` says."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from harness.answers.demands import Demand
from harness.answers.stack import GOOD, means
from harness.matrix.field import Field, Pins
from harness.matrix.releases import Releases
from harness.model import CellResult, Lock, Resolution, RunHeader, Verdict
from harness.pairs.knowledge import Standing, State
from harness.pairs.verdicts import Verdict as OfPair
from harness.records.sheets import Entry
from harness.records.verdict import judging_attempts, verdict_of
from harness.report.background import Background
from harness.report.culprits import CulpritEntry
from harness.report.known_pairs import PairStand
from harness.report.mending import culprits_of
from harness.report.pairs import excerpts, resolved
from harness.report.words import reproduce_command

_ATTEMPTS = 3  # cells named that failed
_SIGNATURES = 5

# A result, and the run that it is of.
Recorded = tuple[RunHeader, CellResult]


@dataclass(frozen=True, kw_only=True)
class Witness:
    """A cell that works: when it was seen to, what was installed, and what one must know of it, in words.

    `forced`: it was installed though something of it declares that it does not fit.
    """

    cell: str
    plan: str
    run: str
    started: str
    verdict: Verdict
    resolved: str
    forced: bool
    caveats: tuple[str, ...]
    lock: Lock | None
    reproduce: str


@dataclass(frozen=True, kw_only=True)
class Blame:
    """What is in the way of a pair.

    `because` is a signature or a declaration, "" where nobody knows it yet. `culprit` are the pins to
    blame: the pair itself, or what stands beside it in one of its rows, each of which has something.
    `attempts` are some of the `seen` cells that failed; `lines` mend the signature where cells showed that
    they do.
    """

    because: str
    culprit: Pins
    excerpt: str
    attempts: tuple[str, ...]
    seen: int
    lines: tuple[str, ...]
    culprits: tuple[CulpritEntry, ...]
    reproduce: str


@dataclass(frozen=True, kw_only=True)
class PairAnswer:
    """How two series stand: as installed `today`, and `pinned`, which is with any other choice.

    `witness` is there where it works, in the way that the verdict says; `blames` are what is in the way of
    the others.
    """

    pair: Pins
    verdict: OfPair
    today: State
    pinned: State
    witness: Witness | None
    blames: tuple[Blame, ...]


@dataclass(frozen=True, kw_only=True)
class Failing:
    """A signature of cells that have the versions, how many show it, and one of them."""

    signature: str
    cells: int
    excerpt: str
    lines: tuple[str, ...]
    reproduce: str


@dataclass(frozen=True, kw_only=True)
class VersionsAnswer:
    """What is known of versions: of every two series that meet the demands, and of the cells that had all.

    `demands` are as they were read; `notes` say where that is not how they were written. `series` are those
    of each axis that meet its demand. `counts` and `pairs` are empty where no two axes were asked for.
    `cells` counts by verdict the cells that had everything installed; `best` is one that works, not forced
    if there is such a one, and `failing` is what the others show, the most frequent first.
    `behind` results have come since it was worked out how pairs stand and what is to blame.
    """

    kind: Literal["versions"] = "versions"
    asked: tuple[str, ...]
    demands: tuple[str, ...]
    notes: tuple[str, ...]
    series: Mapping[str, tuple[str, ...]]
    counts: Mapping[OfPair, int]
    pairs: tuple[PairAnswer, ...]
    cells: Mapping[Verdict, int]
    best: Witness | None
    failing: tuple[Failing, ...]
    behind: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was asked, as it was written and as it was read, and the series that meet it."""

    asked: tuple[str, ...]
    demands: tuple[Demand, ...]
    notes: tuple[str, ...]
    series: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The newest results: `of` cells that tell of the pairs, in outline; `meeting` those that had all.

    The latter may be many and few are named: `read` gives one in outline, None when its line is torn.
    """

    of: Mapping[str, Recorded]
    meeting: Sequence[Entry]
    read: Callable[[Entry], Recorded | None]


def series_of(demands: Sequence[Demand], field: Field, releases: Releases) -> dict[str, tuple[str, ...]]:
    """The series of each axis that was asked for and that meet its demand, in the field's order."""
    by_package = {each.package: each for each in demands}
    return {
        axis: tuple(value for value in values if by_package[axis].admits_series(value, releases))
        for axis, values in field.axes.items()
        if axis in by_package
    }


def pairs_of(series: Mapping[str, tuple[str, ...]], field: Field, *, alone: bool) -> tuple[Pins, ...]:
    """Every two of some series; of one axis that is asked for `alone`, with every value of the others."""
    axes = {**field.axes, **series} if alone else series
    return tuple(
        ((one, first), (other, second))
        for one, other in combinations([axis for axis in field.axes if axis in axes], 2)
        if not alone or one in series or other in series
        for first in axes[one]
        for second in axes[other]
    )


def explain_versions(
    question: Question,
    stands: Sequence[PairStand],
    evidence: Evidence,
    background: Background,
    *,
    mends: Mapping[str, tuple[str, ...]],
) -> VersionsAnswer:
    """All of it. `stands` are those of its pairs; `mends` are lines by the signatures that they mend."""
    told = _Telling(evidence=evidence, background=background, mends=mends)
    counts = Counter(each.verdict for each in stands)
    cells = Counter(each.verdict for each in evidence.meeting)
    return VersionsAnswer(
        asked=question.asked,
        demands=tuple(each.text for each in question.demands),
        notes=question.notes,
        series=question.series,
        counts={verdict: counts[verdict] for verdict in OfPair},
        pairs=tuple(map(told.pair, stands)),
        cells={verdict: cells[verdict] for verdict in Verdict if cells[verdict]},
        best=told.best(),
        failing=tuple(told.failing()),
        behind=background.behind,
    )


@dataclass(frozen=True, kw_only=True)
class _Telling:
    """Finds the words for verdicts."""

    evidence: Evidence
    background: Background
    mends: Mapping[str, tuple[str, ...]]

    def pair(self, stand: PairStand) -> PairAnswer:
        # What is in the way as installed today is of interest also where pins help.
        both = zip((stand.today, stand.pinned), stand.seen, strict=True)
        in_the_way = [
            (each, seen)
            for each, seen in both
            if each.state is not State.WORKS and (each.because or each.cells)
        ]
        by_cause = {(each.because, each.culprit): (each, seen) for each, seen in reversed(in_the_way)}
        telling = stand.pinned if stand.verdict is OfPair.PINS else stand.today
        return PairAnswer(
            pair=stand.pair,
            verdict=stand.verdict,
            today=stand.today.state,
            pinned=stand.pinned.state,
            witness=self._witness(telling.witness),
            blames=tuple(self._blame(each, seen) for each, seen in reversed(by_cause.values())),
        )

    def best(self) -> Witness | None:
        """What works without force, without caveats, and as it is installed by itself, is told first."""
        good = [each for each in self.evidence.meeting if each.verdict in GOOD and means(each.checks)]

        def weight(entry: Entry) -> tuple[object, ...]:
            forced = entry.resolution is Resolution.OVERRIDE
            today = entry.resolution is Resolution.TODAY
            return (forced, entry.verdict, not today, len(entry.cell), entry.cell)

        recorded = self.evidence.read(min(good, key=weight)) if good else None
        return _witness(*recorded) if recorded is not None else None

    def failing(self) -> Iterator[Failing]:
        """The weightiest signature of each cell that fails."""
        by_signature: dict[str, list[Entry]] = {}
        for entry in self.evidence.meeting:
            if entry.verdict not in GOOD and (signatures := entry.signatures):
                by_signature.setdefault(signatures[0], []).append(entry)
        ordered = sorted(by_signature, key=lambda each: (-len(by_signature[each]), each))
        for signature in ordered[:_SIGNATURES]:
            recorded = self.evidence.read(by_signature[signature][0])
            if recorded is None:
                continue
            header, result = recorded
            yield Failing(
                signature=signature,
                cells=len(by_signature[signature]),
                excerpt=excerpts(result).get(signature, ""),
                lines=self._lines(signature),
                reproduce=reproduce_command(result.cell, header.plan),
            )

    def _witness(self, cell: str) -> Witness | None:
        recorded = self.evidence.of.get(cell)
        return _witness(*recorded) if recorded is not None else None

    def _blame(self, standing: Standing, seen: int) -> Blame:
        known = [self.evidence.of[cell] for cell in standing.cells if cell in self.evidence.of]
        showing = [each for each in known if standing.because in excerpts(each[1])] or known
        excerpt = excerpts(showing[0][1]).get(standing.because, "") if showing else ""
        return Blame(
            because=standing.because,
            culprit=standing.culprit,
            excerpt=excerpt,
            attempts=tuple(result.cell for _, result in showing[:_ATTEMPTS]),
            seen=seen,
            lines=self._lines(standing.because),
            culprits=culprits_of(standing.because, self.background.culprits),
            reproduce=reproduce_command(showing[0][1].cell, showing[0][0].plan) if showing else "",
        )

    def _lines(self, signature: str) -> tuple[str, ...]:
        """Lines that mend a signature somewhere: those for many rows, else of the first culprit."""
        culprits = (each.lines for each in culprits_of(signature, self.background.culprits) if not each.pins)
        return self.mends.get(signature) or next(culprits, ())


def _witness(header: RunHeader, result: CellResult) -> Witness:
    caveats = (
        check.caveat
        for attempt in judging_attempts(result)
        for check in attempt.checks
        if check.failure is not None and check.caveat
    )
    return Witness(
        cell=result.cell,
        plan=header.plan,
        run=result.run,
        started=result.started,
        verdict=verdict_of(result),
        resolved=resolved(result),
        forced=result.resolution is Resolution.OVERRIDE,
        caveats=tuple(dict.fromkeys(caveats)),
        lock=result.lock,
        reproduce=reproduce_command(result.cell, header.plan),
    )
