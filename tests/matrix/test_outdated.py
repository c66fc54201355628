from dataclasses import replace
from datetime import date

import pytest

from harness.matrix.outdated import Outdated, outdated
from harness.matrix.releases import Releases
from harness.model import Release
from tests.report.small_fresh import RELEASES

DJANGO = "5.2.19"


def because(chosen: dict[str, str], python: str = "3.12", releases: Releases = RELEASES) -> dict[str, str]:
    return {each.package: each.because for each in outdated(chosen, python, releases)}


def with_release(package: str, release: Release) -> Releases:
    every = RELEASES.packages
    return replace(RELEASES, packages={**every, package: (*every[package], release)})


def test_an_old_release_is_told_with_its_day_beside_the_newest() -> None:
    [old] = outdated({"celery": "5.6.3"}, "3.9", RELEASES)
    assert old == Outdated(
        package="celery",
        chosen="5.6.3",
        uploaded=date(2026, 3, 26),
        newest="5.7.0",
        newest_uploaded=date(2026, 11, 5),
        because="celery 5.7.0 declares Python>=3.10",
    )


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (
            {"django": "6.1.3", "django-celery-beat": "2.1.0"},
            "django-celery-beat 2.9.0 declares Django>=2.2,<6.1",
        ),
        ({"django": DJANGO, "django-celery-beat": "2.1.0"}, ""),
    ],
)
def test_the_newest_release_says_why_it_was_not_taken(chosen: dict[str, str], words: str) -> None:
    assert because(chosen)["django-celery-beat"] == words


def test_a_chosen_release_may_say_it_instead() -> None:
    capping = Release(
        version="5.7.1", uploaded=None, requires_python="", requires=("redis<7; python_version > '3'",)
    )
    chosen = {"celery": "5.7.1", "redis": "6.4.0"}
    assert because(chosen, releases=with_release("celery", capping)) == {
        "redis": "celery 5.7.1 declares redis<7"
    }


def test_an_older_patch_of_the_newest_series_is_not_old() -> None:
    patch = Release(version="5.7.1", uploaded=None, requires_python="", requires=())
    assert because({"celery": "5.7.0"}, releases=with_release("celery", patch)) == {}


@pytest.mark.parametrize(
    "release",
    [
        Release(version="6.0b1", uploaded=None, requires_python="", requires=()),
        Release(version="6.0", uploaded=None, requires_python="", requires=(), yanked="broken"),
    ],
)
def test_what_installers_do_not_choose_makes_nothing_old(release: Release) -> None:
    assert because({"celery": "5.7.0"}, releases=with_release("celery", release)) == {}


def test_a_release_that_is_not_noted_is_old_all_the_same() -> None:
    [old] = outdated({"django-celery-beat": "1.0.1", "django": "6.1.3"}, "3.12", RELEASES)
    assert (old.uploaded, old.because) == (None, "django-celery-beat 2.9.0 declares Django>=2.2,<6.1")


def test_of_a_package_that_is_no_axis_nothing_is_said() -> None:
    assert because({"vine": "1.3.0"}) == {}
