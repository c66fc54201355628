"""Of changes that mend together a set from which none can be left out: delta debugging (ddmin).

Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input (2002). What they call a failure
is here that a cell passes; one that cannot be resolved does not pass either.
"""

from collections.abc import Generator, Sequence
from itertools import pairwise
from typing import TypeVar

_HALVES = 2

T = TypeVar("T")
# Gives what is to be tried, is sent whether it passes, and returns what it was after.
Trying = Generator[tuple[T, ...], bool, tuple[T, ...]]


def minimal(changes: Sequence[T]) -> Trying[T]:
    """Of `changes`, which pass together, some that do, and do not if any one of them is left out."""
    parts = _HALVES
    left = tuple(changes)
    while len(left) > 1:
        pieces = _split(left, parts)
        smaller = yield from _first_passing(pieces)
        if smaller is not None:
            left, parts = smaller, _HALVES
            continue
        rests = [tuple(each for each in left if each not in piece) for piece in pieces]
        # Of two halves the rest of one is the other, which has been tried.
        smaller = yield from _first_passing(rests if parts > _HALVES else [])
        if smaller is not None:
            left, parts = smaller, max(parts - 1, _HALVES)
        elif parts >= len(left):
            break
        else:
            parts = min(2 * parts, len(left))
    return left


def _first_passing(
    candidates: Sequence[tuple[T, ...]],
) -> Generator[tuple[T, ...], bool, tuple[T, ...] | None]:
    for candidate in candidates:
        if (yield candidate):
            return candidate
    return None


def _split(changes: tuple[T, ...], parts: int) -> list[tuple[T, ...]]:
    """As many pieces of as equal a size as can be."""
    ends = [round(len(changes) * number / parts) for number in range(parts + 1)]
    return [changes[a:b] for a, b in pairwise(ends)]
