import json
from dataclasses import replace

import pytest
from pydantic import ValidationError

from harness.fleet.order import Need, decode_order, encode_order, queue_of
from harness.model import ClockKind
from tests.fleet.orders import ORDER


def test_an_order_that_has_travelled_as_json_is_the_same() -> None:
    assert decode_order(json.loads(json.dumps(encode_order(ORDER)))) == ORDER


def test_what_is_no_order_is_said_so() -> None:
    with pytest.raises(ValidationError):
        decode_order({**encode_order(ORDER), "clock": "sundial"})


def test_however_often_a_cell_is_sent_its_order_has_one_id() -> None:
    assert ORDER.id == replace(ORDER, limit=1.0).id == "20261123T000000Z-0000/old@izone"


def test_who_needs_the_same_waits_in_the_same_queue_and_nobody_else() -> None:
    need = ORDER.need
    assert need == Need(python="3.9", database="mariadb", clock=ClockKind.FAKE)
    assert ORDER.queue == queue_of(ORDER.version, need) == "fleet/0123456789ab-60/fake/3.9/mariadb"
    others = {
        queue_of("another", need),
        queue_of(ORDER.version, replace(need, python="3.10")),
        queue_of(ORDER.version, replace(need, database="sqlite")),
        queue_of(ORDER.version, replace(need, clock=ClockKind.REAL)),
    }
    assert len(others | {ORDER.queue}) == 5
