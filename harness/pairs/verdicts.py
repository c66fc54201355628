"""What is said of every pair: how it works when installed today, and if it does not, with pins. Pure.

A trial is `as_installed` when it is what an installer gives today for the series alone. All others chose
further: the index of another day, an older release, a line that mends. Their failures say nothing of today,
but what works today works with pins as well; and a line that does not mend says nothing at all.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from harness.matrix.field import Field, Pins
from harness.model import Reason
from harness.pairs.knowledge import Knowledge, Standing, State
from harness.pairs.search import Search
from harness.pairs.trials import Outcome, Trial

SHARED = 3  # so many rows with the same signature have it in common


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
    trials: tuple[Trial, ...]

    @cached_property
    def unseen(self) -> frozenset[Pins]:
        """The pairs that have not been seen to work in any way."""
        return frozenset(
            pair
            for pair in self.today.field.pairs
            if pair not in self.today.witnesses and pair not in self.pinned.witnesses
        )

    @cached_property
    def shared(self) -> Mapping[str, tuple[Trial, ...]]:
        """Signatures that many rows have in common as installed today, and those rows.

        One release low in the tree can break most rows at once: what they have in common is settled once,
        and the pairs are learned about in ways that avoid it.
        """
        found: dict[str, list[Trial]] = {}
        for trial in self.today.trials:
            if trial.outcome is Outcome.FAILED:
                found.setdefault(trial.signature, []).append(trial)
        return {signature: tuple(trials) for signature, trials in found.items() if len(trials) >= SHARED}

    @cached_property
    def mends(self) -> tuple[str, ...]:
        """The requirements that may mend what is shared: a module that is missing has a name.

        Those that left a row with the same failure do not.
        """
        useless = {
            (trial.signature, line)
            for trial in self.trials
            for line in trial.requirements
            if not trial.outcome.good
        }
        lines = ((signature, _missing(signature)) for signature in self.shared)
        return tuple(sorted(line for signature, line in lines if line and (signature, line) not in useless))

    @cached_property
    def overwhelmed(self) -> bool:
        """Whether most rows fail today for what a line may mend: then the line comes first."""
        mendable = sum(len(trials) for name, trials in self.shared.items() if _missing(name) in self.mends)
        return mendable > len(self.today.trials) / 2

    @cached_property
    def wanting(self) -> frozenset[Pins]:
        """The pairs to ask for with pins: not seen to work, and today they do not, or fail as many do."""
        if self.overwhelmed:
            return self.unseen
        may = Search(field=self.today.field, obstacles=frozenset(self.today.field.forbidden))
        still_open = set(self.today.open_pairs)
        failing = {
            pair
            for pair, attempts in self.today.suspects.items()
            if all(trial.signature in self.shared for trial in attempts)
        }
        return frozenset(
            pair for pair in self.unseen if pair in failing or (pair not in still_open and may.feasible(pair))
        )

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
        trials=known,
        today=Knowledge(
            field=field,
            trials=tuple(trial for trial in known if trial.as_installed),
            barred=barred,
            searches=before.today.searches if before else {},
        ),
        pinned=Knowledge(
            field=field,
            trials=tuple(trial for trial in known if trial.outcome.good or _of_its_era(trial)),
            barred=barred,
            searches=before.pinned.searches if before else {},
        ),
    )


def _missing(signature: str) -> str:
    """The module that is missing, by its signature; "" for any other."""
    _, _, rest = signature.partition(":")
    reason, _, module = rest.partition(":")
    return module.partition(".")[0] if reason == Reason.MISSING_MODULE else ""


def _of_its_era(trial: Trial) -> bool:
    return not trial.as_installed and not trial.requirements


def _verdict(today: Standing, pinned: Standing) -> Verdict:
    if today.state is State.WORKS:
        return Verdict.CAVEATS if today.caveats else Verdict.WORKS
    if pinned.state is State.WORKS:
        return Verdict.PINS
    if today.state is State.OPEN or pinned.state is State.OPEN:
        # What cannot be installed at all is not waited for.
        return Verdict.UNTESTED
    return Verdict.UNRESOLVABLE if today.state is State.UNRESOLVABLE else Verdict.BROKEN
