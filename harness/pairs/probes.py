"""Which row to try next: the one that settles most of what is open. Pure."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from harness.matrix.field import Field, Pin, Pins
from harness.pairs.knowledge import Knowledge
from harness.pairs.search import PairCost

_SEEDLINGS = 6  # so many of the open pairs are each grown into a row, of which the best is taken


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A row to try, and why."""

    row: Pins
    reason: str


def next_probe(
    knowledge: Knowledge,
    running: Iterable[Pins],
    *,
    among: Collection[Pins] | None = None,
    triples: Sequence[Pins] = (),
) -> Probe | None:
    """The row to try next, while some others run; None when nothing is open that no running row settles.

    With `among` only what these pairs are is asked.

    First come rows with as many pairs as possible of which nothing is known, and nothing suspected. Then
    each suspect has a row to itself, with the best partners known. Last come `triples` that no row had yet.
    """
    under_way = list(running)
    settled = {pair for row in under_way for pair in combinations(row, 2)}
    asked = [pair for pair in knowledge.open_pairs if among is None or pair in among]
    fresh = [pair for pair in asked if pair not in knowledge.suspects and pair not in settled]
    row = _packed(knowledge, fresh)
    if row is not None:
        gained = len(set(fresh).intersection(combinations(row, 2)))
        return Probe(row=row, reason=f"{gained} open pairs")
    suspect = _suspected(knowledge, [pair for pair in asked if pair not in settled])
    if suspect is not None:
        return suspect
    return _uncovered(knowledge, under_way, triples)


def _packed(knowledge: Knowledge, fresh: Sequence[Pins]) -> Pins | None:
    """A row of many fresh pairs, with partners that are known to work, and without suspects."""
    open_pairs = set(fresh)
    cost = _packing_cost(knowledge, open_pairs)
    best: tuple[int, Pins] | None = None
    for pair in _busiest(knowledge.field, fresh):
        row = knowledge.search.first(pair, cost)
        if row is not None:
            gained = len(open_pairs.intersection(combinations(row, 2)))
            if best is None or gained > best[0]:
                best = (gained, row)
    return best[1] if best else None


def _busiest(field: Field, fresh: Sequence[Pins]) -> list[Pins]:
    """The pairs whose values have most open pairs."""
    open_of: dict[Pin, int] = {}
    for pair in fresh:
        for pin in pair:
            open_of[pin] = open_of.get(pin, 0) + 1
    # Values of a short axis have few pairs to be had, and are no less in want of them.
    share = {pin: count / len(field.axes[pin[0]]) for pin, count in open_of.items()}
    return sorted(fresh, key=lambda pair: -sum(share[pin] for pin in pair))[:_SEEDLINGS]


def _packing_cost(knowledge: Knowledge, fresh: set[Pins]) -> PairCost:
    suspects, axes = knowledge.suspects, len(knowledge.field.axes)

    def cost(one: Pin, other: Pin) -> float:
        pair = (one, other)
        if pair in fresh:
            return 0
        return axes if pair in suspects else 1

    return cost


def _suspected(knowledge: Knowledge, asked: Iterable[Pins]) -> Probe | None:
    """The next attempt at the suspect of which least is left to be learned by others."""
    suspects = [pair for pair in asked if pair in knowledge.suspects]
    for pair in sorted(suspects, key=_doubt(knowledge)):
        attempts = knowledge.suspects[pair]
        row = knowledge.best_untried(pair, attempts)
        if row is not None:
            (one, other), number = (f"{axis} {value}" for axis, value in pair), len(attempts) + 1
            return Probe(row=row, reason=f"{one} with {other}, attempt {number}")
    return None


def _doubt(knowledge: Knowledge) -> Callable[[Pins], tuple[int, int]]:
    """Values that were never seen to work come first: while they are open nothing else is certain."""

    def order(pair: Pins) -> tuple[int, int]:
        return (-len(knowledge.unproven.intersection(pair)), len(knowledge.suspects[pair]))

    return order


def _uncovered(knowledge: Knowledge, running: Sequence[Pins], triples: Sequence[Pins]) -> Probe | None:
    tried = [*running, *(trial.pins for trial in knowledge.trials)]
    had = {part for row in tried for part in combinations(row, 3)}
    cost = _packing_cost(knowledge, set())
    for triple in triples:
        if triple in had:
            continue
        row = knowledge.search.first(triple, cost)
        if row is not None:
            return Probe(row=row, reason=" with ".join(f"{axis} {value}" for axis, value in triple))
    return None
