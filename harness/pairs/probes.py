"""Which row to try next: the one that settles most of what is open. Pure."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from harness.matrix.field import Pin, Pins
from harness.pairs.knowledge import Knowledge
from harness.pairs.search import PairCost

_SEEDLINGS = 6  # so many of the open pairs are each grown into a row, of which the best is taken
_TESTS = 3  # so many rows put a hunch to the test
_GUILTY = 2  # a pair that was in so many failures which nothing explains has a row to itself
_DOUBT = 0.01  # all pairs of a row together less than one that is not known to work


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A row to try, why, and with which lines that may mend it."""

    row: Pins
    reason: str
    lines: tuple[str, ...] = ()


def packed_probe(knowledge: Knowledge, running: Iterable[Pins], asked: Collection[Pins]) -> Probe | None:
    """The row with most of the `asked` pairs, if they are open, that promises to work.

    None when no running row leaves such a row: what is open then is likely to fail, or failed before.
    """
    settled = {pair for row in running for pair in combinations(row, 2)}
    fresh = [
        pair
        for pair in knowledge.open_pairs
        if pair in asked and pair not in settled and knowledge.doubts.get(pair, 0) < _GUILTY
    ]
    row = _packed(knowledge, fresh)
    if row is None:
        return None
    gained = len(set(fresh).intersection(combinations(row, 2)))
    return Probe(row=row, reason=f"{gained} open pairs")


def testing_probe(knowledge: Knowledge, running: Iterable[Pins]) -> Probe | None:
    """A row that should work if some hunch is wrong: its pins with partners of their time, and nothing else.

    A hunch that is wrong keeps many pairs from being tried.
    """
    tried = {*running, *knowledge.failed_rows}
    for hunch in knowledge.hunches:
        search = knowledge.but_for(hunch)
        # In an order that is the same in every process.
        goals = sorted(hunch.pins.intersection(knowledge.open_pairs))
        goals.sort(key=search.spread)
        for goal in goals[:_TESTS]:
            row = search.first(goal)
            if row is not None and row not in tried:
                return Probe(row=row, reason=f"whether it fails with {hunch.signature}")
    return None


def single_probe(knowledge: Knowledge, running: Iterable[Pins], asked: Collection[Pins]) -> Probe | None:
    """The next attempt at one of the `asked` pairs that are open, with the best partners known.

    What hunches accuse comes first: what becomes of other pairs follows from it, as a rule. Of that, what
    fewest other suspects stand beside, and then what was in most failures: it explains most. Of the others
    the one with fewest attempts that has a row in which nothing else is to blame: a row in which something
    else may be says nothing until that is settled, and often nothing then.
    """
    settled = {pair for row in running for pair in combinations(row, 2)}
    still_open = [pair for pair in knowledge.open_pairs if pair in asked]
    attempts = {pair: len(knowledge.suspects.get(pair, ())) for pair in still_open}
    waiting = sorted((pair for pair in still_open if pair not in settled), key=lambda each: attempts[each])
    accused = _attempts_at(knowledge, (pair for pair in waiting if _can_be_blamed(knowledge, pair)))
    chosen = min(accused, key=lambda each: (int(each[0]), -attempts[each[2]]), default=None)
    chosen = chosen or _clearest(_attempts_at(knowledge, waiting))
    if chosen is None:
        return None
    _, row, pair = chosen
    (one, other), number = (f"{axis} {value}" for axis, value in pair), attempts[pair] + 1
    return Probe(row=row, reason=f"{one} with {other}, attempt {number}")


def triple_probe(knowledge: Knowledge, running: Iterable[Pins], triples: Sequence[Pins]) -> Probe | None:
    """A row with the first of `triples` that no row had yet."""
    tried = [*running, *(trial.pins for trial in knowledge.trials)]
    had = {part for row in tried for part in combinations(row, 3)}
    cost = _packing_cost(knowledge, frozenset())
    for triple in triples:
        row = knowledge.search.first(triple, cost) if triple not in had else None
        if row is not None:
            return Probe(row=row, reason=" with ".join(f"{axis} {value}" for axis, value in triple))
    return None


def _can_be_blamed(knowledge: Knowledge, pair: Pins) -> bool:
    """Whether a hunch is about a pair, and more attempts at it alone can show that it is to blame.

    Of a value that was never seen to work no pair is to blame before the value: all its pairs take turns.
    """
    return pair in knowledge.accused and not knowledge.seen.unproven.intersection(pair)


def _attempts_at(knowledge: Knowledge, pairs: Iterable[Pins]) -> Iterator[tuple[float, Pins, Pins]]:
    """What the best untried row of each pair costs, the row, and the pair, where there is such a row."""
    for pair in pairs:
        best = _best_untried(knowledge, pair)
        if best is not None:
            yield (*best, pair)


def _clearest(attempts: Iterable[tuple[float, Pins, Pins]]) -> tuple[float, Pins, Pins] | None:
    """The first with fewest other suspects; no more than is needed is looked at."""
    best: tuple[float, Pins, Pins] | None = None
    for each in attempts:
        if int(each[0]) == 0:
            return each
        if best is None or int(each[0]) < int(best[0]):
            best = each
    return best


def _best_untried(knowledge: Knowledge, pair: Pins) -> tuple[float, Pins] | None:
    """The untried row with the best partners for a pair, and others than before; and what it costs.

    A whole number for what may be to blame beside the pair, and a fraction for what is doubtful or was tried.
    """
    attempts = knowledge.suspects.get(pair, ())
    tried = {trial.pins for trial in attempts if trial.cell not in knowledge.echoing}
    # Whoever was there before counts little, but counts: all axes together less than one pair.
    once = 1 / (len(knowledge.field.axes) * (len(tried) + 1))
    used = {pin: once * sum(pin in row for row in tried) for row in tried for pin in row}
    partners = knowledge.seen.partner_cost(pair).pair_cost

    def cost(one: Pin, other: Pin) -> float:
        beside = (one, other)
        # A partner that a hunch is about would leave open which of the two failed, and so would one that
        # was in failures which nothing explains. It only decides between rows that are equally good for a
        # cause: that waits for the better ones.
        doubtful = beside in knowledge.accused or knowledge.doubts.get(beside, 0) >= _GUILTY
        return partners(one, other) + _DOUBT * (beside != pair and doubtful)

    return knowledge.search.cheapest(pair, cost, used, tried=tried)


def _packed(knowledge: Knowledge, fresh: Sequence[Pins]) -> Pins | None:
    open_pairs = frozenset(fresh)
    cost = _packing_cost(knowledge, open_pairs)
    best: tuple[float, Pins] | None = None
    seedlings = 0
    for pair in _busiest(knowledge, fresh):
        if not knowledge.promising.feasible(pair):
            continue
        row = knowledge.promising.first(pair, cost)
        if row is not None:
            spent = sum(cost(*each) for each in combinations(row, 2))
            best = (spent, row) if best is None or spent < best[0] else best
            seedlings += 1
            if seedlings == _SEEDLINGS:
                break
    return best[1] if best else None


def _busiest(knowledge: Knowledge, fresh: Sequence[Pins]) -> list[Pins]:
    """The pairs nobody suspects first, and of those the ones whose values have most open pairs."""
    open_of: dict[Pin, int] = {}
    for pair in fresh:
        for pin in pair:
            open_of[pin] = open_of.get(pin, 0) + 1
    # Values of a short axis have few pairs to be had, and are no less in want of them.
    axes = knowledge.field.axes
    share = {pin: count / len(axes[pin[0]]) for pin, count in open_of.items()}
    return sorted(fresh, key=lambda pair: (knowledge.doubts.get(pair, 0), -sum(share[pin] for pin in pair)))


def _packing_cost(knowledge: Knowledge, fresh: Collection[Pins]) -> PairCost:
    """What is open and not suspected is free; a suspect is better company than nothing new, for once."""
    doubts, axes = knowledge.doubts, len(knowledge.field.axes)

    def cost(one: Pin, other: Pin) -> float:
        pair = (one, other)
        doubt = doubts.get(pair, 0)
        if pair in fresh:
            return doubt / 2
        return axes if doubt else 1

    return cost
