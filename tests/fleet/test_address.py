from dataclasses import replace

import pytest

from harness.errors import UsageError
from harness.fleet.address import LEASE_VARIABLE, parse_address

URL = "redis://example.org:6379/0"


def test_a_minute_is_the_lease_where_nothing_else_is_said() -> None:
    assert parse_address(URL, {}).lease == 60
    assert parse_address(URL, {LEASE_VARIABLE: ""}).lease == 60
    assert parse_address(URL, {LEASE_VARIABLE: "12.5"}).lease == 12.5


@pytest.mark.parametrize("text", ["soon", "0", "-5", "1", "inf", "nan"])
def test_a_lease_that_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=f"{LEASE_VARIABLE} is '{text}'"):
        parse_address(URL, {LEASE_VARIABLE: text})


def test_who_has_another_lease_is_of_another_version() -> None:
    address = parse_address(URL, {})
    assert address.version == parse_address("redis://elsewhere", {}).version
    assert address.version != replace(address, lease=30).version
