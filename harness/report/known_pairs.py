"""How every pair of the field stands, in few words: what is kept for `nox -s explain`. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from harness.matrix.field import Pins
from harness.pairs.knowledge import Standing
from harness.pairs.verdicts import FieldKnowledge, Verdict

_KEPT = 12  # cells, of which those are that failed in the very way that is told, if there are such


@dataclass(frozen=True, kw_only=True)
class PairStand:
    """A pair's verdict with its standings, which name a few of the `seen` cells that show them."""

    pair: Pins
    verdict: Verdict
    today: Standing
    pinned: Standing
    seen: tuple[int, int]

    @property
    def cells(self) -> tuple[str, ...]:
        """Every cell that is named."""
        named = (self.today.witness, self.pinned.witness, *self.today.cells, *self.pinned.cells)
        return tuple(filter(None, named))


@dataclass(frozen=True, kw_only=True)
class KnownPairs:
    """How every pair of the field stands, and the lines that mend, by signature."""

    stands: tuple[PairStand, ...]
    mends: Mapping[str, tuple[str, ...]]

    def of(self, pairs: Iterable[Pins]) -> tuple[PairStand, ...]:
        """Those of some pairs."""
        by_pair = {each.pair: each for each in self.stands}
        return tuple(by_pair[pair] for pair in pairs)


def make_known_pairs(knowledge: FieldKnowledge) -> KnownPairs:
    """How every pair stands, with as much of what shows it as is told."""
    return KnownPairs(
        stands=tuple(
            PairStand(
                pair=each.pair,
                verdict=each.verdict,
                today=_short(each.today),
                pinned=_short(each.pinned),
                seen=(len(each.today.cells), len(each.pinned.cells)),
            )
            for each in knowledge.verdicts()
        ),
        mends=knowledge.mends,
    )


def _short(standing: Standing) -> Standing:
    return replace(standing, cells=standing.cells[:_KEPT])
