from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from harness.fleet.offer import (
    Offer,
    decode_offer,
    encode_offer,
    missing_pythons,
    of_version,
    slots_of,
    unserved,
)
from harness.fleet.order import Need, queue_of
from harness.model import ClockKind
from tests.fleet.orders import OFFER, ORDER

PYTHONS = ("3.6", "3.9", "3.13")
DATABASES = ("sqlite", "postgresql", "mariadb")
NEEDS = st.builds(
    Need,
    python=st.sampled_from(PYTHONS),
    database=st.sampled_from(DATABASES),
    clock=st.sampled_from(ClockKind),
)
OFFERS = st.builds(
    lambda pythons, databases, clocks: replace(
        OFFER, pythons=tuple(pythons), databases=tuple(databases), clocks=tuple(clocks)
    ),
    st.sets(st.sampled_from(PYTHONS)),
    st.sets(st.sampled_from(DATABASES)),
    st.sets(st.sampled_from(ClockKind)),
)


def test_an_offer_that_has_travelled_is_the_same() -> None:
    assert decode_offer(encode_offer(OFFER)) == OFFER


def test_what_is_no_offer_is_said_so() -> None:
    with pytest.raises(ValidationError):
        decode_offer(b'{"name": "of another version"}')


@given(OFFERS, NEEDS)
def test_a_machine_takes_from_the_queues_of_what_it_can_run_and_from_no_others(
    offer: Offer, need: Need
) -> None:
    assert (queue_of(offer.version, need) in offer.queues) == offer.serves(need)


@given(st.lists(OFFERS, max_size=3), st.lists(NEEDS, max_size=5))
def test_what_is_unserved_no_machine_serves(offers: list[Offer], needs: list[Need]) -> None:
    lacking = list(unserved(needs, offers))
    assert len(lacking) == len(set(lacking))
    for need in needs:
        assert (need in lacking) != any(offer.serves(need) for offer in offers)


def test_machines_of_another_version_are_told_apart() -> None:
    two, other = replace(OFFER, name="two"), replace(OFFER, name="another", version="fedcba987654-60")
    assert of_version(ORDER.version, [two, other, OFFER]) == ((OFFER, two), (other,))
    assert slots_of([OFFER, two]) == 8


def test_pythons_that_nobody_has() -> None:
    assert missing_pythons(["3.6", "3.9", "3.7", "3.6"], [OFFER]) == ("3.6", "3.7")
