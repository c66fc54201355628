"""What a machine offers, and what follows from the offers that there are. Pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter

from harness.fleet.order import Need, queue_of
from harness.model import ClockKind, DatabaseKind, MachineFacts


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A machine that runs cells, `slots` at a time. `facts` are what records say of it.

    Under every clock of `clocks` it has every one of `pythons` with every one of `databases`.
    """

    name: str
    version: str
    slots: int
    pythons: tuple[str, ...]
    databases: tuple[DatabaseKind, ...]
    clocks: tuple[ClockKind, ...]
    facts: MachineFacts

    def serves(self, need: Need) -> bool:
        """Whether it can run a cell that needs this."""
        return need.python in self.pythons and need.database in self.databases and need.clock in self.clocks

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues of all that it can run."""
        return tuple(
            queue_of(self.version, Need(python=python, database=database, clock=clock))
            for clock in self.clocks
            for python in self.pythons
            for database in self.databases
        )


_OFFER = TypeAdapter(Offer)


def encode_offer(offer: Offer) -> bytes:
    """As JSON."""
    return _OFFER.dump_json(offer)


def decode_offer(text: bytes) -> Offer:
    """The offer of some JSON.

    Raises:
        ValidationError: it is none, such as one of another version of the harness.
    """
    return _OFFER.validate_json(text)


def of_version(version: str, offers: Iterable[Offer]) -> tuple[tuple[Offer, ...], tuple[Offer, ...]]:
    """Those that run the same harness, and the others, by name."""
    in_order = sorted(offers, key=lambda offer: offer.name)
    same = tuple(offer for offer in in_order if offer.version == version)
    return same, tuple(offer for offer in in_order if offer.version != version)


def slots_of(offers: Iterable[Offer]) -> int:
    """How many cells run at a time on all of them."""
    return sum(offer.slots for offer in offers)


def unserved(needs: Iterable[Need], offers: Collection[Offer]) -> Iterator[Need]:
    """What none of the machines has, each once."""
    for need in dict.fromkeys(needs):
        if not any(offer.serves(need) for offer in offers):
            yield need


def missing_pythons(wanted: Iterable[str], offers: Collection[Offer]) -> tuple[str, ...]:
    """The Pythons that none of the machines has."""
    return tuple(
        python for python in dict.fromkeys(wanted) if not any(python in offer.pythons for offer in offers)
    )
