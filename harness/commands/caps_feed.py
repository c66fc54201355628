"""The search for what becomes of pairs beyond the caps that packages declare, cell by cell."""

from collections.abc import Collection, Iterable, Sequence

from harness.commands.feed import Budget, Spending
from harness.matrix.field import Field, Pin, Pins
from harness.model import Cell, CellResult, Failure, Profile, Resolution
from harness.pairs.cells import cell_of
from harness.pairs.forced import know_forced, lacking, over_caps
from harness.pairs.probes import Probe, single_probe
from harness.pairs.trials import trials_of
from harness.pairs.verdicts import know


class CapsFeed:
    """A row for each pair that only an upper cap forbids, and more where it fails, until all are settled."""

    def __init__(
        self,
        field: Field,
        profile: Profile,
        *,
        known: Iterable[CellResult],
        budget: Budget,
        missing: Collection[Pin] = (),
    ) -> None:
        known = tuple(known)
        self._field = field
        self._profile = profile
        self._asked = over_caps(field)
        place = {
            (axis, value): -number for axis in field.axes for number, value in enumerate(field.axes[axis])
        }
        axes = list(field.axes)
        self._newest_first = sorted(
            self._asked, key=lambda pair: [(axes.index(pin[0]), place[pin]) for pin in pair]
        )
        self._plain = know(field, trials_of(known, field))
        self._forced = list(trials_of(known, field, forced=True))
        # What cannot be tried here stays untested, as does what was tried and said nothing.
        self._silent: set[Pins] = {(pin,) for pin in missing}
        self._running: dict[str, Pins] = {}
        self._given: set[str] = set()
        self._spending = Spending(budget)
        self.knowledge = know_forced(self._plain, self._forced, barred=frozenset(self._silent))

    @property
    def total(self) -> None:
        """That depends on what comes of the first ones."""

    @property
    def open(self) -> str:
        """How many pairs are open."""
        still_open = set(self.knowledge.open_pairs).intersection(self._asked)
        return f"{len(still_open)} of {len(self._asked)} pairs beyond a cap open"

    def next_cell(self) -> Cell | None:
        """The next attempt at a pair that is open, with partners as good as there are."""
        if self._spending.over:
            return None
        while (probe := self._probe()) is not None:
            lines = sorted({*self._plain.lines_for(probe.row), *self._lacking(probe.row)})
            cell = cell_of(probe.row, self._profile, Resolution.OVERRIDE, probe.reason, lines)
            if cell.id not in self._given:
                self._given.add(cell.id)
                self._running[cell.id] = probe.row
                self._spending.given += 1
                return cell
            # It fails for want of a line that it had: nothing can be learned of it.
            self._silent.add(probe.row)
            self._judge()
        return None

    def learn(self, result: CellResult) -> None:
        """Take in what a cell said; a row that said nothing is not tried again."""
        row = self._running.pop(result.cell)
        trials = tuple(trials_of([result], self._field, forced=True))
        self._forced.extend(trials)
        if not trials:
            self._silent.add(row)
        self._judge()

    def knows(self, failures: Sequence[Failure]) -> bool:  # noqa: ARG002 - a feed's
        """Never: few rows fail here, and each stands for what somebody may want to force."""
        return False

    def _probe(self) -> Probe | None:
        """Pairs that were not tried, the newest first, as people would force them; then what failed."""
        known, running = self.knowledge, self._running.values()
        untried = (pair for pair in self._newest_first if pair not in known.suspects)
        newest = next(filter(None, (single_probe(known, running, {pair}) for pair in untried)), None)
        return newest or single_probe(known, running, self._asked)

    def _lacking(self, row: Pins) -> frozenset[str]:
        return lacking(self._plain, [trial for trial in self._forced if trial.pins == row])

    def _judge(self) -> None:
        self.knowledge = know_forced(
            self._plain, self._forced, barred=frozenset(self._silent), before=self.knowledge
        )
