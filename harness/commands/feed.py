"""Where a run's cells come from: a list, or the search for what is still open in the field."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Protocol

from harness.matrix.field import Field, Pin, Pins
from harness.matrix.plan import Settling
from harness.model import Cell, CellResult, Failure, Resolution, Settled, Verdict
from harness.pairs.cells import cell_of
from harness.pairs.probes import Probe, packed_probe, single_probe, testing_probe, triple_probe
from harness.pairs.trials import Trial, trials_of
from harness.pairs.verdicts import SHARED, know, missing_module
from harness.records.verdict import judging_attempts, verdict_of


class Feed(Protocol):
    """What gives a run its cells."""

    def next_cell(self) -> Cell | None:
        """The next one; None when there is none now."""

    def learn(self, result: CellResult) -> None:
        """A cell is done."""

    def knows(self, failures: Sequence[Failure]) -> bool:
        """Whether failures are so well known from other cells that they need not be repeated."""

    @property
    def total(self) -> int | None:
        """How many cells it will have given in the end; None when nobody knows."""

    @property
    def open(self) -> str:
        """What is open, in words; "" when the cells are all there is."""


class ListFeed:
    """The cells of a plan, one after the other."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._cells = iter(cells)
        self.total = len(cells)
        self.open = ""

    def next_cell(self) -> Cell | None:
        """The next of the list."""
        return next(self._cells, None)

    def learn(self, result: CellResult) -> None:
        """What comes next does not depend on it."""

    def knows(self, failures: Sequence[Failure]) -> bool:  # noqa: ARG002 - a feed's
        """Never: what each cell of a list does is asked for its own sake."""
        return False


@dataclass(frozen=True, kw_only=True)
class Budget:
    """When to begin nothing more: so many seconds after the beginning, or after so many cells."""

    seconds: float | None = None
    cells: int | None = None


NO_BUDGET = Budget()

_TODAY, _MENDED, _ERA = "today", "mended", "era"


class FieldFeed:
    """First the seeds, then whatever row settles most of what is open, until the budget is spent."""

    def __init__(
        self,
        field: Field,
        settling: Settling,
        *,
        seeds: Sequence[Cell],
        known: Iterable[CellResult],
        budget: Budget,
        missing: Collection[Pin] = (),
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
        self._tried = {(trial.signature, line) for trial in self._trials for line in trial.requirements}
        self._running: dict[str, tuple[str, Pins]] = {}
        self._budget = budget
        self._began = time.monotonic()
        self._given = 0
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
        if self._spent():
            return None
        cell = self._seeds.pop(0) if self._seeds else self._next_row()
        self._given += cell is not None
        return cell

    def learn(self, result: CellResult) -> None:
        """Take in what a cell said; a row that said nothing is not tried again."""
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

    def _spent(self) -> bool:
        over = self._budget.seconds is not None and time.monotonic() - self._began > self._budget.seconds
        return over or (self._budget.cells is not None and self._given >= self._budget.cells)

    def _next_row(self) -> Cell | None:
        """The most urgent row: what promises most, then what is likely to fail, one pair at a time."""
        known, every = self.knowledge, frozenset(self._field.pairs)
        today, mended, era = (self._rows(way) for way in (_TODAY, _MENDED, _ERA))
        probes: list[tuple[str, Callable[[], Probe | None]]] = [
            (_MENDED, self._mending),
            (_ERA, lambda: self._then(era)),
            (_TODAY, lambda: packed_probe(known.today, today, every)),
            (_TODAY, lambda: testing_probe(known.today, today)),
            (_MENDED, lambda: self._with_lines(packed_probe(known.mended, mended, known.unseen))),
            (_ERA, lambda: packed_probe(known.pinned, era, known.unseen)),
            (_TODAY, lambda: single_probe(known.today, today, every)),
            (_ERA, lambda: single_probe(known.pinned, era, known.unseen)),
            (_TODAY, lambda: triple_probe(known.today, today, self._triples())),
        ]
        for way, probe in probes:
            found = probe()
            if found is not None:
                return self._begin(found, way)
        return None

    def _begin(self, probe: Probe, way: str) -> Cell:
        resolution = Resolution.ERA if way == _ERA else Resolution.TODAY
        cell = cell_of(probe.row, self._settling.profile, resolution, probe.reason, probe.lines)
        self._running[cell.id] = (way, probe.row)
        return cell

    def _mending(self) -> Probe | None:
        """A row with a shared signature, and the line that may mend it: a missing module has a name."""
        for signature, rows in self.knowledge.shared.items():
            line = missing_module(signature)
            if line and signature not in self.knowledge.mends and (signature, line) not in self._tried:
                self._tried.add((signature, line))
                return Probe(row=rows[-1].pins, reason=f"may mend {signature}", lines=(line,))
        return None

    def _then(self, running: Collection[Pins]) -> Probe | None:
        """A row with a shared signature, as of its own time."""
        rows = (row for row in self.knowledge.unasked_then if row not in running)
        return next((Probe(row=row, reason="what fails today, then") for row in rows), None)

    def _with_lines(self, probe: Probe | None) -> Probe | None:
        """The row with the lines it is likely to need; None when it needs none, so that it is as of today."""
        lines = self.knowledge.lines_for(probe.row) if probe else ()
        return replace(probe, lines=lines) if probe and lines else None

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


def _confirmed(result: CellResult) -> frozenset[str]:
    """The signatures that a cell showed in each of several attempts."""
    attempts = judging_attempts(result)
    if result.settled is not Settled.REPEATED or verdict_of(result) is Verdict.FLAKY:
        return frozenset()
    return attempts[0].signatures
