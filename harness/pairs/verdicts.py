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
from harness.model import Stage
from harness.pairs.causes import ATTEMPTS, Memory
from harness.pairs.hunches import Hunch, hunches
from harness.pairs.knowledge import Knowledge, Standing, State
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
    """What is known of the field, by the way its rows are resolved.

    `today` is as installed; `mended` with lines for what many rows run into today; `pinned` in any way: as of
    a row's own time, with lines that mend, or with nothing. `mends` are those lines, by signature: a row
    that failed so today fails so no more with them.
    """

    today: Knowledge
    mended: Knowledge
    pinned: Knowledge
    mends: Mapping[str, tuple[str, ...]]
    era: tuple[Trial, ...]
    # Signatures of today that are known to have been there in the rows' own time, or not to.
    answered: frozenset[str]

    @cached_property
    def unseen(self) -> frozenset[Pins]:
        """The pairs that have not been seen to work in any way."""
        return frozenset(pair for pair in self.today.field.pairs if pair not in self.pinned.witnesses)

    @cached_property
    def open_pairs(self) -> frozenset[Pins]:
        """The pairs of which it is open whether they work as installed today, or at all."""
        return frozenset((*self.today.open_pairs, *self.unseen.intersection(self.pinned.open_pairs)))

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
        return {signature: tuple(rows) for signature, rows in found.items() if len(rows) >= SHARED}

    @cached_property
    def unasked_then(self) -> tuple[Pins, ...]:
        """A row of each shared signature of which nobody knows whether it was there in the row's own time."""
        then = {trial.pins for trial in self.era}
        asked: list[Pins] = []
        for signature, trials in self.shared.items():
            rows = [trial.pins for trial in trials]
            untried = [row for row in rows if row not in then]
            if signature not in self.answered and untried and len(rows) - len(untried) < ATTEMPTS:
                asked.append(untried[0])
        return tuple(asked)

    def lines_for(self, row: Pins) -> tuple[str, ...]:
        """The lines that may mend what a row is likely to run into today."""
        return _lines_for(row, self.today.hunches, self.mends)

    def lines_then(self, row: Pins) -> tuple[str, ...]:
        """The same for a row that is likely to run into it as of its own time as well; none for any other."""
        return self.lines_for(row) if _lines_for(row, self._hunches_then, self.mends) else ()

    @cached_property
    def _hunches_then(self) -> tuple[Hunch, ...]:
        return _hunches_then(self.today.field, self.era)

    def verdicts(self) -> Iterator[PairVerdict]:
        """Every pair's, in the order of the axes."""
        yield from map(self.verdict, self.today.field.pairs)

    def verdict(self, pair: Pins) -> PairVerdict:
        """One pair's."""
        today, pinned = self.today.standing(pair), self.pinned.standing(pair)
        return PairVerdict(pair=pair, verdict=_verdict(today, pinned), today=today, pinned=pinned)


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
    today = [trial for trial in known if trial.as_installed]
    failed_today = [trial for trial in today if not trial.outcome.good]
    good = [trial for trial in known if trial.outcome.good]
    mends = _mends(failed_today, [trial for trial in known if trial.requirements])
    era = [trial for trial in known if not trial.as_installed and not trial.requirements]
    seen_then = {trial.signature for trial in era if not trial.outcome.good}
    as_installed = Knowledge(
        field=field,
        trials=tuple(today),
        understood=frozenset(mends),
        barred=barred,
        memory=before.today.memory if before else Memory(),
    )
    mended = [
        trial
        for trial in known
        if trial.requirements
        # With more lines, as they are known by now, it may do better.
        and (
            trial.outcome.good
            or set(_lines_for(trial.pins, as_installed.hunches, mends)) <= set(trial.requirements)
        )
    ]
    # What fails as of its time before it can show anything is tried with lines instead, and that counts.
    hunches_then = _hunches_then(field, era)
    shown = [
        trial for trial in mended if not trial.outcome.good and _lines_for(trial.pins, hunches_then, mends)
    ]
    # What was never tried as of its time is likely to fail then as well.
    good_then = {trial.pins for trial in era if trial.outcome.good}
    gone_then = {trial.signature for trial in failed_today if trial.pins in good_then}
    return FieldKnowledge(
        mends=mends,
        era=tuple(era),
        answered=frozenset(seen_then | gone_then),
        today=as_installed,
        mended=Knowledge(
            field=field,
            trials=(*(trial for trial in today if trial.outcome.good), *mended),
            echoes=tuple(trial for trial in failed_today if trial.signature not in mends),
            barred=barred,
            memory=before.mended.memory if before else Memory(),
        ),
        pinned=Knowledge(
            field=field,
            trials=(*good, *(trial for trial in era if not trial.outcome.good), *shown),
            echoes=tuple(
                trial
                for trial in (*failed_today, *mended)
                if trial.signature in seen_then and not trial.outcome.good and trial not in shown
            ),
            avoid=frozenset(
                pins
                for hunch in as_installed.hunches
                if hunch.signature not in gone_then
                for pins in hunch.pins
            ),
            barred=barred,
            memory=before.pinned.memory if before else Memory(),
        ),
    )


def _mends(failed_today: Iterable[Trial], mended: Iterable[Trial]) -> dict[str, tuple[str, ...]]:
    """By signature the fewest lines with which a row that has it today comes further.

    Lines that leave an installer a choice only, and rather a distribution that is missing than an older one:
    they fit most rows.
    """
    signatures = {trial.pins: trial.signature for trial in failed_today}
    mends: dict[str, tuple[str, ...]] = {}
    for trial in mended:
        signature, lines = signatures.get(trial.pins), trial.requirements
        if signature is None or any("==" in line for line in lines) or not _is_further(trial, signature):
            continue
        known = mends.get(signature)
        if known is None or _narrowness(lines) < _narrowness(known):
            mends[signature] = lines
    return mends


def _narrowness(lines: tuple[str, ...]) -> tuple[int, int, tuple[str, ...]]:
    return (len(lines), sum("<" in line for line in lines), lines)


def _is_further(trial: Trial, signature: str) -> bool:
    """Whether a trial works, or fails in another way and no earlier."""
    if trial.outcome.good:
        return True
    stages = [*map(str, Stage)]
    before, after = (stages.index(each.partition(":")[0]) for each in (signature, trial.signature))
    return trial.outcome is Outcome.FAILED and trial.signature != signature and after >= before


def _lines_for(row: Pins, hunches: Iterable[Hunch], mends: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    likely = (hunch for hunch in hunches if hunch.signature in mends and hunch.about(row))
    return tuple(sorted({line for hunch in likely for line in mends[hunch.signature]}))


def _hunches_then(field: Field, era: Iterable[Trial]) -> tuple[Hunch, ...]:
    """What the rows that fail as of their own time seem to share."""
    failed: dict[str, list[Pins]] = {}
    good: list[Pins] = []
    for trial in era:
        if trial.outcome.good:
            good.append(trial.pins)
        else:
            failed.setdefault(trial.signature, []).append(trial.pins)
    return hunches(field, failed, good)


def _verdict(today: Standing, pinned: Standing) -> Verdict:
    if today.state is State.WORKS:
        return Verdict.CAVEATS if today.caveats else Verdict.WORKS
    if pinned.state is State.WORKS:
        return Verdict.PINS
    if today.state is State.OPEN or pinned.state is State.OPEN:
        # What cannot be installed at all is not waited for.
        return Verdict.UNTESTED
    return Verdict.UNRESOLVABLE if today.state is State.UNRESOLVABLE else Verdict.BROKEN
