"""What the report of the field says, as plain values: every pair of versions, and the evidence. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from harness.matrix.field import Field, Pins
from harness.model import CellResult, Failure, MachineFacts
from harness.model import Verdict as CellVerdict
from harness.pairs.knowledge import Standing, State
from harness.pairs.trials import own_requirements
from harness.pairs.verdicts import FieldKnowledge, PairVerdict, Verdict
from harness.records.verdict import judging_attempts, verdict_of
from harness.report.pairs_since import Statement, statements
from harness.report.words import reproduce_command

# The tables that are looked up most come first, then those of these axes with every other.
_FIRST = (
    ("django", "celery"),
    ("django", "django-celery-beat"),
    ("celery", "django-celery-beat"),
    ("celery", "redis"),
)
_THEN = ("python", "django-celery-results")
_SHOWN = 12  # cells named for one thing


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A pair in a table. `anchor` is that of its evidence, "" where there is none."""

    pair: Pins
    verdict: Verdict
    anchor: str


@dataclass(frozen=True, kw_only=True)
class PairTable:
    """Two axes with each other, the one with more values down; a line of `entries` for each of those."""

    down: str
    across: str
    counts: Mapping[Verdict, int]
    entries: tuple[tuple[Entry, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Witness:
    """A cell in which pairs work that are all told by the same verdict.

    `resolved` says what of its resolution is not as installed today: "as of 2023-12-15", "with vine<5".
    """

    anchor: str
    cell: str
    verdict: Verdict
    resolved: str
    pairs: tuple[Pins, ...]
    reproduce: str


@dataclass(frozen=True, kw_only=True)
class Culprit:
    """Pins that do not go together: because of a signature, which `cells` show, or of a declaration.

    It explains `both` pairs as installed today and with pins, `today` others as installed today alone, of
    which `mended` work with pins and `waiting` are untested with pins, and `pinned` others with pins alone.
    Cells that have the pins and failed in another way are `otherwise`. Of both some are named and all are
    counted, as `seen`: of a field that was run often there are thousands. `reproduce` runs the first.
    """

    anchor: str
    pins: Pins
    state: State
    because: str
    both: int
    today: int
    mended: int
    waiting: int
    pinned: int
    cells: tuple[str, ...]
    seen: int
    otherwise: tuple[str, ...]
    seen_otherwise: int
    reproduce: str


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What explains pairs, and every culprit that has it; `excerpt` is what a cell's log said."""

    because: str
    pairs: int
    excerpt: str
    culprits: tuple[Culprit, ...]


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """An open pair that was in failures which nothing explains yet; some of the cells, and how many."""

    anchor: str
    pair: Pins
    cells: tuple[str, ...]
    seen: int


@dataclass(frozen=True, kw_only=True)
class PairView:
    """A report of the field.

    `signatures` were seen in cells, `declarations` forbid without any. `untested` are all open pairs, the
    suspects included. `cells` counts what the cells' own records say, also those that tell nothing of pairs.
    """

    plan: str
    counts: Mapping[Verdict, int]
    axes: Mapping[str, tuple[str, ...]]
    tables: tuple[PairTable, ...]
    statements: tuple[Statement, ...]
    signatures: tuple[Cause, ...]
    declarations: tuple[Cause, ...]
    untested: tuple[Pins, ...]
    suspects: tuple[Suspect, ...]
    witnesses: tuple[Witness, ...]
    cells: Mapping[CellVerdict, int]
    runs: tuple[str, ...]
    seconds: float
    machine: MachineFacts | None


def make_pair_view(
    knowledge: FieldKnowledge,
    results: Mapping[str, CellResult],
    *,
    plan: str,
    machine: MachineFacts | None,
) -> PairView:
    """The report of what is known of the field, with the newest result of each cell that had a part."""
    field = knowledge.today.field
    verdicts = tuple(knowledge.verdicts())
    causes = tuple(_causes(verdicts, results, plan))
    suspects = tuple(_suspects(verdicts))
    witnesses = tuple(_witnesses(verdicts, results, plan))
    counts = Counter(each.verdict for each in verdicts)
    cells = Counter(map(verdict_of, results.values()))
    return PairView(
        plan=plan,
        counts={verdict: counts[verdict] for verdict in Verdict},
        axes=dict(field.axes),
        tables=tuple(_tables(field, verdicts, _anchors(verdicts, witnesses, causes, suspects))),
        statements=tuple(statements(field, {each.pair: each.verdict for each in verdicts})),
        signatures=tuple(cause for cause in causes if cause.culprits[0].cells),
        declarations=tuple(cause for cause in causes if not cause.culprits[0].cells),
        untested=tuple(each.pair for each in verdicts if each.verdict is Verdict.UNTESTED),
        suspects=suspects,
        witnesses=witnesses,
        cells={verdict: cells[verdict] for verdict in CellVerdict},
        runs=tuple(sorted({result.run for result in results.values()})),
        seconds=round(sum(result.seconds for result in results.values()), 1),
        machine=machine,
    )


def _tables(
    field: Field, verdicts: Iterable[PairVerdict], anchors: Mapping[Pins, str]
) -> Iterator[PairTable]:
    entries = {
        each.pair: Entry(pair=each.pair, verdict=each.verdict, anchor=anchors.get(each.pair, ""))
        for each in verdicts
    }
    for axes in _in_reading_order(field):
        across, down = sorted(axes, key=lambda axis: len(field.axes[axis]))
        lines = tuple(
            tuple(
                entries[tuple((axis, {across: column, down: line}[axis]) for axis in axes)]
                for column in field.axes[across]
            )
            for line in field.axes[down]
        )
        counts = Counter(entry.verdict for line in lines for entry in line)
        yield PairTable(
            down=down,
            across=across,
            counts={verdict: counts[verdict] for verdict in Verdict},
            entries=lines,
        )


def _in_reading_order(field: Field) -> list[tuple[str, str]]:
    """Every two axes, each in the field's order."""

    def place(axes: tuple[str, str]) -> int:
        if axes in _FIRST:
            return _FIRST.index(axes)
        then = [place for place, axis in enumerate(_THEN) if axis in axes]
        return len(_FIRST) + (then[0] if then else len(_THEN))

    return sorted(combinations(field.axes, 2), key=place)


def _anchors(
    verdicts: Iterable[PairVerdict],
    witnesses: Iterable[Witness],
    causes: Iterable[Cause],
    suspects: Iterable[Suspect],
) -> dict[Pins, str]:
    culprits = {(c.because, c.pins): c.anchor for cause in causes for c in cause.culprits}
    anchors = {pair: witness.anchor for witness in witnesses for pair in witness.pairs}
    anchors |= {suspect.pair: suspect.anchor for suspect in suspects}
    for each in verdicts:
        for standing in _blaming(each):
            anchors.setdefault(each.pair, culprits[standing.because, standing.culprit])
    return anchors


def _witnesses(
    verdicts: Iterable[PairVerdict], results: Mapping[str, CellResult], plan: str
) -> Iterator[Witness]:
    by_cell: dict[tuple[Verdict, str], list[Pins]] = {}
    for each in verdicts:
        if each.telling.state is State.WORKS:
            by_cell.setdefault((each.verdict, each.telling.witness), []).append(each.pair)
    best = list(Verdict)
    ordered = sorted(by_cell, key=lambda key: (best.index(key[0]), -len(by_cell[key]), key[1]))
    for number, (verdict, cell) in enumerate(ordered, 1):
        yield Witness(
            anchor=f"w{number}",
            cell=cell,
            verdict=verdict,
            resolved=resolved(results[cell]) if cell in results else "",
            pairs=tuple(by_cell[verdict, cell]),
            reproduce=reproduce_command(cell, plan),
        )


def resolved(result: CellResult) -> str:
    """What of its resolution is not as installed today: "as of 2023-12-15", "with vine<5"; "" if nothing."""
    lock = result.lock
    as_of = [f"as of {lock.index_date}"] if lock is not None and lock.index_date is not None else []
    return ", ".join([*as_of, *(f"with {each}" for each in own_requirements(result))])


def _blaming(verdict: PairVerdict) -> list[Standing]:
    """The standings of a pair that blame something, and whose blame is still of interest."""
    both = (verdict.today, verdict.pinned)
    return [each for each in both if each.state in (State.BROKEN, State.UNRESOLVABLE)]


def _causes(verdicts: Iterable[PairVerdict], results: Mapping[str, CellResult], plan: str) -> Iterator[Cause]:
    """Those that explain most pairs first."""
    explained: dict[str, dict[Pins, dict[Pins, PairVerdict]]] = {}
    for each in verdicts:
        for standing in _blaming(each):
            by_pins = explained.setdefault(standing.because, {})
            by_pins.setdefault(standing.culprit, {})[each.pair] = each
    pairs_of = {because: len(set[Pins]().union(*told.values())) for because, told in explained.items()}
    number = 0
    for because in sorted(explained, key=lambda each: (-pairs_of[each], each)):
        culprits: list[Culprit] = []
        by_pins = explained[because]
        for pins in sorted(by_pins, key=lambda each: -len(by_pins[each])):
            number += 1
            blaming = _Blaming(because=because, pins=pins, told=tuple(by_pins[pins].values()))
            culprits.append(_culprit(f"c{number}", blaming, results, plan))
        shown = (excerpts(results[cell]) for each in culprits for cell in each.cells if cell in results)
        yield Cause(
            because=because,
            pairs=pairs_of[because],
            excerpt=next((each[because] for each in shown if because in each), ""),
            culprits=tuple(culprits),
        )


@dataclass(frozen=True, kw_only=True)
class _Blaming:
    """The pairs of which some standing blames the same pins for the same."""

    because: str
    pins: Pins
    told: tuple[PairVerdict, ...]

    @property
    def standings(self) -> list[Standing]:
        return [each for one in self.told for each in (one.today, one.pinned) if self.blames(each)]

    def blames(self, standing: Standing) -> bool:
        return (standing.because, standing.culprit) == (self.because, self.pins)


def _culprit(anchor: str, blaming: _Blaming, results: Mapping[str, CellResult], plan: str) -> Culprit:
    because = blaming.because
    # Standings of the same blame have the same cells, of which there may be many.
    shown_by = dict.fromkeys(each.cells for each in blaming.standings)
    cells: list[str] = []
    otherwise: list[str] = []
    for cell in dict.fromkeys(cell for each in shown_by for cell in each):
        so = cell not in results or any(each.signature == because for each in _failures(results[cell]))
        (cells if so else otherwise).append(cell)
    today = [each for each in blaming.told if not blaming.blames(each.pinned)]
    pinned = [each for each in blaming.told if not blaming.blames(each.today)]
    return Culprit(
        anchor=anchor,
        pins=blaming.pins,
        state=blaming.standings[0].state,
        because=because,
        both=len(blaming.told) - len(today) - len(pinned),
        today=len(today),
        mended=sum(each.verdict is Verdict.PINS for each in today),
        waiting=sum(each.verdict is Verdict.UNTESTED for each in today),
        pinned=len(pinned),
        cells=tuple(cells[:_SHOWN]),
        seen=len(cells),
        otherwise=tuple(otherwise[:_SHOWN]),
        seen_otherwise=len(otherwise),
        reproduce=reproduce_command(cells[0], plan) if cells else "",
    )


def excerpts(result: CellResult) -> dict[str, str]:
    """By signature what a cell's failures said."""
    return {failure.signature: failure.excerpt for failure in _failures(result)}


def _failures(result: CellResult) -> Iterator[Failure]:
    return (failure for attempt in judging_attempts(result) for failure in attempt.failures)


def _suspects(verdicts: Iterable[PairVerdict]) -> Iterator[Suspect]:
    open_ones = [each for each in verdicts if each.verdict is Verdict.UNTESTED]
    seen = ((each, dict.fromkeys((*_failed(each.today), *_failed(each.pinned)))) for each in open_ones)
    for number, (each, cells) in enumerate((each for each in seen if each[1]), 1):
        yield Suspect(anchor=f"s{number}", pair=each.pair, cells=tuple(cells)[:_SHOWN], seen=len(cells))


def _failed(standing: Standing) -> tuple[str, ...]:
    return standing.cells if standing.state is State.OPEN else ()
