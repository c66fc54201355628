"""Where a run's cells come from: a list, or the search for what is still open in the field."""

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from harness.matrix.field import Field, Pin, Pins
from harness.matrix.plan import Settling
from harness.model import Cell, CellResult, Resolution
from harness.pairs.cells import cell_of
from harness.pairs.probes import Probe, next_probe
from harness.pairs.trials import Trial, trials_of
from harness.pairs.verdicts import know


class Feed(Protocol):
    """What gives a run its cells."""

    def next_cell(self) -> Cell | None:
        """The next one; None when there is none now."""

    def learn(self, result: CellResult) -> None:
        """A cell is done."""

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


@dataclass(frozen=True, kw_only=True)
class Budget:
    """When to begin nothing more: so many seconds after the beginning, or after so many cells."""

    seconds: float | None = None
    cells: int | None = None


NO_BUDGET = Budget()


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
        self._trials = list[Trial](trials_of(known, field))
        # What cannot be tried here stays untested.
        self._silent: set[Pins] = {(pin,) for pin in missing}
        # By cell, its row and whether it is as of today; None when it is mended.
        self._running: dict[str, tuple[Resolution | None, Pins]] = {}
        self._budget = budget
        self._began = time.monotonic()
        self._given = 0
        self._knowledge = know(field, self._trials, barred=frozenset(self._silent))

    @property
    def total(self) -> None:
        """That depends on what comes of the first ones."""

    @property
    def open(self) -> str:
        """How many pairs are open."""
        known = self._knowledge
        pairs = len(known.unseen.intersection((*known.today.open_pairs, *known.pinned.open_pairs)))
        return f"{pairs} of {len(self._field.pairs)} pairs open"

    def next_cell(self) -> Cell | None:
        """A seed, or the row to try next."""
        if self._spent():
            return None
        cell = self._seeds.pop(0) if self._seeds else self._next_row()
        self._given += cell is not None
        return cell

    def learn(self, result: CellResult) -> None:
        """Take in what a cell said; a row that said nothing is not tried again."""
        _, row = self._running.pop(result.cell, (Resolution.TODAY, ()))
        trials = tuple(trials_of([result], self._field))
        self._trials.extend(trials)
        if row and not trials:
            self._silent.add(row)
        self._knowledge = know(
            self._field, self._trials, barred=frozenset(self._silent), before=self._knowledge
        )

    def _spent(self) -> bool:
        over = self._budget.seconds is not None and time.monotonic() - self._began > self._budget.seconds
        return over or (self._budget.cells is not None and self._given >= self._budget.cells)

    def _next_row(self) -> Cell | None:
        for probe, resolution, mends in self._probes():
            if probe is not None:
                cell = cell_of(probe.row, self._settling.profile, resolution, probe.reason, mends)
                self._running[cell.id] = (resolution if not mends else None, probe.row)
                return cell
        return None

    def _probes(self) -> Iterator[tuple[Probe | None, Resolution, tuple[str, ...]]]:
        """What to try, the most urgent first: each with its resolution and the lines that mend it."""
        known = self._knowledge
        today, pinned = self._rows(Resolution.TODAY), self._rows(Resolution.ERA)
        urgent = known.unseen - known.wanting
        yield next_probe(known.today, today, among=urgent), Resolution.TODAY, ()
        probe = next_probe(known.pinned, pinned, among=known.wanting)
        if probe is not None and known.mends and not self._was_mended(probe.row, known.mends):
            yield probe, Resolution.TODAY, known.mends
        yield probe, Resolution.ERA, ()
        # What works with pins may work today, too, with other partners.
        yield next_probe(known.today, today), Resolution.TODAY, ()
        yield next_probe(known.today, today, among=(), triples=self._triples()), Resolution.TODAY, ()

    def _was_mended(self, row: Pins, mends: tuple[str, ...]) -> bool:
        """Whether a row was tried with all these lines."""
        return any(trial.pins == row and set(mends) <= set(trial.requirements) for trial in self._trials)

    def _rows(self, resolution: Resolution) -> list[Pins]:
        """The rows that run as of today, or with pins."""
        of_today = resolution is Resolution.TODAY
        return [row for each, row in self._running.values() if (each is Resolution.TODAY) is of_today]

    def _triples(self) -> list[Pins]:
        """Every combination that no row had yet and that some row may have."""
        cover = self._settling.cover
        if not cover:
            return []
        had = {triple for trial in self._trials for triple in combinations(trial.pins, len(cover))}
        search = self._knowledge.today.search
        triples = self._field.tuples(len(cover), cover)
        return [triple for triple in triples if triple not in had and search.feasible(triple)]
