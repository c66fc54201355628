"""The cells of diagnoses, one after the other, and the releases that they ask the package index for."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from harness.commands.feed import Budget
from harness.commands.files import write
from harness.diagnosis.change import Change, changed_cell
from harness.diagnosis.culprits import questions
from harness.diagnosis.known import Known
from harness.diagnosis.releases import ReleasesOf
from harness.env.index import PackageIndex, list_releases
from harness.errors import IndexFailed
from harness.model import Cell, CellResult, Failure, Release
from harness.report.words import count_of

_RELEASES = TypeAdapter(tuple[Release, ...])


class DiagnosisFeed:
    """Gives the cell that tells most of the failures `among` all, until nothing is left to ask.

    `cells` are the failures as cells, by their ids. What was given is not given again, whatever came of it.
    """

    total: int | None = None

    def __init__(
        self, known: Known, cells: Mapping[str, Cell], *, releases_of: ReleasesOf, budget: Budget, each: int
    ) -> None:
        self._known = known
        self._cells = dict(cells)
        self._releases_of = releases_of
        self._budget = budget
        self._each = each
        self._began = time.monotonic()
        self._given: set[str] = set()

    @property
    def open(self) -> str:
        """How many failures it is about."""
        return f"of {count_of(len(self._cells), 'failure')}"

    def ask_about(self, cell: Cell) -> None:
        """Diagnose a failure more, if it is not known yet."""
        self._cells.setdefault(cell.id, cell)

    def next_cell(self) -> Cell | None:
        """The next changed cell; None when all that may be asked is being asked, or the budget is spent."""
        return self._next(lambda _: True)

    def next_of_same_versions(self) -> Cell | None:
        """The same without other versions of what was asked for: of them others may tell without a cell."""
        return self._next(lambda change: not change.pins)

    def _next(self, suits: Callable[[Change], bool]) -> Cell | None:
        if self._spent():
            return None
        for wanted in questions(self._known, self._releases_of, among=self._cells, cells=self._each):
            cell = changed_cell(self._cells[wanted.failing.cell], wanted.change)
            if suits(wanted.change) and cell.id not in self._given:
                self._given.add(cell.id)
                return cell
        return None

    def learn(self, result: CellResult) -> None:
        """Take in what came of a cell."""
        self._known.learn(result)

    def knows(self, failures: Sequence[Failure]) -> bool:  # noqa: ARG002 - a feed's
        """Never: a finding rests on few cells."""
        return False

    def _spent(self) -> bool:
        seconds, cells = self._budget.seconds, self._budget.cells
        over = seconds is not None and time.monotonic() - self._began > seconds
        return over or (cells is not None and len(self._given) >= cells)


class Releases:
    """What the package index has of a distribution, asked once a day; callable, as diagnoses want it."""

    def __init__(self, index: PackageIndex, cache: Path) -> None:
        name = hashlib.sha256(index.shown.encode()).hexdigest()[:16]
        self._folder = cache / "releases" / f"{datetime.now(UTC):%Y-%m-%d}-{name}"
        self._index = index
        self._known: dict[str, Sequence[Release]] = {}

    def __call__(self, distribution: str) -> Sequence[Release]:
        """Its releases; none when the index does not tell: then a line is tried without them."""
        if distribution not in self._known:
            self._known[distribution] = self._read(distribution)
        return self._known[distribution]

    def _read(self, distribution: str) -> Sequence[Release]:
        path = self._folder / f"{distribution}.json"
        if path.exists():
            return _RELEASES.validate_json(path.read_bytes())
        try:
            listed = list_releases(distribution, self._index)
        except IndexFailed:
            return ()
        write(path, _RELEASES.dump_json(listed).decode())
        return listed
