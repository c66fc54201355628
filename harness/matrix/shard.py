"""A plan split between machines by what its cells cost. Pure: every machine computes the same split."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_TRIES = 20  # halvings of the span in which the shortest length lies: a millionth of it is left


@dataclass(frozen=True, kw_only=True)
class Shard:
    """The `number`th of `count` parts, counted from 1."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def parse_shard(text: str) -> Shard:
    """`2/5` as a shard.

    Raises:
        ValueError: it is no such text, or no such part.
    """
    match = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", text, re.ASCII)
    if match is None or int(match[1]) > int(match[2]):
        raise ValueError(f"{text!r} is no shard; write 1/2 and 2/2, or as many as there are machines")
    return Shard(number=int(match[1]), count=int(match[2]))


def split(costs: Mapping[str, float], count: int) -> tuple[tuple[str, ...], ...]:
    """The cells of each of `count` shards, in the order of `costs`; no shard is much longer than it must be.

    `costs` are seconds by cell. Shards are filled to a length, each cell, the dearest first, into the first
    where it has room, and the shortest length that is enough is searched for: MULTIFIT (Coffman, Garey and
    Johnson, 1978), from the length that dearest first, to the shard with the least, comes to.
    """
    whole = {cell: round(seconds * 1000) for cell, seconds in costs.items()}
    dearest = sorted(whole, key=lambda cell: -whole[cell])  # equal ones stay in their order
    best = _least_loaded(dearest, whole, count)
    low = max(-(-sum(whole.values()) // count), max(whole.values(), default=0))
    high = max(_lengths(best, whole))
    for _ in range(_TRIES):
        if low >= high:
            break
        length = (low + high) // 2
        filled = _filled(dearest, whole, count, length)
        if filled is None:
            low = length + 1
        else:
            best, high = filled, max(_lengths(filled, whole))
    place = {cell: index for index, cell in enumerate(costs)}
    return tuple(tuple(sorted(cells, key=place.__getitem__)) for cells in best)


def _least_loaded(dearest: Sequence[str], costs: Mapping[str, int], count: int) -> list[list[str]]:
    shards: list[list[str]] = [[] for _ in range(count)]
    lengths = [0] * count
    for cell in dearest:
        least = lengths.index(min(lengths))
        shards[least].append(cell)
        lengths[least] += costs[cell]
    return shards


def _filled(
    dearest: Sequence[str], costs: Mapping[str, int], count: int, length: int
) -> list[list[str]] | None:
    """Shards of at most `length` milliseconds; None when that is not enough."""
    shards: list[list[str]] = [[] for _ in range(count)]
    room = [length] * count
    for cell in dearest:
        cost = costs[cell]
        first = next((index for index, left in enumerate(room) if left >= cost), None)
        if first is None:
            return None
        shards[first].append(cell)
        room[first] -= cost
    return shards


def _lengths(shards: Sequence[Sequence[str]], costs: Mapping[str, int]) -> list[int]:
    return [sum(costs[cell] for cell in cells) for cells in shards]
