"""From trials to what is known of every pair: a witness, a cause, or that it is open. Pure.

A pair is broken when it has a cause: a failure that stays whatever else is chosen. What else is chosen
matters: a row may fail for another pair in it. So an attempt at a pair counts as long as there is no row
left that has better partners, which are those that are known to work with each other and with both.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import combinations

from harness.matrix.field import Field, Pin, Pins
from harness.pairs.search import PairCost, Search
from harness.pairs.trials import Outcome, Trial

ATTEMPTS = 3  # that many failures make a cause, if there are as many rows to try


class State(StrEnum):
    """What is known of a pair."""

    WORKS = "works"
    BROKEN = "broken"
    UNRESOLVABLE = "unresolvable"
    OPEN = "untested"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Pins that fail together whatever else is chosen, and the cells that show it."""

    pins: Pins
    signature: str
    outcome: Outcome
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is known of a pair.

    `witness` is the cell in which it works, `caveats` whether it does so with caveats only. `because` says
    what forbids it: a declaration or a signature; `cells` show it, and `culprit` are the pins to blame.
    """

    pair: Pins
    state: State
    witness: str = ""
    caveats: bool = False
    because: str = ""
    culprit: Pins = ()
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """All that some trials say about the field."""

    field: Field
    trials: tuple[Trial, ...]
    # Rows that were tried and said nothing, for the machine's sake or because they are flaky.
    barred: frozenset[Pins] = frozenset()
    # What was found out about rows holds as long as the obstacles do: handed on from knowledge to knowledge.
    searches: dict[frozenset[Pins], Search] = dataclasses.field(default_factory=dict, compare=False)

    @cached_property
    def witnesses(self) -> Mapping[Pins, Trial]:
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
        for one, other in self.witnesses:
            seconds.setdefault(one, set()).add(other)
        return {one: frozenset(others) for one, others in seconds.items()}

    @cached_property
    def causes(self) -> Mapping[Pins, Cause]:
        """By its pins, every cause; none of them lies in another."""
        causes: dict[Pins, Cause] = {}
        while further := self._further_causes(causes):
            causes |= further
        return causes

    @cached_property
    def search(self) -> Search:
        """The rows that may be tried: without anything forbidden, known to be broken, or barred."""
        return self._search((*self.causes, *self.barred))

    @cached_property
    def open_pairs(self) -> tuple[Pins, ...]:
        """Pairs without a witness that some row without any cause still has."""
        return tuple(pair for pair in self._unwitnessed if self.search.feasible(pair))

    @cached_property
    def suspects(self) -> Mapping[Pins, tuple[Trial, ...]]:
        """The open pairs that were in a failure which no cause explains, and those failures."""
        return self._attempts(self.causes, self.open_pairs)

    @cached_property
    def unproven(self) -> frozenset[Pin]:
        """The values that have not been seen to work with anything."""
        proven = {pin for pair in self.witnesses for pin in pair}
        pins = ((axis, value) for axis, values in self.field.axes.items() for value in values)
        return frozenset(pins) - proven

    @cached_property
    def failed_rows(self) -> frozenset[Pins]:
        """Every row that failed."""
        return frozenset(trial.pins for trial in self._failures)

    def unwitnessed_in(self, row: Pins) -> tuple[Pins, ...]:
        """The pairs of a row that have no witness. Rows are many, and each is asked for often."""
        found = self._unwitnessed_of.get(row)
        if found is None:
            found = tuple(pair for pair in combinations(row, 2) if pair not in self.witnesses)
            self._unwitnessed_of[row] = found
        return found

    def standings(self) -> tuple[Standing, ...]:
        """What is known of every pair."""
        still_open = set(self.open_pairs)
        return tuple(self._standing(pair, still_open) for pair in self.field.pairs)

    def partner_cost(self, goal: Pins) -> "PartnerCost":
        """What partners cost that are to let `goal` show itself."""
        return PartnerCost(knowledge=self, goal=goal)

    def best_untried(self, pair: Pins, attempts: Sequence[Trial]) -> Pins | None:
        """The row with the best partners for a pair that was not tried, and other partners than before."""
        return _best_untried(self, self.search, pair, attempts)

    @cached_property
    def _unwitnessed_of(self) -> dict[Pins, tuple[Pins, ...]]:
        return {}

    @cached_property
    def _unwitnessed(self) -> tuple[Pins, ...]:
        return tuple(pair for pair in self.field.pairs if pair not in self.witnesses)

    def _search(self, obstacles: Iterable[Pins] = ()) -> Search:
        obstacles = frozenset((*self.field.forbidden, *obstacles))
        return self.searches.setdefault(obstacles, Search(field=self.field, obstacles=obstacles))

    def _attempts(self, causes: Mapping[Pins, Cause], pairs: Iterable[Pins]) -> dict[Pins, tuple[Trial, ...]]:
        search = self._search(causes)
        # More causes explain more: what others of them explained need not be looked at again.
        known, bad = self._unexplained[-1]
        if not known <= causes.keys():
            known, bad = self._unexplained[0]
        bad = [trial for trial in bad if not search.obstacle_in(trial.pins)]
        self._unexplained[1:] = [(frozenset(causes), bad)]
        wanted = set(pairs)
        attempts: dict[Pins, list[Trial]] = {}
        for trial in bad:
            for pair in self.unwitnessed_in(trial.pins):
                if pair in wanted:
                    attempts.setdefault(pair, []).append(trial)
        return {pair: tuple(trials) for pair, trials in attempts.items()}

    @cached_property
    def _unexplained(self) -> list[tuple[frozenset[Pins], Sequence[Trial]]]:
        """Failures that some causes do not explain: without any causes, and with the last ones asked for."""
        return [(frozenset(), self._failures)]

    @cached_property
    def _failures(self) -> tuple[Trial, ...]:
        """One of each row that failed; a row that works as well is no failure."""
        good = {trial.pins for trial in self.trials if trial.outcome.good}
        whole = (trial for trial in self.trials if len(trial.pins) == len(self.field.axes))
        return tuple({t.pins: t for t in whole if not t.outcome.good and t.pins not in good}.values())

    def _further_causes(self, causes: Mapping[Pins, Cause]) -> dict[Pins, Cause]:
        attempts = self._attempts(causes, self._unwitnessed)
        search = self._search(causes)
        values = {pin: _value_cause(self, search, pin, attempts) for pin in sorted(self._tried(attempts))}
        found = {cause.pins: cause for cause in values.values() if cause is not None}
        if found:
            return found
        # One at a time: what explains failures takes them from others.
        for pair, trials in attempts.items():
            if not self.unproven.intersection(pair) and _is_cause(self, search, pair, trials):
                return {pair: _cause(pair, trials)}
        return {}

    def _tried(self, attempts: Mapping[Pins, Sequence[Trial]]) -> set[Pin]:
        return {pin for pair in attempts for pin in pair if pin in self.unproven}

    def _standing(self, pair: Pins, still_open: set[Pins]) -> Standing:
        witness = self.witnesses.get(pair)
        if witness is not None:
            return Standing(
                pair=pair,
                state=State.WORKS,
                witness=witness.cell,
                caveats=witness.outcome is Outcome.CAVEATS,
            )
        if pair in self.field.forbidden:
            because = self.field.forbidden[pair].text
            return Standing(pair=pair, state=State.UNRESOLVABLE, because=because, culprit=pair)
        if pair in still_open:
            cells = tuple(trial.cell for trial in self.suspects.get(pair, ()))
            return Standing(pair=pair, state=State.OPEN, cells=cells)
        return self._derived(pair)

    def _derived(self, pair: Pins) -> Standing:
        """A pair that every row lacks: for a cause in it, or for what all its partners run into."""
        if self._search(self.causes).feasible(pair):
            # The rows that are left were tried, and said nothing.
            return Standing(pair=pair, state=State.OPEN)
        declared = self._search()
        row = declared.first(pair)
        if row is None:
            # The declarations leave it no partner; some row shows one that is in the way.
            beside = Search(field=self.field, obstacles=frozenset()).first(pair, self._forbidden_cost)
            culprit = declared.obstacle_in(beside or ()) or ()
            because = self.field.forbidden[culprit].text if culprit else ""
            return Standing(pair=pair, state=State.UNRESOLVABLE, because=because, culprit=culprit)
        known = Search(field=self.field, obstacles=frozenset(self.causes))
        culprit = known.obstacle_in(pair) or known.obstacle_in(row) or ()
        cause = self.causes[culprit]
        unresolvable = cause.outcome is Outcome.UNRESOLVABLE
        return Standing(
            pair=pair,
            state=State.UNRESOLVABLE if unresolvable else State.BROKEN,
            because=cause.signature,
            culprit=culprit,
            cells=cause.cells,
        )

    def _forbidden_cost(self, one: Pin, other: Pin) -> float:
        return (one, other) in self.field.forbidden


@dataclass(frozen=True, kw_only=True)
class PartnerCost:
    """Pairs that are not known to work cost one each; those of a value that was never seen to work are free.

    Such a value has no better partners, and its own pairs are what it is tried for.
    """

    knowledge: Knowledge
    goal: Pins

    @cached_property
    def pair_cost(self) -> PairCost:
        """What a pair adds. A search asks for it more often than for anything else."""
        works_with, free, goal, nothing = self.knowledge.works_with, self._free, self.goal, frozenset[Pin]()

        def cost(one: Pin, other: Pin) -> float:
            if other in works_with.get(one, nothing) or one in free or other in free:
                return 0
            return (one, other) != goal

        return cost

    def of(self, row: Pins) -> float:
        """What a whole row costs."""
        known = self._of.get(row)
        if known is None:
            strange = self.knowledge.unwitnessed_in(row)
            known = sum(map(self._free.isdisjoint, strange)) if self._free else len(strange)
            known -= self.goal in strange and self._free.isdisjoint(self.goal)
            self._of[row] = known
        return known

    @cached_property
    def _of(self) -> dict[Pins, float]:
        return {}

    @cached_property
    def _free(self) -> frozenset[Pin]:
        return self.knowledge.unproven.intersection(self.goal)


def in_field_order(field: Field, one: Pin, other: Pin) -> Pins:
    """Two pins as the pair they are."""
    for axis in field.axes:
        if axis == one[0]:
            return (one, other)
        if axis == other[0]:
            return (other, one)
    raise KeyError(one[0])


def _value_cause(
    knowledge: Knowledge, search: Search, pin: Pin, attempts: Mapping[Pins, tuple[Trial, ...]]
) -> Cause | None:
    """A value that fails with everything: each of its pairs was tried, and it was tried often enough."""
    cost = knowledge.partner_cost((pin,))
    failed = knowledge.failed_rows
    fair: dict[str, Trial] = {}
    for axis, values in knowledge.field.axes.items():
        for value in values if axis != pin[0] else ():
            pair = in_field_order(knowledge.field, pin, (axis, value))
            if not search.feasible(pair):
                continue
            untried = search.cheapest(pair, cost.pair_cost, tried=failed)
            tried = attempts.get(pair, ())
            best = [trial for trial in tried if not untried or cost.of(trial.pins) <= untried[0]]
            if untried and not best:
                return None
            fair |= {trial.cell: trial for trial in best}
    if len(fair) < ATTEMPTS and not search.some((pin,), ATTEMPTS) <= {each.pins for each in fair.values()}:
        return None
    return _cause((pin,), tuple(fair.values()))


def _is_cause(knowledge: Knowledge, search: Search, pair: Pins, attempts: Sequence[Trial]) -> bool:
    """Whether no better row is left to try, and enough were tried."""
    tried = {trial.pins for trial in attempts}
    if len(tried) < ATTEMPTS:
        return search.some(pair, ATTEMPTS) <= tried
    cost = knowledge.partner_cost(pair)
    untried = search.cheapest(pair, cost.pair_cost, tried=tried)
    if untried is None:
        return True
    good = [row for row in tried if cost.of(row) <= untried[0]]
    if len(good) < ATTEMPTS:
        return False
    # What all of them share may be to blame along with the pair: where it can be avoided, it has to be.
    shared = set(good[0]).intersection(*good[1:]) - set(pair)
    limit = max(map(cost.of, good))
    others = (search.cheapest(pair, cost.pair_cost, {pin: float("inf")}) for pin in shared)
    return all(other is None or other[0] > limit for other in others)


def _best_untried(knowledge: Knowledge, search: Search, pair: Pins, attempts: Sequence[Trial]) -> Pins | None:
    tried = {trial.pins for trial in attempts}
    # Whoever was there before counts little, but counts: all axes together less than one pair.
    once = 1 / (len(search.field.axes) * (len(tried) + 1))
    used = {pin: once * sum(pin in row for row in tried) for row in tried for pin in row}
    found = search.cheapest(pair, knowledge.partner_cost(pair).pair_cost, used, tried=tried)
    return found[1] if found else None


def _cause(pins: Pins, trials: Sequence[Trial]) -> Cause:
    signatures = [trial.signature for trial in trials]
    common = max(dict.fromkeys(signatures), key=signatures.count)
    outcomes = {trial.outcome for trial in trials}
    return Cause(
        pins=pins,
        signature=common,
        outcome=outcomes.pop() if len(outcomes) == 1 else Outcome.FAILED,
        cells=tuple(trial.cell for trial in trials),
    )
