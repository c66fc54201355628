"""What the report beyond the caps says, as plain values: each pair that only an upper cap forbids. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from harness.matrix.field import Field, Pin, Pins
from harness.model import CellResult, MachineFacts, Resolution
from harness.model import Verdict as CellVerdict
from harness.pairs.forced import over_caps
from harness.pairs.knowledge import Knowledge, Standing, State
from harness.pairs.trials import own_requirements
from harness.pairs.verdicts import FieldKnowledge, Verdict
from harness.records.verdict import judging_attempts, verdict_of
from harness.report.words import reproduce_command

_SHOWN = 12  # cells named for one thing
_WORKING = frozenset({Verdict.WORKS, Verdict.CAVEATS, Verdict.PINS})


class Told(StrEnum):
    """What is declared of a pair, and what comes of it; `declared no` is by an upper cap alone."""

    FITS = "declared yes, and works"
    FAILS = "declared yes, and does not work"
    FORCED = "declared no, works when forced"
    CAVEATS = "declared no, works when forced, with caveats"
    BREAKS = "declared no, breaks when forced"
    FORBIDDEN = "declared no, and not by a cap alone"
    UNTESTED = "untested"


# What may be told of a pair that only an upper cap forbids.
BEYOND = (Told.FORCED, Told.CAVEATS, Told.BREAKS, Told.UNTESTED)
_OF_STATE = {
    State.WORKS: Told.FORCED,
    State.BROKEN: Told.BREAKS,
    State.UNRESOLVABLE: Told.BREAKS,
    State.OPEN: Told.UNTESTED,
}


@dataclass(frozen=True, kw_only=True)
class CapPair:
    """A pair that only an upper cap forbids.

    `cells` are its witness, or some of those that show where it breaks, or those that failed so far while it
    is untested; they are `seen` in all. `signature` says where it breaks, `excerpt` what a log said, and
    `culprit` which pins are to blame, where these are not the pair. `lines` are further requirements of the
    witness, `caveats` sentences about it; they are `usual` when the series that declares the cap has all
    of them with what it declares to fit, too. `reproduce` runs the first cell again.
    """

    anchor: str
    pair: Pins
    told: Told
    signature: str
    excerpt: str
    culprit: Pins
    cells: tuple[str, ...]
    seen: int
    lines: tuple[str, ...]
    caveats: tuple[str, ...]
    usual: bool
    reproduce: str


@dataclass(frozen=True, kw_only=True)
class Cap:
    """One declaration of a series with an upper cap, and the pairs that it forbids, the oldest first."""

    declaring: Pin
    text: str
    pairs: tuple[CapPair, ...]


@dataclass(frozen=True, kw_only=True)
class CapEntry:
    """A pair in a table; `anchor` is that of its evidence, "" where it is in the report of the field."""

    pair: Pins
    told: Told
    anchor: str


@dataclass(frozen=True, kw_only=True)
class CapTable:
    """Two axes with each other, the first of them down; a line of `entries` for each of its values."""

    down: str
    across: str
    counts: Mapping[Told, int]
    entries: tuple[tuple[CapEntry, ...], ...]


@dataclass(frozen=True, kw_only=True)
class CapsView:
    """A report beyond the caps. `cells` counts what the forced cells' own records say."""

    plan: str
    counts: Mapping[Told, int]
    axes: Mapping[str, tuple[str, ...]]
    tables: tuple[CapTable, ...]
    caps: tuple[Cap, ...]
    cells: Mapping[CellVerdict, int]
    runs: tuple[str, ...]
    seconds: float
    machine: MachineFacts | None


def make_caps_view(
    plain: FieldKnowledge,
    forced: Knowledge,
    results: Mapping[str, CellResult],
    *,
    plan: str,
    machine: MachineFacts | None,
) -> CapsView:
    """The report of what is known beyond the caps, with the newest result of each cell, forced or not."""
    field = plain.today.field
    asked = over_caps(field)
    standings = {each.pair: each for each in forced.standings()}
    pairs = {
        pair: _cap_pair(
            f"p{number}",
            standings[pair],
            results,
            plan,
            usual=_usual_caveats(_declaring(pair, field.forbidden[pair].text), plain, results),
        )
        for number, pair in enumerate(asked, 1)
    }
    told = Counter(each.told for each in pairs.values())
    were_forced = [each for each in results.values() if each.resolution is Resolution.OVERRIDE]
    cells = Counter(map(verdict_of, were_forced))
    return CapsView(
        plan=plan,
        counts={each: told[each] for each in BEYOND},
        axes=dict(field.axes),
        tables=tuple(_tables(field, plain, pairs)),
        caps=tuple(_caps(field, pairs)),
        cells={verdict: cells[verdict] for verdict in CellVerdict},
        runs=tuple(sorted({result.run for result in were_forced})),
        seconds=round(sum(result.seconds for result in were_forced), 1),
        machine=machine,
    )


def _cap_pair(
    anchor: str, standing: Standing, results: Mapping[str, CellResult], plan: str, *, usual: frozenset[str]
) -> CapPair:
    works = standing.state is State.WORKS
    witness = results.get(standing.witness)
    caveats = _caveats(witness) if witness else ()
    cells = (standing.witness,) if works else standing.cells
    signature = standing.because if cells and not works else ""
    excerpts = (_excerpt(results[cell], signature) for cell in cells if cell in results)
    return CapPair(
        anchor=anchor,
        pair=standing.pair,
        told=Told.CAVEATS if standing.caveats else _OF_STATE[standing.state],
        signature=standing.because,
        excerpt=next(filter(None, excerpts), ""),
        culprit=() if standing.culprit == standing.pair else standing.culprit,
        cells=cells[:_SHOWN],
        seen=len(cells),
        lines=own_requirements(witness) if witness else (),
        caveats=caveats,
        usual=bool(caveats) and usual.issuperset(caveats),
        reproduce=reproduce_command(cells[0], plan) if cells else "",
    )


def _usual_caveats(
    declaring: Pin, plain: FieldKnowledge, results: Mapping[str, CellResult]
) -> frozenset[str]:
    """What a series has caveats for where nothing is forced."""
    cells = (each.cell for each in plain.today.trials if declaring in each.pins and each.outcome.good)
    return frozenset(caveat for cell in cells if cell in results for caveat in _caveats(results[cell]))


def _caveats(result: CellResult) -> tuple[str, ...]:
    checks = (check for attempt in judging_attempts(result) for check in attempt.checks)
    return tuple(
        dict.fromkeys(check.caveat for check in checks if check.failure is not None and check.caveat)
    )


def _excerpt(result: CellResult, signature: str) -> str:
    failures = (failure for attempt in judging_attempts(result) for failure in attempt.failures)
    return next((each.excerpt for each in failures if each.signature == signature), "")


def _caps(field: Field, pairs: Mapping[Pins, CapPair]) -> Iterator[Cap]:
    """Those of the newest series first: they are what people would force."""
    by_cap: dict[tuple[Pin, str], list[CapPair]] = {}
    for pair, known in pairs.items():
        text = field.forbidden[pair].text
        by_cap.setdefault((_declaring(pair, text), text), []).append(known)
    order = [(axis, value) for axis, values in field.axes.items() for value in reversed(values)]
    for declaring, text in sorted(by_cap, key=lambda cap: order.index(cap[0])):
        yield Cap(declaring=declaring, text=text, pairs=tuple(by_cap[declaring, text]))


def _declaring(pair: Pins, text: str) -> Pin:
    """Whose declaration it is: its words begin with that."""
    return next((pin for pin in pair if text.startswith(f"{' '.join(pin)} ")), pair[-1])


def _tables(field: Field, plain: FieldKnowledge, pairs: Mapping[Pins, CapPair]) -> Iterator[CapTable]:
    """Of each two axes between which there is a cap."""
    verdicts = {each.pair: each.verdict for each in plain.verdicts()}
    for down, across in combinations(field.axes, 2):
        if not any((down, across) == tuple(axis for axis, _ in pair) for pair in pairs):
            continue
        lines = tuple(
            tuple(
                _entry(((down, line), (across, column)), field, verdicts, pairs)
                for column in field.axes[across]
            )
            for line in field.axes[down]
        )
        yield CapTable(down=down, across=across, counts=_counts(lines), entries=lines)


def _counts(lines: Iterable[Iterable[CapEntry]]) -> dict[Told, int]:
    counts = Counter(entry.told for line in lines for entry in line)
    return {told: counts[told] for told in Told}


def _entry(
    pair: Pins, field: Field, verdicts: Mapping[Pins, Verdict], pairs: Mapping[Pins, CapPair]
) -> CapEntry:
    if pair in pairs:
        return CapEntry(pair=pair, told=pairs[pair].told, anchor=pairs[pair].anchor)
    if pair in field.forbidden:
        return CapEntry(pair=pair, told=Told.FORBIDDEN, anchor="")
    if verdicts[pair] in _WORKING:
        return CapEntry(pair=pair, told=Told.FITS, anchor="")
    untested = verdicts[pair] is Verdict.UNTESTED
    return CapEntry(pair=pair, told=Told.UNTESTED if untested else Told.FAILS, anchor="")
