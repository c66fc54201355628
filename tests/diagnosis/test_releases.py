from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from harness.diagnosis.known import Outcome
from harness.diagnosis.releases import installable, narrow, newest_of
from harness.model import Release

VERSIONS = [Version(f"{number}.0") for number in range(1, 41)]


def release(version: str, requires_python: str = "", yanked: str | None = None) -> Release:
    return Release(
        version=version,
        uploaded=date(2024, 1, 1),
        requires_python=requires_python,
        requires=None,
        yanked=yanked,
    )


@given(
    st.integers(min_value=1, max_value=39),
    st.sets(st.integers(min_value=1, max_value=38), max_size=20),
)
def test_the_first_bad_one_is_found_among_those_that_can_be_had(first: int, gone: set[int]) -> None:
    def outcome(place: int) -> Outcome:
        if place in gone:
            return Outcome.UNRESOLVABLE
        return Outcome.FAILS if place >= first else Outcome.PASSES

    tried: dict[Version, Outcome] = {}
    good, bad, middle = narrow(VERSIONS, VERSIONS[0], VERSIONS[-1], tried.get)
    while middle is not None:
        tried[middle] = outcome(VERSIONS.index(middle))
        good, bad, middle = narrow(VERSIONS, VERSIONS[0], VERSIONS[-1], tried.get)
    between = range(VERSIONS.index(good) + 1, VERSIONS.index(bad))
    assert set(between) <= gone
    assert VERSIONS.index(good) < first <= VERSIONS.index(bad)
    assert len(tried) <= 6 + len(gone)


def test_what_an_installer_would_not_choose_is_left_out() -> None:
    releases = [
        release("3.0", ">=3.12"),
        release("2.1rc1"),
        release("2.0", yanked=""),
        release("1.10"),
        release("1.9"),
    ]
    assert installable(releases, "3.11.4") == [Version("1.9"), Version("1.10")]


def test_what_there_was_on_a_day() -> None:
    assert newest_of([release("1.0")], date(2023, 12, 31)) == []
    assert newest_of([release("1.0")], date(2024, 1, 1)) == [release("1.0")]
