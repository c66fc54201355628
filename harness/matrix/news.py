"""What the index has that matrix.toml and releases.json do not have yet, in words. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.version import Version

from harness.matrix.edit import age
from harness.matrix.field import Pin
from harness.matrix.question import is_series
from harness.matrix.releases import Releases
from harness.model import Release


@dataclass(frozen=True, kw_only=True)
class News:
    """`lines` tell it; `added` and `gone` are the values that axes gain and lose by it."""

    lines: tuple[str, ...]
    added: Mapping[str, tuple[str, ...]]
    gone: Mapping[str, tuple[str, ...]]


def find_news(
    axes: Mapping[str, Sequence[str]], in_use: Collection[Pin], *, old: Releases, new: Releases
) -> News:
    """What of `new` is not in `old`, or not among the values of its axis.

    A pre-release stays a value as long as it is the newest of all, or in use.
    """
    lines: list[str] = []
    added: dict[str, tuple[str, ...]] = {}
    gone: dict[str, tuple[str, ...]] = {}
    for package, every in new.packages.items():
        values = axes[package]
        coming = [each.version for each in every if Version(each.version).is_prerelease][-1:]
        series = [value for value in _series(every) if new.installable(package, value)]
        added[package] = tuple(value for value in (*series, *coming) if value not in values)
        gone[package] = tuple(
            value
            for value in values
            if Version(value).is_prerelease and value not in coming and (package, value) not in in_use
        )
        told = (
            *_new_values(package, added[package], new),
            *_changes(package, [value for value in series if value in values], old, new),
            *(f"the pre-release {value} is past, and no stack has it" for value in gone[package]),
        )
        lines += [f"{package}: {line}" for line in told]
    return News(lines=tuple(lines), added=added, gone=gone)


def with_pythons(news: News, values: Sequence[str], found: Mapping[str, str]) -> News:
    """The same with the Pythons of a machine, version by series, that are newer than every value."""
    newest = max(map(Version, values))
    added = tuple(sorted((series for series in found if Version(series) > newest), key=age))
    added = tuple(series for series in added if not Version(found[series]).is_prerelease)
    lines = (f"python: {series} is a new series; this machine has {found[series]}" for series in added)
    return News(lines=(*news.lines, *lines), added={**news.added, "python": added}, gone=news.gone)


def _series(releases: Sequence[Release]) -> tuple[str, ...]:
    """The first two numbers of versions, oldest first."""
    numbers = dict.fromkeys(Version(each.version).release[:2] for each in releases)
    return tuple(".".join(map(str, (*both, 0)[:2])) for both in numbers)


def _new_values(package: str, added: Sequence[str], new: Releases) -> Iterator[str]:
    for value in added:
        newest = new.installable(package, value)[-1]
        if is_series(value):
            yield f"{value} is a new series; its newest is {_dated(newest)}"
        else:
            yield f"{_dated(newest)} is a new pre-release"


def _changes(package: str, series: Sequence[str], old: Releases, new: Releases) -> Iterator[str]:
    """What is new in the series that the axis has already, and of releases that are noted already."""
    before = {each.version: each for each in old.packages.get(package, ())}
    after = {each.version: each for each in new.packages[package]}
    if not before:
        yield f"noted for the first time: {_counted(len(after))}"
        return
    for value in series:
        newest, known = new.installable(package, value)[-1], old.installable(package, value)
        if known and newest.version not in before:
            yield f"{_dated(newest)} is the newest of {value}; it was {known[-1].version}"
    for version in (version for version in before if version in after):
        reason = after[version].yanked
        if reason is not None and before[version].yanked is None:
            yield f"{version} has been yanked{f': {reason}' if reason else ''}"
        elif reason is None and before[version].yanked is not None:
            yield f"{version} is no longer yanked"
    told = [version for version in before if version in after]
    otherwise = [version for version in told if before[version].requires != after[version].requires]
    if otherwise:
        yield f"noted anew, by what it requires of the axes: {_counted(len(otherwise))}"
    for version in before:
        if version not in after and not Version(version).is_prerelease:
            yield f"{version} is not on the index any more, or not asked for"


def _dated(release: Release) -> str:
    return f"{release.version} of {release.uploaded}" if release.uploaded else release.version


def _counted(releases: int) -> str:
    return "1 release" if releases == 1 else f"{releases} releases"
