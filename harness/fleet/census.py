"""Which orders are lost. Pure.

An order that was sent waits in a queue, is held for a machine, or is in a machine's hands. For a moment, on
its way from one to the next, it is nowhere. One that is nowhere twice in succession, at looks that are
farther apart than any such moment, went down with a connection, a machine or the Redis itself.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Census:
    """The orders that are `lost`, and those that are at the next look if they are nowhere then, either."""

    lost: frozenset[str] = frozenset()
    suspected: frozenset[str] = frozenset()


def take_census(sent: AbstractSet[str], seen: AbstractSet[str], before: Census) -> Census:
    """What a look says that has `seen` some of those that were `sent` and have no answer."""
    nowhere = frozenset(sent) - seen
    lost = nowhere & before.suspected
    return Census(lost=lost, suspected=nowhere - lost)
