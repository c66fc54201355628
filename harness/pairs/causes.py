"""From failures to what is to blame for them: a value, or a pair. Pure.

A cause is a failure that stays whatever else is chosen. What else is chosen matters: a row may fail for
another pair in it. So an attempt at a pair counts as long as there is no row left that has better partners,
which are those that are known to work with each other and with both.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import cast

from harness.matrix.field import Field, Pin, Pins
from harness.pairs.hunches import Hunch
from harness.pairs.search import Search
from harness.pairs.trials import Outcome, Trial
from harness.pairs.witnesses import Witnesses

ATTEMPTS = 3  # that many failures make a cause, if there are as many rows to try
# So many make one though their signatures differ: what fails may show itself in several ways.
_DIFFERENT_ATTEMPTS = 2 * ATTEMPTS
_KEPT_SEARCHES = 64
_LIKELY = 12  # of so many that were asked for last, one is like what is asked for next


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Pins that fail together whatever else is chosen, and the cells that show it."""

    pins: Pins
    signature: str
    outcome: Outcome
    cells: tuple[str, ...]


# A way to fail: the axes of what is to blame, and the signature.
_Way = tuple[tuple[str, ...], str]
# What was found out of a value or of a pair.
_Judged = Cause | tuple[Trial, ...] | None


@dataclass(kw_only=True)
class Memory:
    """What was found out about rows, handed on from knowledge to knowledge; it changes no answer.

    Searches hold as long as their obstacles do, and what was `judged` as long as the `witnesses` do.
    """

    searches: dict[frozenset[Pins], Search] = dataclasses.field(default_factory=dict)
    witnesses: frozenset[Pins] = frozenset()
    judged: dict[object, _Judged] = dataclasses.field(default_factory=dict)

    def search(self, field: Field, obstacles: Iterable[Pins]) -> Search:
        """The search for rows with nothing that the field forbids, and none of these obstacles either."""
        obstacles = frozenset((*field.forbidden, *obstacles))
        search = self.searches.pop(obstacles, None) or self._begin(field, obstacles)
        # What was asked for last is forgotten last.
        self.searches[obstacles] = search
        while len(self.searches) > _KEPT_SEARCHES:
            del self.searches[next(iter(self.searches))]
        return search

    def _begin(self, field: Field, obstacles: frozenset[Pins]) -> Search:
        """A new search that knows what the one most like it has found."""
        latest = [each for each in islice(reversed(self.searches.values()), _LIKELY) if each.field == field]
        if not latest:
            return Search(field=field, obstacles=obstacles)
        alike = min(latest, key=lambda each: len(each.obstacles ^ obstacles))
        return alike.with_obstacles(obstacles)

    def judged_by(self, witnesses: frozenset[Pins]) -> dict[object, _Judged]:
        """What was judged when these pairs, and no others, were known to work."""
        if witnesses != self.witnesses:
            self.witnesses, self.judged = witnesses, {}
        return self.judged


@dataclass(frozen=True, kw_only=True)
class Blame:
    """What `failures`, one of each row, are to be blamed on, as far as they show it.

    `echoing` cells are echoes. A failure with an `understood` signature is enough for the pairs that one of
    the `hunches` accuses of it, and so is one with a signature that is the cause of three such pairs.
    """

    witnesses: Witnesses
    failures: tuple[Trial, ...]
    echoing: frozenset[str]
    understood: frozenset[str]
    hunches: tuple[Hunch, ...]
    memory: Memory

    @cached_property
    def causes(self) -> Mapping[Pins, Cause]:
        """By its pins, every cause; none of them lies in another."""
        causes: dict[Pins, Cause] = {}
        # What a cause explains is not to be blamed on anything else, and none of its rows is looked for.
        while further := self._further(causes):
            causes |= further
        return causes

    def attempts(self, causes: Mapping[Pins, Cause], pairs: Iterable[Pins]) -> dict[Pins, tuple[Trial, ...]]:
        """By pair, of those without a witness, the failures that it was in and that no cause explains."""
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
            for pair in self.witnesses.lacking_in(trial.pins):
                if pair in wanted:
                    attempts.setdefault(pair, []).append(trial)
        return {pair: tuple(trials) for pair, trials in attempts.items()}

    @cached_property
    def _unexplained(self) -> list[tuple[frozenset[Pins], Sequence[Trial]]]:
        """Failures that some causes do not explain: without any causes, and with the last ones asked for."""
        return [(frozenset(), self.failures)]

    def _search(self, causes: Iterable[Pins]) -> Search:
        return self.memory.search(self.witnesses.field, causes)

    def _further(self, causes: Mapping[Pins, Cause]) -> dict[Pins, Cause]:
        """The values that are to blame for what `causes` leave unexplained; if there are none, the pairs."""
        attempts = self.attempts(causes, self.witnesses.lacking)
        search = self._search(causes)
        tried = {pin for pair in attempts for pin in pair if pin in self.witnesses.unproven}
        values = (self._value(search, pin, attempts) for pin in sorted(tried))
        found = {cause.pins: cause for cause in values if cause is not None}
        if found:
            return found
        explained: set[str] = set()
        settled = _settled(causes.values())
        for pair, trials in attempts.items():
            # What explains failures takes them from others.
            left = tuple(trial for trial in trials if trial.cell not in explained)
            if left and (telling := self._telling(search, pair, left, settled)):
                found[pair] = _cause(pair, left, telling)
                explained.update(found[pair].cells)
        return found

    def _value(self, search: Search, pin: Pin, attempts: Mapping[Pins, tuple[Trial, ...]]) -> Cause | None:
        pairs = self._pairs_of[pin]
        key = (search.obstacles, pin, _shown(trial for pair in pairs for trial in attempts.get(pair, ())))
        if key not in self._judged:
            self._judged[key] = _value_cause(self.witnesses, search, pin, pairs, attempts)
        return cast("Cause | None", self._judged[key])

    def _telling(
        self, search: Search, pair: Pins, trials: tuple[Trial, ...], settled: AbstractSet[_Way]
    ) -> tuple[Trial, ...]:
        """Those of a pair's failures that show it to be a cause; none if it is not shown to be one."""
        if understood := self._understood(pair, trials, settled):
            return understood
        # Of a value that was never seen to work nobody knows good partners.
        if self.witnesses.unproven.intersection(pair):
            return ()
        key = (search.obstacles, pair, _shown(trials))
        if key not in self._judged:
            own = frozenset(trial.signature for trial in trials if trial.cell not in self.echoing)
            self._judged[key] = _telling_of_pair(self.witnesses, search, pair, trials, own)
        return cast("tuple[Trial, ...]", self._judged[key])

    def _understood(
        self, pair: Pins, trials: Iterable[Trial], settled: AbstractSet[_Way]
    ) -> tuple[Trial, ...]:
        """The failures of a pair with a signature that it is accused of and that is understood.

        An echo is none of those that a `settled` way to fail explains: what fails so today may have worked.
        """
        axes = tuple(axis for axis, _ in pair)
        accused = {hunch.signature for hunch in self.hunches if pair in hunch.pins}
        known = {signature for signature in accused if self._explanations(signature) == {axes}}
        return tuple(
            trial
            for trial in trials
            if trial.signature in known
            and (
                trial.signature in self.understood
                or ((axes, trial.signature) in settled and trial.cell not in self.echoing)
            )
        )

    def _explanations(self, signature: str) -> AbstractSet[tuple[str, ...]]:
        """The axes of which no row that has a signature holds a pair that works elsewhere.

        Where there are several, nobody knows yet which of them are to blame.
        """
        if signature not in self._explained:
            found: AbstractSet[tuple[str, ...]] | None = None
            for trial in self._by_signature.get(signature, ()):
                lacking = self.witnesses.lacking_in(trial.pins)
                axes = {(one, other) for (one, _), (other, _) in lacking}
                found = axes if found is None else found & axes
            self._explained[signature] = found or frozenset()
        return self._explained[signature]

    @cached_property
    def _explained(self) -> dict[str, AbstractSet[tuple[str, ...]]]:
        return {}

    @cached_property
    def _by_signature(self) -> Mapping[str, Sequence[Trial]]:
        found: dict[str, list[Trial]] = {}
        for trial in self.failures:
            found.setdefault(trial.signature, []).append(trial)
        return found

    @cached_property
    def _judged(self) -> dict[object, _Judged]:
        return self.memory.judged_by(frozenset(self.witnesses.of))

    @cached_property
    def _pairs_of(self) -> Mapping[Pin, tuple[Pins, ...]]:
        found: dict[Pin, tuple[Pins, ...]] = {}
        for pair in self.witnesses.field.pairs:
            for pin in pair:
                found[pin] = (*found.get(pin, ()), pair)
        return found


def _settled(causes: Iterable[Cause]) -> AbstractSet[_Way]:
    """The ways to fail that so many pairs were shown to have by themselves that one failure is enough."""
    ways = Counter((tuple(axis for axis, _ in cause.pins), cause.signature) for cause in causes)
    return {way for way, times in ways.items() if times >= ATTEMPTS}


def _shown(trials: Iterable[Trial]) -> tuple[tuple[str, str], ...]:
    """What trials show, in short. A cell that is run again may fail in another way."""
    return tuple((trial.cell, trial.signature) for trial in trials)


def _value_cause(
    witnesses: Witnesses,
    search: Search,
    pin: Pin,
    pairs: Iterable[Pins],
    attempts: Mapping[Pins, tuple[Trial, ...]],
) -> Cause | None:
    """A value that fails with everything: with each of its partners, and always in the same way.

    Where there is no way that all share, each partner was tried as often as a pair has to be.
    """
    cost = witnesses.partner_cost((pin,))
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
    return _cause((pin,), tuple(fair.values()), tuple(fair.values()))


def _telling_of_pair(
    witnesses: Witnesses, search: Search, pair: Pins, attempts: Sequence[Trial], own: frozenset[str]
) -> tuple[Trial, ...]:
    """The attempts with the best partners, if no better row is left to try and enough were tried; else none.

    An echo counts only if the pair has failed so here, too: with one of its `own` signatures.
    """
    counting = {trial.pins: trial for trial in attempts if trial.signature in own}
    tried = {trial.pins for trial in attempts}
    if own and len(tried) < _DIFFERENT_ATTEMPTS and search.some(pair, len(tried) + 1) <= tried:
        return tuple(counting.values())
    if not _enough(counting.values()):
        return ()
    cost = witnesses.partner_cost(pair)
    # Any better row will do to refuse it, and one is quickly found.
    some = search.first(pair, cost.pair_cost)
    limit = cost.of(some) if some is not None and some not in counting else float("inf")
    if not _enough(trial for row, trial in counting.items() if cost.of(row) <= limit):
        return ()
    untried = search.cheapest(pair, cost.pair_cost, tried=counting)
    if untried is None:
        return tuple(counting.values())
    good = [row for row in counting if cost.of(row) <= untried[0]]
    telling = tuple(counting[row] for row in good)
    if not _enough(telling):
        return ()
    # What all of them share may be to blame along with the pair: where it can be avoided, it has to be.
    shared = set(good[0]).intersection(*good[1:]) - set(pair)
    limit = max(map(cost.of, good))
    others = (search.cheapest(pair, cost.pair_cost, {pin: float("inf")}) for pin in shared)
    return telling if all(other is None or other[0] > limit for other in others) else ()


def _enough(attempts: Iterable[Trial]) -> bool:
    """Whether they make a cause: three with one signature, or twice as many of any."""
    alike = Counter(trial.signature for trial in attempts)
    return max(alike.values(), default=0) >= ATTEMPTS or alike.total() >= _DIFFERENT_ATTEMPTS


def _cause(pins: Pins, trials: Sequence[Trial], telling: Sequence[Trial]) -> Cause:
    """Of all `trials` that the pins explain, those `telling` have partners that are not to blame."""
    signatures = [trial.signature for trial in telling]
    common = max(dict.fromkeys(signatures), key=signatures.count)
    outcomes = {trial.outcome for trial in trials}
    return Cause(
        pins=pins,
        signature=common,
        outcome=outcomes.pop() if len(outcomes) == 1 else Outcome.FAILED,
        cells=tuple(trial.cell for trial in trials),
    )
