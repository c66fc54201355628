"""From trials to what is known of every pair: a witness, a cause, or that it is open. Pure.

A pair works if a trial shows it (`witnesses`). It is broken when it has a cause (`causes`), and when each row
that it could be in has one.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import combinations

from harness.matrix.field import Field, Pin, Pins
from harness.pairs.causes import Blame, Cause, Memory
from harness.pairs.hunches import Hunch, hunches
from harness.pairs.search import Search
from harness.pairs.trials import Outcome, Trial
from harness.pairs.witnesses import Witnesses


class State(StrEnum):
    """What is known of a pair."""

    WORKS = "works"
    BROKEN = "broken"
    UNRESOLVABLE = "unresolvable"
    OPEN = "untested"


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
    def seen(self) -> Witnesses:
        """What was seen to work."""
        return Witnesses(field=self.field, trials=self.trials)

    @property
    def witnesses(self) -> Mapping[Pins, Trial]:
        """By pair, a trial in which it works: one without caveats, if there is one."""
        return self.seen.of

    @property
    def causes(self) -> Mapping[Pins, Cause]:
        """By its pins, every cause; none of them lies in another."""
        return self._blame.causes

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
        return tuple(pair for pair in self.seen.lacking if self.search.feasible(pair))

    @cached_property
    def suspects(self) -> Mapping[Pins, tuple[Trial, ...]]:
        """The open pairs that were in a failure which no cause explains, and those failures."""
        return self._blame.attempts(self.causes, self.open_pairs)

    def standings(self) -> tuple[Standing, ...]:
        """What is known of every pair."""
        return tuple(map(self.standing, self.field.pairs))

    def standing(self, pair: Pins) -> Standing:
        """What is known of one pair."""
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
        if pair in self._still_open:
            cells = tuple(trial.cell for trial in self.suspects.get(pair, ()))
            return Standing(pair=pair, state=State.OPEN, cells=cells)
        return self._derived(pair)

    @cached_property
    def accused(self) -> frozenset[Pins]:
        """The pairs that hunches are about."""
        return frozenset(pins for hunch in self.hunches for pins in hunch.pins if len(hunch.axes) == 2)  # noqa: PLR2004 - a pair

    @cached_property
    def _blame(self) -> Blame:
        return Blame(
            witnesses=self.seen,
            failures=self._failures,
            echoing=self.echoing,
            understood=self.understood,
            hunches=self.hunches,
            memory=self.memory,
        )

    def _search(self, obstacles: Iterable[Pins] = ()) -> Search:
        return self.memory.search(self.field, obstacles)

    @cached_property
    def _failures(self) -> tuple[Trial, ...]:
        """One of each row that failed; a row that works as well is no failure."""
        good = {trial.pins for trial in self.trials if trial.outcome.good}
        # Its own failure of a row comes after an echo, and is taken.
        failures = (*self.echoes, *self.trials)
        whole = (trial for trial in failures if len(trial.pins) == len(self.field.axes))
        return tuple({t.pins: t for t in whole if not t.outcome.good and t.pins not in good}.values())

    @cached_property
    def _still_open(self) -> frozenset[Pins]:
        return frozenset(self.open_pairs)

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
