import pytest

from harness.answers.zones import kind_words, likeness


@pytest.mark.parametrize(
    ("zone", "measured", "likely"),
    [
        ("Asia/Shanghai", "Asia/Shanghai", 0),
        ("Asia/Tokyo", "Asia/Shanghai", 1),
        ("Europe/Madrid", "Europe/Berlin", 1),
        ("Europe/Berlin", "Asia/Shanghai", 2),
        ("America/New_York", "Asia/Shanghai", 3),
        ("UTC", "Asia/Shanghai", 3),
        ("Africa/Abidjan", "UTC", 1),
        ("America/Bogota", "America/New_York", 2),
    ],
)
def test_zones_are_alike_by_their_side_of_utc_and_their_clocks(zone: str, measured: str, likely: int) -> None:
    assert likeness(zone, measured) == likely


def test_what_they_are_is_told_in_words() -> None:
    assert kind_words("Asia/Tokyo") == "east of UTC, clocks never changed"
    assert kind_words("America/New_York") == "west of UTC, clocks changed twice a year"
