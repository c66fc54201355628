"""What the article says, over all cells of a plan: where it is so, and what was seen elsewhere. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.contract.claims import CLAIMS
from harness.contract.invariant import Stand, Standing


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The same thing seen of a claim, in these cells."""

    standing: Standing
    seen: str
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim, and all that was seen of it, what was seen most first; what was not observed comes last."""

    id: str
    sentence: str
    source: str
    seen: tuple[Seen, ...]


def stand_of_claims(cells: Sequence[tuple[str, tuple[Stand, ...]]]) -> tuple[Claim, ...]:
    """Every claim, over `cells`: ids with how the claims stand there. Nothing without cells."""
    if not cells:
        return ()
    return tuple(
        Claim(id=claim.id, sentence=claim.sentence, source=claim.source, seen=_seen(claim.id, cells))
        for claim in CLAIMS
    )


def _seen(claim: str, cells: Sequence[tuple[str, tuple[Stand, ...]]]) -> tuple[Seen, ...]:
    alike: dict[tuple[Standing, str], list[str]] = {}
    for cell, stands in cells:
        for stand in stands:
            if stand.invariant == claim:
                alike.setdefault((stand.standing, stand.seen), []).append(cell)
    seen = [Seen(standing=how, seen=what, cells=tuple(where)) for (how, what), where in alike.items()]
    return tuple(sorted(seen, key=lambda each: (each.standing is Standing.NOT_OBSERVED, -len(each.cells))))
