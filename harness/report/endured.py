"""What answers say of what becomes of tasks when something breaks, as values and in words. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.answers.resilience import Endured
from harness.contract.invariant import Standing
from harness.contract.resilience import PROMISES

# What the promises begin with that a worker consumes again after Redis was away.
COMES_BACK = "reconnect-"
# What one has to get up for at night.
_WORST = (COMES_BACK, "lives-")
PROMISES_BY_ID = {each.id: each for each in PROMISES}


@dataclass(frozen=True, kw_only=True)
class NotKept:
    """A promise that is not kept, and what was seen instead."""

    promise: str
    sentence: str
    seen: str


@dataclass(frozen=True, kw_only=True)
class ResilienceStand:
    """What becomes of tasks when Redis, a process or a database server breaks, as a cell has shown it.

    `beside` says what was otherwise there. `held` and `unseen` are the ids of promises.
    """

    cell: str
    run: str
    day: str
    beside: tuple[str, ...]
    broken: tuple[NotKept, ...]
    held: tuple[str, ...]
    unseen: tuple[str, ...]

    @property
    def deaf(self) -> tuple[str, ...]:
        """When a worker does not consume again after Redis was away, in words."""
        ids = (each.promise for each in self.broken if each.promise.startswith(COMES_BACK))
        return tuple(PROMISES_BY_ID[each].caveat for each in ids)


def resilience_stand(endured: Endured) -> ResilienceStand:
    """What was seen, for an answer."""
    by_standing = {
        standing: tuple(each.invariant for each in endured.stands if each.standing is standing)
        for standing in Standing
    }
    return ResilienceStand(
        cell=endured.stack.cell,
        run=endured.stack.run,
        day=endured.stack.date,
        beside=endured.beside,
        broken=tuple(
            NotKept(promise=each.invariant, sentence=PROMISES_BY_ID[each.invariant].sentence, seen=each.seen)
            for each in endured.stands
            if each.standing is Standing.VIOLATED
        ),
        held=by_standing[Standing.HELD],
        unseen=by_standing[Standing.NOT_OBSERVED],
    )


def resilience_lines(seen: ResilienceStand) -> Iterator[str]:
    """The same in words: how many promises are kept, what is worst of the others, and the ids of the rest."""
    with_ = f" with {', '.join(seen.beside)}" if seen.beside else ""
    told = f"{len(seen.held)} promises kept, {len(seen.broken)} not"
    unseen = f", {len(seen.unseen)} not seen" if seen.unseen else ""
    yield f"when something breaks, seen on {seen.day}{with_} ({seen.cell}): {told}{unseen}"
    worst = [each for each in seen.broken if each.promise.startswith(_WORST)]
    for each in worst:
        yield f"  not so: {each.sentence}"
        yield f"    {each.seen}"
    rest = [each.promise for each in seen.broken if each not in worst]
    if rest:
        yield f"  {'nor' if worst else 'not'} kept: {', '.join(rest)}"
