"""Where a run's cells come from: a list, or whatever else says which is next."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.model import Cell, CellResult, Failure


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


class Spending:
    """How much of a budget is spent: time by itself, cells as they are `given`."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._began = time.monotonic()
        self.given = 0

    @property
    def over(self) -> bool:
        """Whether nothing more is to begin."""
        seconds, cells = self._budget.seconds, self._budget.cells
        late = seconds is not None and time.monotonic() - self._began > seconds
        return late or (cells is not None and self.given >= cells)
