"""What is said of every pair: how it works when installed today, and if it does not, with pins. Pure.

A trial is `as_installed` when it is what an installer gives today for six series alone. All others chose
further: the index of another day, an older release. Their failures say nothing of today, but what works
today works with pins as well.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from harness.matrix.field import Field, Pins
from harness.pairs.knowledge import Knowledge, Standing, State
from harness.pairs.search import Search
from harness.pairs.trials import Trial


class Verdict(StrEnum):
    """What a reader wants to know of a pair, the best first."""

    WORKS = "works as installed today"
    CAVEATS = "works as installed today, with caveats"
    PINS = "works with pins"
    BROKEN = "broken"
    UNRESOLVABLE = "unresolvable"
    UNTESTED = "untested"


@dataclass(frozen=True, kw_only=True)
class PairVerdict:
    """A pair with all that is known of it. `today` is how it stands as installed, `pinned` with pins."""

    pair: Pins
    verdict: Verdict
    today: Standing
    pinned: Standing

    @property
    def telling(self) -> Standing:
        """The standing that the verdict comes from."""
        return self.pinned if self.verdict is Verdict.PINS else self.today


@dataclass(frozen=True, kw_only=True)
class FieldKnowledge:
    """Both sides of what is known: `today` and, of what does not work today, `pinned`."""

    today: Knowledge
    pinned: Knowledge

    @cached_property
    def wanting(self) -> tuple[Pins, ...]:
        """The pairs that do not work today, though they may be installed, and might with pins."""
        may = Search(field=self.today.field, obstacles=frozenset(self.today.field.forbidden))
        given_up = set(self.today.open_pairs).union(self.today.witnesses)
        return tuple(pair for pair in self.today.field.pairs if pair not in given_up and may.feasible(pair))

    def verdicts(self) -> Iterator[PairVerdict]:
        """Every pair's, in the order of the axes."""
        for today, pinned in zip(self.today.standings(), self.pinned.standings(), strict=True):
            yield PairVerdict(pair=today.pair, verdict=_verdict(today, pinned), today=today, pinned=pinned)


def know(
    field: Field,
    trials: Iterable[Trial],
    *,
    barred: frozenset[Pins] = frozenset(),
    before: FieldKnowledge | None = None,
) -> FieldKnowledge:
    """What the trials say; `barred` rows were tried and said nothing.

    What was found out about rows `before` holds as long as the field is the same.
    """
    known = tuple(trials)
    return FieldKnowledge(
        today=Knowledge(
            field=field,
            trials=tuple(trial for trial in known if trial.as_installed),
            barred=barred,
            searches=before.today.searches if before else {},
        ),
        pinned=Knowledge(
            field=field,
            trials=tuple(trial for trial in known if trial.outcome.good or not trial.as_installed),
            barred=barred,
            searches=before.pinned.searches if before else {},
        ),
    )


def _verdict(today: Standing, pinned: Standing) -> Verdict:
    if today.state is State.WORKS:
        return Verdict.CAVEATS if today.caveats else Verdict.WORKS
    if pinned.state is State.WORKS:
        return Verdict.PINS
    if today.state is State.OPEN or pinned.state is State.OPEN:
        # What cannot be installed at all is not waited for.
        return Verdict.UNTESTED
    return Verdict.UNRESOLVABLE if today.state is State.UNRESOLVABLE else Verdict.BROKEN
