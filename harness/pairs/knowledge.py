"""From trials to what is known of every pair: a witness, a cause, or that it is open. Pure.

A pair is broken when it has a cause: a failure that stays whatever else is chosen. What else is chosen
matters: a row may fail for another pair in it. So an attempt at a pair counts as long as there is no row
left that has better partners, which are those that are known to work with each other and with both.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import combinations
from typing import cast

from harness.matrix.field import Field, Pin, Pins
from harness.pairs.hunches import Hunch, hunches
from harness.pairs.search import PairCost, Search
from harness.pairs.trials import Outcome, Trial

ATTEMPTS = 3  # that many failures make a cause, if there are as many rows to try
# So many make one though their signatures differ: what fails may show itself in several ways.
_DIFFERENT_ATTEMPTS = 2 * ATTEMPTS
_KEPT_SEARCHES = 64


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


@dataclass(kw_only=True)
class Memory:
    """What was found out about rows, handed on from knowledge to knowledge; it changes no answer.

    Searches hold as long as their obstacles do, and what was `judged` as long as the `witnesses` do.
    """

    searches: dict[frozenset[Pins], Search] = dataclasses.field(default_factory=dict)
    witnesses: frozenset[Pins] = frozenset()
    judged: dict[object, Cause | bool | None] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """All that some trials say about the field.

    `echoes` are failures of another resolution, with signatures that were seen in this one, too: they count
    for a pair that has failed in the same way here. One failure with an `understood` signature is enough for
    the pairs that seem to share it: what is behind it was settled once, for all of them.
    """

    field: Field
    trials: tuple[Trial, ...]
    echoes: tuple[Trial, ...] = ()
    understood: frozenset[str] = frozenset()
    # What others know to be likely to fail, so that no row is made of it while there are others.
    avoid: frozenset[Pins] = frozenset()
    # Rows that were tried and said nothing, for the machine's sake or because they are flaky.
    barred: frozenset[Pins] = frozenset()
    memory: Memory = dataclasses.field(default_factory=Memory, compare=False)

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
    def echoing(self) -> frozenset[str]:
        """The cells of the echoes."""
        return frozenset(trial.cell for trial in self.echoes)

    @cached_property
    def hunches(self) -> tuple[Hunch, ...]:
        """What the failures seem to share, by their signatures."""
        failed: dict[str, list[Pins]] = {}
        for trial in self._failures:
            failed.setdefault(trial.signature, []).append(trial.pins)
        return hunches(self.field, failed, [trial.pins for trial in self.trials if trial.outcome.good])

    @cached_property
    def promising(self) -> Search:
        """The rows that nothing speaks against, not even a hunch."""
        likely = (pins for hunch in self.hunches for pins in hunch.pins)
        puzzling = (trial.pins for trial in self._puzzling)
        return self._search((*self.causes, *self.barred, *self.avoid, *likely, *puzzling))

    def but_for(self, hunch: Hunch) -> Search:
        """The rows that nothing but this hunch speaks against."""
        others = (pins for other in self.hunches if other != hunch for pins in other.pins)
        return self._search((*self.causes, *self.barred, *others))

    @cached_property
    def failed_rows(self) -> frozenset[Pins]:
        """The rows that failed, and did not work in another trial."""
        return frozenset(trial.pins for trial in self._failures)

    @cached_property
    def doubts(self) -> Mapping[Pins, int]:
        """The open pairs that were in failures which neither a cause nor a hunch explains, and how many."""
        pairs = (pair for trial in self._puzzling for pair in combinations(trial.pins, 2))
        found = Counter[Pins](pairs)
        return {pair: found[pair] for pair in self.open_pairs if pair in found}

    @cached_property
    def _puzzling(self) -> tuple[Trial, ...]:
        known = self._search(self.causes)
        return tuple(
            trial
            for trial in self._failures
            if not any(hunch.about(trial.pins) for hunch in self.hunches)
            and not known.obstacle_in(trial.pins)
        )

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

    @cached_property
    def accused(self) -> frozenset[Pins]:
        """The pairs that hunches are about."""
        return frozenset(pins for hunch in self.hunches for pins in hunch.pins if len(hunch.axes) == 2)  # noqa: PLR2004 - a pair

    def understands(self, pair: Pins, attempts: Iterable[Trial]) -> bool:
        """Whether a pair is accused of a signature that is understood, and was seen to fail with it."""
        known = self.understood.intersection(trial.signature for trial in attempts)
        return any(hunch.signature in known and pair in hunch.pins for hunch in self.hunches)

    def partner_cost(self, goal: Pins) -> "PartnerCost":
        """What partners cost that are to let `goal` show itself."""
        return PartnerCost(knowledge=self, goal=goal)

    def best_untried(self, pair: Pins) -> Pins | None:
        """The row with the best partners for a pair that was not tried, and other partners than before."""
        return _best_untried(self, self.search, pair, self.suspects.get(pair, ()))

    @cached_property
    def _unwitnessed_of(self) -> dict[Pins, tuple[Pins, ...]]:
        return {}

    @cached_property
    def _unwitnessed(self) -> tuple[Pins, ...]:
        return tuple(pair for pair in self.field.pairs if pair not in self.witnesses)

    def _search(self, obstacles: Iterable[Pins] = ()) -> Search:
        obstacles = frozenset((*self.field.forbidden, *obstacles))
        search = self.memory.searches.pop(obstacles, None) or Search(field=self.field, obstacles=obstacles)
        self.memory.searches[obstacles] = search
        while len(self.memory.searches) > _KEPT_SEARCHES:
            del self.memory.searches[next(iter(self.memory.searches))]
        return search

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
        # Its own failure of a row comes after an echo, and is taken.
        failures = (*self.echoes, *self.trials)
        whole = (trial for trial in failures if len(trial.pins) == len(self.field.axes))
        return tuple({t.pins: t for t in whole if not t.outcome.good and t.pins not in good}.values())

    def _further_causes(self, causes: Mapping[Pins, Cause]) -> dict[Pins, Cause]:
        attempts = self._attempts(causes, self._unwitnessed)
        search = self._search(causes)
        values = (self._value_cause(search, pin, attempts) for pin in sorted(self._tried(attempts)))
        found = {cause.pins: cause for cause in values if cause is not None}
        if found:
            return found
        explained: set[str] = set()
        for pair, trials in attempts.items():
            # What explains failures takes them from others.
            left = tuple(trial for trial in trials if trial.cell not in explained)
            if left and self._is_cause(search, pair, left):
                found[pair] = _cause(pair, left)
                explained.update(found[pair].cells)
        return found

    def _value_cause(
        self, search: Search, pin: Pin, attempts: Mapping[Pins, tuple[Trial, ...]]
    ) -> Cause | None:
        pairs = self._pairs_of[pin]
        key = (search.obstacles, pin, tuple(trial.cell for pair in pairs for trial in attempts.get(pair, ())))
        judged = self._judged
        if key not in judged:
            judged[key] = _value_cause(self, search, pin, pairs, attempts)
        return cast("Cause | None", judged[key])

    def _is_cause(self, search: Search, pair: Pins, trials: tuple[Trial, ...]) -> bool:
        if self.understands(pair, trials):
            return True
        # Of a value that was never seen to work nobody knows good partners.
        if self.unproven.intersection(pair):
            return False
        key = (search.obstacles, pair, tuple(trial.cell for trial in trials))
        judged = self._judged
        if key not in judged:
            judged[key] = _is_cause(self, search, pair, trials)
        return cast("bool", judged[key])

    @cached_property
    def _judged(self) -> dict[object, Cause | bool | None]:
        witnesses = frozenset(self.witnesses)
        if witnesses != self.memory.witnesses:
            self.memory.witnesses = witnesses
            self.memory.judged = {}
        return self.memory.judged

    @cached_property
    def _pairs_of(self) -> Mapping[Pin, tuple[Pins, ...]]:
        found: dict[Pin, tuple[Pins, ...]] = {}
        for pair in self.field.pairs:
            for pin in pair:
                found[pin] = (*found.get(pin, ()), pair)
        return found

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


def _value_cause(
    knowledge: Knowledge,
    search: Search,
    pin: Pin,
    pairs: Iterable[Pins],
    attempts: Mapping[Pins, tuple[Trial, ...]],
) -> Cause | None:
    """A value that fails with everything: with each of its partners, and always in the same way.

    Where there is no way that all share, each partner was tried as often as a pair has to be.
    """
    cost = knowledge.partner_cost((pin,))
    fair: dict[Pins, Trial] = {}
    alike: set[str] | None = None
    for pair in pairs:
        if not search.feasible(pair):
            continue
        tried = {trial.pins: trial for trial in attempts.get(pair, ())}
        if not tried:
            return None
        untried = search.cheapest(pair, cost.pair_cost, tried=tried)
        best = {row: trial for row, trial in tried.items() if not untried or cost.of(row) <= untried[0]}
        if untried and not best:
            return None
        signatures = {trial.signature for trial in best.values()}
        if untried and len(best) < ATTEMPTS:
            alike = signatures if alike is None else alike & signatures
            if not alike:
                return None
        fair |= best
    if len(fair) < ATTEMPTS and not search.some((pin,), ATTEMPTS) <= set(fair):
        return None
    return _cause((pin,), tuple(fair.values()))


def _is_cause(knowledge: Knowledge, search: Search, pair: Pins, attempts: Sequence[Trial]) -> bool:
    """Whether no better row is left to try, and enough were tried."""
    own = {trial.signature for trial in attempts if trial.cell not in knowledge.echoing}
    counting = {trial.pins: trial for trial in attempts if trial.signature in own}
    if len(counting) < ATTEMPTS:
        return bool(own) and search.some(pair, ATTEMPTS) <= {trial.pins for trial in attempts}
    if not _enough(counting.values()):
        return False
    cost = knowledge.partner_cost(pair)
    # Any better row will do to refuse it, and one is quickly found.
    some = search.first(pair, cost.pair_cost)
    limit = cost.of(some) if some is not None and some not in counting else float("inf")
    if not _enough(trial for row, trial in counting.items() if cost.of(row) <= limit):
        return False
    untried = search.cheapest(pair, cost.pair_cost, tried=counting)
    if untried is None:
        return True
    good = [row for row in counting if cost.of(row) <= untried[0]]
    if not _enough(counting[row] for row in good):
        return False
    # What all of them share may be to blame along with the pair: where it can be avoided, it has to be.
    shared = set(good[0]).intersection(*good[1:]) - set(pair)
    limit = max(map(cost.of, good))
    others = (search.cheapest(pair, cost.pair_cost, {pin: float("inf")}) for pin in shared)
    return all(other is None or other[0] > limit for other in others)


def _enough(attempts: Iterable[Trial]) -> bool:
    alike = Counter(trial.signature for trial in attempts)
    return max(alike.values(), default=0) >= ATTEMPTS or alike.total() >= _DIFFERENT_ATTEMPTS


def _best_untried(knowledge: Knowledge, search: Search, pair: Pins, attempts: Sequence[Trial]) -> Pins | None:
    tried = {trial.pins for trial in attempts if trial.cell not in knowledge.echoing}
    # Whoever was there before counts little, but counts: all axes together less than one pair.
    once = 1 / (len(search.field.axes) * (len(tried) + 1))
    used = {pin: once * sum(pin in row for row in tried) for row in tried for pin in row}
    partners = knowledge.partner_cost(pair).pair_cost

    def cost(one: Pin, other: Pin) -> float:
        # A partner that a hunch is about would leave open which of the two failed.
        return partners(one, other) + ((one, other) != pair and (one, other) in knowledge.accused)

    found = search.cheapest(pair, cost, used, tried=tried)
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
