"""What is known of the pairs that only an upper cap forbids, when they are installed all the same. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.matrix.field import Field, Pins
from harness.pairs.causes import Memory
from harness.pairs.knowledge import Knowledge
from harness.pairs.trials import Trial
from harness.pairs.verdicts import FieldKnowledge


def over_caps(field: Field) -> tuple[Pins, ...]:
    """The pairs that would not be forbidden without the upper ends of what is declared."""
    forbidden = ((pair, field.forbidden.get(pair)) for pair in field.pairs)
    return tuple(pair for pair, declared in forbidden if declared is not None and declared.upper_cap_only)


def know_forced(
    plain: FieldKnowledge,
    forced: Iterable[Trial],
    *,
    barred: frozenset[Pins] = frozenset(),
    before: Knowledge | None = None,
) -> Knowledge:
    """What `forced` trials say of the field without its caps.

    A forced row is resolved as of today. So its good partners are those that go together as installed today,
    or with the lines that mend what many rows run into (`plain`), and what fails so is in the way here, too.
    What was found out about rows `before` holds as long as the field is the same.
    """
    field = plain.today.field
    caps = set(over_caps(field))
    allowed = {pair: declared for pair, declared in field.forbidden.items() if pair not in caps}
    return Knowledge(
        field=replace(field, forbidden=allowed),
        trials=(
            *plain.mended.trials,
            *plain.mended.echoes,
            *(trial for trial in forced if trial.outcome.good or not lacking(plain, [trial])),
        ),
        barred=barred,
        memory=before.memory if before else Memory(),
    )


def lacking(plain: FieldKnowledge, trials: Sequence[Trial]) -> frozenset[str]:
    """The lines, known by now, for want of which trials failed: they say nothing of the rows' own pairs."""
    return frozenset(
        line
        for trial in trials
        for line in plain.mends.get(trial.signature, ())
        if line not in trial.requirements
    )
