"""What was seen to work, and by that what partners are good for a pair that is put to the test. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from harness.matrix.field import Field, Pin, Pins
from harness.pairs.search import PairCost
from harness.pairs.trials import Outcome, Trial


@dataclass(frozen=True, kw_only=True)
class Witnesses:
    """The pairs of a field that were seen to work in some trials."""

    field: Field
    trials: tuple[Trial, ...]

    @cached_property
    def of(self) -> Mapping[Pins, Trial]:
        """By pair, a trial in which it works: one without caveats, if there is one."""
        found: dict[Pins, Trial] = {}
        for trial in self.trials:
            if trial.outcome.good:
                for pair in combinations(trial.pins, 2):
                    known = found.get(pair)
                    if known is None or (
                        known.outcome is Outcome.CAVEATS and trial.outcome is Outcome.PASSED
                    ):
                        found[pair] = trial
        return found

    @cached_property
    def works_with(self) -> Mapping[Pin, frozenset[Pin]]:
        """By the first pin of pairs that have a witness, the second ones: what is asked most."""
        seconds: dict[Pin, set[Pin]] = {}
        for one, other in self.of:
            seconds.setdefault(one, set()).add(other)
        return {one: frozenset(others) for one, others in seconds.items()}

    @cached_property
    def unproven(self) -> frozenset[Pin]:
        """The values that have not been seen to work with anything."""
        proven = {pin for pair in self.of for pin in pair}
        pins = ((axis, value) for axis, values in self.field.axes.items() for value in values)
        return frozenset(pins) - proven

    @cached_property
    def lacking(self) -> tuple[Pins, ...]:
        """The pairs without a witness, forbidden ones included."""
        return tuple(pair for pair in self.field.pairs if pair not in self.of)

    def lacking_in(self, row: Pins) -> tuple[Pins, ...]:
        """The pairs of a row that have no witness. Rows are many, and each is asked for often."""
        found = self._lacking_in.get(row)
        if found is None:
            found = tuple(pair for pair in combinations(row, 2) if pair not in self.of)
            self._lacking_in[row] = found
        return found

    def partner_cost(self, goal: Pins) -> "PartnerCost":
        """What partners cost that are to let `goal` show itself."""
        return PartnerCost(witnesses=self, goal=goal)

    @cached_property
    def _lacking_in(self) -> dict[Pins, tuple[Pins, ...]]:
        return {}


@dataclass(frozen=True, kw_only=True)
class PartnerCost:
    """Pairs that are not known to work cost one each; those of a value that was never seen to work are free.

    Such a value has no better partners, and its own pairs are what it is tried for.
    """

    witnesses: Witnesses
    goal: Pins

    @cached_property
    def pair_cost(self) -> PairCost:
        """What a pair adds. A search asks for it more often than for anything else."""
        works_with, free, goal, nothing = self.witnesses.works_with, self._free, self.goal, frozenset[Pin]()

        def cost(one: Pin, other: Pin) -> float:
            if other in works_with.get(one, nothing) or one in free or other in free:
                return 0
            return (one, other) != goal

        return cost

    def of(self, row: Pins) -> float:
        """What a whole row costs."""
        known = self._of.get(row)
        if known is None:
            strange = self.witnesses.lacking_in(row)
            known = sum(map(self._free.isdisjoint, strange)) if self._free else len(strange)
            known -= self.goal in strange and self._free.isdisjoint(self.goal)
            self._of[row] = known
        return known

    @cached_property
    def _of(self) -> dict[Pins, float]:
        return {}

    @cached_property
    def _free(self) -> frozenset[Pin]:
        return self.witnesses.unproven.intersection(self.goal)
