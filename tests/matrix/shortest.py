"""How long the longest of so many shards must be, whoever splits them: what `split` is compared with."""

import itertools
from collections.abc import Iterator, Sequence


def at_least(costs: Sequence[int], count: int) -> int:
    """No split of `costs` into `count` shards has a shorter longest one than this.

    By the second bound of Martello and Toth (1990) for packing bins: the least length for which it cannot be
    shown that more shards than these would be needed.
    """
    low, high = max(-(-sum(costs) // count), *costs), sum(costs)
    while low < high:
        length = (low + high) // 2
        if max(_shards_needed(costs, length)) > count:
            low = length + 1
        else:
            high = length
    return low


def shortest(costs: Sequence[int], count: int) -> int:
    """The shortest length, by trying every split. For a handful of costs."""
    splits = itertools.product(range(count), repeat=len(costs))
    return min(
        max(sum(cost for cost, shard in zip(costs, where, strict=True) if shard == each) for each in where)
        for where in splits
    )


def _shards_needed(costs: Sequence[int], length: int) -> Iterator[int]:
    """So many at least: what is too long to share a shard, and what does not go beside it."""
    for least in {0, *(cost for cost in costs if 2 * cost <= length)}:
        alone = [cost for cost in costs if cost > length - least]
        large = [cost for cost in costs if length < 2 * cost <= 2 * (length - least)]
        small = [cost for cost in costs if least <= cost and 2 * cost <= length]
        beside = sum(small) - (len(large) * length - sum(large))
        yield len(alone) + len(large) + max(0, -(-beside // length))
