"""The search for what is still open in the field, cell by cell."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, combinations, islice

from harness.commands.diagnosis import DiagnosisFeed
from harness.commands.feed import Budget, Spending
from harness.diagnosis.culprits import IN_VAIN
from harness.matrix.field import Field, Pin, Pins
from harness.matrix.plan import Settling
from harness.model import Cell, CellResult, Failure, Resolution, Settled, Verdict
from harness.pairs.cells import cell_named, cell_of
from harness.pairs.probes import Probe, packed_probe, single_probe, testing_probe, triple_probe
from harness.pairs.trials import Trial, trials_of
from harness.pairs.verdicts import SHARED, know
from harness.records.verdict import judging_attempts, verdict_of

_TODAY, _MENDED, _ERA = "today", "mended", "era"


class FieldFeed:
    """First the seeds, then whatever row settles most of what is open, until the budget is spent."""

    def __init__(  # noqa: PLR0913 - all but two by name
        self,
        field: Field,
        settling: Settling,
        *,
        seeds: Sequence[Cell],
        known: Iterable[CellResult],
        budget: Budget,
        missing: Collection[Pin] = (),
        diagnosis: DiagnosisFeed | None = None,
    ) -> None:
        self._field = field
        self._settling = settling
        self._seeds = list(seeds)
        known = tuple(known)
        self._trials = list[Trial](trials_of(known, field))
        self._confirmed = Counter(signature for result in known for signature in _confirmed(result))
        # What cannot be tried here stays untested.
        self._silent: set[Pins] = {(pin,) for pin in missing}
        # By cell, how its row is resolved: as of today, of its era, or today with lines.
        self._diagnosis = diagnosis
        self._running: dict[str, tuple[str, Pins]] = {}
        self._spending = Spending(budget)
        self.knowledge = know(field, self._trials, barred=frozenset(self._silent))

    @property
    def total(self) -> None:
        """That depends on what comes of the first ones."""

    @property
    def open(self) -> str:
        """How many pairs are open."""
        return f"{len(self.knowledge.open_pairs)} of {len(self._field.pairs)} pairs open"

    def next_cell(self) -> Cell | None:
        """A seed, or the row to try next."""
        if self._spending.over:
            return None
        cell = self._seeds.pop(0) if self._seeds else self._next_row()
        self._spending.given += cell is not None
        return cell

    def learn(self, result: CellResult) -> None:
        """Take in what a cell said; a row that said nothing is not tried again."""
        if self._diagnosis is not None:
            self._diagnosis.learn(result)
        _, row = self._running.pop(result.cell, (_TODAY, ()))
        trials = tuple(trials_of([result], self._field))
        self._trials.extend(trials)
        self._confirmed.update(_confirmed(result))
        if row and not trials:
            self._silent.add(row)
        self.knowledge = know(
            self._field, self._trials, barred=frozenset(self._silent), before=self.knowledge
        )

    def knows(self, failures: Sequence[Failure]) -> bool:
        """Whether each of them was repeated in several cells: a pair is not judged by one row alone."""
        return all(self._confirmed[failure.signature] >= SHARED for failure in failures)

    def _next_row(self) -> Cell | None:
        """The most urgent row: what promises most, then what is likely to fail, one pair at a time."""
        known, every = self.knowledge, frozenset(self._field.pairs)
        today, mended, era = (self._rows(way) for way in (_TODAY, _MENDED, _ERA))
        probes: list[tuple[str, Callable[[], Probe | None]]] = [
            (_ERA, lambda: self._then(era)),
            (_TODAY, lambda: packed_probe(known.today, today, every)),
            (_TODAY, lambda: testing_probe(known.today, today)),
            (_MENDED, lambda: self._with_lines(packed_probe(known.mended, mended, known.unseen))),
            (_ERA, lambda: packed_probe(known.pinned, era, known.unseen)),
            (_TODAY, lambda: single_probe(known.today, today, every)),
            (_ERA, lambda: self._at_its_best(single_probe(known.pinned, (*era, *mended), known.unseen))),
        ]
        rows = (self._cell_of(found, way) for way, probe in probes if (found := probe()) is not None)
        for cell in chain(self._diagnosing(), rows, self._last(), self._covering(today)):
            # What runs already will be known soon.
            if cell.id not in self._running:
                self._running[cell.id] = (_way(cell), tuple(cell.stack.pins.items()))
                return cell
        return None

    def _cell_of(self, probe: Probe, way: str) -> Cell:
        resolution = Resolution.ERA if way == _ERA and not probe.lines else Resolution.TODAY
        return cell_of(probe.row, self._settling.profile, resolution, probe.reason, probe.lines)

    def _diagnosing(self) -> Iterator[Cell]:
        """Cells that tell why what many rows share fails, and which line mends it."""
        if self._diagnosis is None:
            return
        profiles = {self._settling.profile.name: self._settling.profile}
        worked_then = {trial.pins for trial in self.knowledge.era if trial.outcome.good}
        for rows in self.knowledge.shared.values():
            # In rows that worked before it is the easiest found; others may fail twice over.
            promising = sorted(rows, key=lambda trial: trial.pins not in worked_then)
            cells = (cell_named(trial.cell, self._field, profiles) for trial in promising)
            for cell in islice(filter(None, cells), IN_VAIN):
                self._diagnosis.ask_about(cell)
        yield from iter(self._diagnosis.next_of_same_versions, None)

    def _last(self) -> Iterator[Cell]:
        """What is left of the diagnoses when rows have told what they can of other versions."""
        if self._diagnosis is not None:
            yield from iter(self._diagnosis.next_cell, None)

    def _covering(self, running: Collection[Pins]) -> Iterator[Cell]:
        """A row with a combination that no row had."""
        found = triple_probe(self.knowledge.today, running, self._triples())
        if found is not None:
            yield self._cell_of(found, _TODAY)

    def _then(self, running: Collection[Pins]) -> Probe | None:
        """A row with a shared signature, as of its own time."""
        rows = (row for row in self.knowledge.unasked_then if row not in running)
        return next((Probe(row=row, reason="what fails today, then") for row in rows), None)

    def _with_lines(self, probe: Probe | None) -> Probe | None:
        """The row with the lines it is likely to need; None when it needs none, so that it is as of today."""
        lines = self.knowledge.lines_for(probe.row) if probe else ()
        return replace(probe, lines=lines) if probe and lines else None

    def _at_its_best(self, probe: Probe | None) -> Probe | None:
        """The row with lines instead, where it is likely to fail as of its own time as well without them."""
        return replace(probe, lines=self.knowledge.lines_then(probe.row)) if probe else None

    def _rows(self, way: str) -> list[Pins]:
        """The rows that run, resolved in this way."""
        return [row for each, row in self._running.values() if each == way]

    def _triples(self) -> list[Pins]:
        """Every combination that no row had yet and that some row may have."""
        cover = self._settling.cover
        if not cover:
            return []
        had = {triple for trial in self._trials for triple in combinations(trial.pins, len(cover))}
        search = self.knowledge.today.search
        triples = self._field.tuples(len(cover), cover)
        return [triple for triple in triples if triple not in had and search.feasible(triple)]


def _way(cell: Cell) -> str:
    if cell.stack.resolution is Resolution.ERA:
        return _ERA
    return _MENDED if cell.stack.requirements else _TODAY


def _confirmed(result: CellResult) -> frozenset[str]:
    """The signatures that a cell showed in each of several attempts."""
    if result.settled is not Settled.REPEATED or verdict_of(result) is Verdict.FLAKY:
        return frozenset()
    return judging_attempts(result)[0].signatures
