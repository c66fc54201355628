from datetime import date

from harness.matrix.news import News, find_news, with_pythons
from harness.matrix.releases import Releases
from harness.model import Release

VALUES = {"python": ("3.9", "3.13"), "django": ("4.2", "4.2.11", "5.2")}


def release(version: str, *, yanked: str | None = None, requires: tuple[str, ...] | None = ()) -> Release:
    return Release(
        version=version, uploaded=date(2026, 11, 3), requires_python="", requires=requires, yanked=yanked
    )


OLD = (release("4.2.11"), release("4.2.20"), release("5.2"))


def news(
    *new: Release, old: tuple[Release, ...] = OLD, values: tuple[str, ...] = VALUES["django"], used: str = ""
) -> News:
    return find_news(
        {**VALUES, "django": values},
        {("django", used)},
        old=Releases(packages={"django": old} if old else {}),
        new=Releases(packages={"django": new}),
    )


def test_nothing_new_is_no_news() -> None:
    assert news(*OLD) == News(lines=(), added={"django": ()}, gone={"django": ()})


def test_a_new_series_is_told_with_its_newest_release() -> None:
    found = news(*OLD, release("6.0"), release("6.0.1"))
    assert found.lines == ("django: 6.0 is a new series; its newest is 6.0.1 of 2026-11-03",)
    assert found.added == {"django": ("6.0",)}


def test_a_series_of_yanked_releases_is_no_news() -> None:
    assert news(*OLD, release("6.0", yanked="")).added == {"django": ()}


def test_a_patch_is_told_and_adds_no_value() -> None:
    found = news(*OLD, release("5.2.1"), release("5.2.2"))
    assert found.lines == ("django: 5.2.2 of 2026-11-03 is the newest of 5.2; it was 5.2",)
    assert found.added == {"django": ()}


def test_a_release_of_a_day_that_the_index_does_not_tell_is_told_without() -> None:
    undated = Release(version="6.0", uploaded=None, requires_python="", requires=())
    assert news(*OLD, undated).lines == ("django: 6.0 is a new series; its newest is 6.0",)


def test_yanked_and_no_longer_yanked_is_told() -> None:
    before = (*OLD, release("5.2.1"), release("5.2.2"), release("5.2.3", yanked="broken"))
    after = (*OLD, release("5.2.1", yanked="broken"), release("5.2.2", yanked=""), release("5.2.3"))
    assert news(*after, old=before).lines == (
        "django: 5.2.1 has been yanked: broken",
        "django: 5.2.2 has been yanked",
        "django: 5.2.3 is no longer yanked",
    )


def test_the_newest_pre_release_becomes_a_value() -> None:
    found = news(*OLD, release("6.0a1"), release("6.0b1"))
    assert found.lines == ("django: 6.0b1 of 2026-11-03 is a new pre-release",)
    assert found.added == {"django": ("6.0b1",)}


def test_a_pre_release_that_is_past_leaves_unless_it_is_in_use() -> None:
    values = (*VALUES["django"], "6.0a1")
    found = news(*OLD, release("6.0"), values=values)
    assert found.lines[-1] == "django: the pre-release 6.0a1 is past, and no stack has it"
    assert (found.added, found.gone) == ({"django": ("6.0",)}, {"django": ("6.0a1",)})
    assert news(*OLD, release("6.0"), values=values, used="6.0a1").gone == {"django": ()}
    assert news(*OLD, release("6.0a1"), values=values).gone == {"django": ()}


def test_the_first_time_releases_are_counted() -> None:
    found = news(*OLD, release("6.0"), old=())
    assert found.lines == (
        "django: 6.0 is a new series; its newest is 6.0 of 2026-11-03",
        "django: noted for the first time: 4 releases",
    )


def test_what_is_declared_otherwise_is_counted() -> None:
    after = (*OLD[:2], release("5.2", requires=("celery",)))
    assert news(*after).lines == ("django: noted anew, by what it requires of the axes: 1 release",)


def test_what_has_gone_from_the_index_is_told() -> None:
    before = (*OLD, release("6.0a1"))
    assert news(*OLD[1:], old=before).lines == (
        "django: 4.2.11 is not on the index any more, or not asked for",
    )


def test_a_python_that_is_newer_than_all_values_is_told() -> None:
    found = {"3.8": "3.8.18", "3.12": "3.12.1", "3.15": "3.15.0a2", "3.14": "3.14.1", "3.100": "3.100.0"}
    told = with_pythons(news(*OLD), VALUES["python"], found)
    assert told.added == {"django": (), "python": ("3.14", "3.100")}
    assert told.lines[0] == "python: 3.14 is a new series; this machine has 3.14.1"
