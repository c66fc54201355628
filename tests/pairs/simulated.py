"""A field with a hidden table of what works: planted causes, and what a planner finds out about it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from random import Random

from harness.matrix.field import Declaration, Field, Pins
from harness.pairs.causes import ATTEMPTS
from harness.pairs.knowledge import Knowledge
from harness.pairs.probes import Probe, packed_probe, single_probe, testing_probe
from harness.pairs.search import Search
from harness.pairs.trials import Outcome, Trial

AT_A_TIME = 8
LUCK = "bad luck"


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """What nobody knows beforehand: the sets of pins that fail wherever they are."""

    field: Field
    culprits: tuple[Pins, ...]

    def culprit_of(self, row: Pins) -> Pins | None:
        """Why a row fails; None when it works."""
        return next((each for each in self.culprits if set(each) <= set(row)), None)

    @property
    def working(self) -> frozenset[Pins]:
        """The pairs that work in some row."""
        obstacles = frozenset((*self.field.forbidden, *self.culprits))
        search = Search(field=self.field, obstacles=obstacles)
        return frozenset(pair for pair in self.field.pairs if search.first(pair) is not None)

    @property
    def one_at_a_time(self) -> int:
        """The cells it takes to try each pair that has a row by itself: one, and more where it is broken."""
        search = Search(field=self.field, obstacles=frozenset(self.field.forbidden))
        pairs = {pair for pair in self.field.pairs if search.feasible(pair)}
        return len(pairs) + (ATTEMPTS - 1) * len(pairs - self.working)


def plant(sizes: Sequence[int], *, forbidden: float, culprits: Sequence[int], seed: int) -> Hidden:
    """Axes of these sizes, a part of all pairs forbidden, and a culprit of each of these numbers of pins."""
    random = Random(seed)  # noqa: S311 - no secret
    axes = {f"axis{place}": tuple(f"{value}.0" for value in range(size)) for place, size in enumerate(sizes)}
    bare = Field(axes=axes, forbidden={})
    no = Declaration(text="no")
    field = Field(axes=axes, forbidden={pair: no for pair in bare.pairs if random.random() < forbidden})
    return Hidden(
        field=field,
        culprits=tuple(
            tuple((axis, random.choice(axes[axis])) for axis in axes if axis in chosen)
            for chosen in (random.sample(list(axes), size) for size in culprits)
        ),
    )


def next_probe(knowledge: Knowledge, running: Collection[Pins]) -> Probe | None:
    """What promises most, then what may be wrong, then what is likely to fail."""
    return (
        packed_probe(knowledge, running, frozenset(knowledge.field.pairs))
        or testing_probe(knowledge, running)
        or single_probe(knowledge, running, frozenset(knowledge.field.pairs))
    )


def _never(_: Pins) -> bool:
    return False


def find_out(
    hidden: Hidden, *, spoil: Callable[[Pins], bool] = _never, unlucky: Callable[[Pins], bool] = _never
) -> Knowledge:
    """Try what is asked for until nothing is.

    A row that is to be spoilt says nothing, as if it were flaky. One that is unlucky fails although nothing
    is planted in it, and did so twice: nobody can tell.
    """
    knowledge = Knowledge(field=hidden.field, trials=())
    running: list[Pins] = []
    while True:
        while len(running) < AT_A_TIME and (probe := next_probe(knowledge, running)) is not None:
            running.append(probe.row)
        if not running:
            return knowledge
        row = running.pop(0)
        culprit = hidden.culprit_of(row)
        signature = repr(culprit) if culprit else LUCK if unlucky(row) else ""
        trial = Trial(
            cell=str(len(knowledge.trials)),
            pins=row,
            outcome=Outcome.FAILED if signature else Outcome.PASSED,
            as_installed=True,
            signature=signature,
        )
        spoilt = spoil(row)
        knowledge = Knowledge(
            field=hidden.field,
            trials=knowledge.trials if spoilt else (*knowledge.trials, trial),
            barred=knowledge.barred | {row} if spoilt else knowledge.barred,
            memory=knowledge.memory,
        )
