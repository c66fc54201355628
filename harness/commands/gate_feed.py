"""The cells that find out what a regression is due to: a diagnosis between two locks."""

from collections.abc import Iterable, Mapping, Sequence

from harness.commands.diagnosis import DiagnosisFeed
from harness.commands.feed import Budget
from harness.diagnosis.culprits import culprits, diagnose_again
from harness.diagnosis.known import Known, is_failure
from harness.diagnosis.releases import ReleasesOf
from harness.diagnosis.search import CELLS
from harness.gate.asked import as_of_its_time, asked_only
from harness.gate.compare import Comparison, Difference
from harness.matrix.lines import MARK
from harness.model import Cell, CellResult, Failure
from harness.report.gate import Diagnosed


class RegressionFeed:
    """Gives the cells of the diagnoses of what regressed, until each has a culprit or nothing is left to ask.

    `results` are those of the plan, `references` those of the baseline's locks, both by the plan's cells.
    """

    total: int | None = None

    def __init__(
        self,
        comparisons: Sequence[Comparison],
        results: Mapping[str, CellResult],
        references: Mapping[str, CellResult],
        cells: Mapping[str, Cell],
        *,
        releases_of: ReleasesOf,
        budget: Budget,
    ) -> None:
        self._points = {
            each.cell: frozenset(
                point.name for point in each.points if point.difference is Difference.REGRESSED
            )
            for each in comparisons
            if each.difference is Difference.REGRESSED and not each.other_project
        }
        self._known = Known(self._asked(result) for result in results.values())
        for cell, points in self._points.items():
            if cell in references:
                self._known.learn(as_of_its_time(references[cell], results[cell], points))
        self._among = {cell: cells[cell] for cell in self._points if is_failure(self._asked(results[cell]))}
        self._results = results
        self._feed = DiagnosisFeed(
            self._known, self._among, releases_of=releases_of, budget=budget, each=CELLS
        )

    @property
    def open(self) -> str:
        """How many regressions it is about."""
        return self._feed.open

    @property
    def worth_running(self) -> bool:
        """Whether there is anything to diagnose."""
        return bool(self._among)

    def next_cell(self) -> Cell | None:
        """The next changed cell."""
        return self._feed.next_cell()

    def learn(self, result: CellResult) -> None:
        """Take in what came of a cell, as far as it is about what got worse."""
        self._feed.learn(self._asked(result))

    def knows(self, failures: Sequence[Failure]) -> bool:  # noqa: ARG002 - a feed's
        """Never: each side is tried as often as the other."""
        return False

    def diagnosed(self) -> dict[str, Diagnosed]:
        """What is known by now of each regression."""
        found = {
            finding.cell: Diagnosed(finding=finding)
            for culprit in culprits(self._known)
            for finding in culprit.findings
        }
        told: dict[str, Diagnosed] = {}
        for cell in self._points:
            if cell in found:
                told[cell] = found[cell]
            elif cell in self._among:
                diagnosis = diagnose_again(self._asked(self._results[cell]), self._known)
                told[cell] = Diagnosed(why_not=diagnosis.why_not or "what it is due to was not found in time")
            else:
                told[cell] = Diagnosed(why_not="only what is resolved today, and installs, is diagnosed")
        return told

    def _asked(self, result: CellResult) -> CellResult:
        stack, _, profile = result.cell.partition("@")
        base = f"{stack.partition(MARK)[0]}@{profile}"
        return asked_only(result, self._points.get(base, _all(self._points.values())))


def _all(points: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*points)
