"""On which package it turns whether something is seen, where series differ in several. Pure.

*Since* and *until* say where a change was seen. Where the same series of one package met different series of
the others, more can be said: what the others are makes no difference.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

from packaging.version import Version

from harness.report.since import Seen, when

_Row = tuple[Mapping[str, str], bool]  # by package its series, and whether it was seen there


def turns_on(seen: Sequence[Seen], versions: Sequence[Mapping[str, str]]) -> str:
    """The one package, or else the only two, whose series decide: "until kombu 5.3 …, whichever Celery".

    `versions` are by package, of each stack the same packages in their order. "" when nothing decides, when
    several could and no stack tells them apart, or when it was never seen with several series of another.
    """
    rows = [
        ({package: _series(version) for package, version in each.items()}, found is Seen.HERE)
        for each, found in zip(versions, seen, strict=True)
        if found in (Seen.HERE, Seen.HELD)
    ]
    if len({found for _, found in rows}) < 2:  # noqa: PLR2004 - seen and not seen
        return ""
    packages = tuple(rows[0][0])
    for count in range(1, len(packages)):
        deciding = [some for some in combinations(packages, count) if _decide(some, rows)]
        if len(deciding) == 1:
            [some] = deciding
            others = [each for each in packages if each not in some]
            here = [row for row in rows if row[1]]
            if all(_varies(each, some, here) for each in others):
                return f"{_told(some, rows)}, whichever {' and '.join(others)}"
        if deciding:
            return ""
    return ""


def _series(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _decide(packages: Sequence[str], rows: Sequence[_Row]) -> bool:
    """Whether stacks with the same series of these are all alike."""
    return all(len(found) == 1 for found in _groups(packages, rows).values())


def _varies(package: str, among: Sequence[str], rows: Sequence[_Row]) -> bool:
    """Whether stacks with the same series of `among` had several of a package."""
    return len(_groups([*among, package], rows)) > len(_groups(among, rows))


def _groups(packages: Sequence[str], rows: Sequence[_Row]) -> dict[tuple[str, ...], set[bool]]:
    groups: dict[tuple[str, ...], set[bool]] = {}
    for series, found in rows:
        groups.setdefault(tuple(series[package] for package in packages), set()).add(found)
    return groups


def _told(packages: Sequence[str], rows: Sequence[_Row]) -> str:
    groups = _groups(packages, rows)
    first, *more = packages
    names = sorted({key[0] for key in groups}, key=Version)
    if not more:
        seen = [Seen.HERE if True in groups[(name,)] else Seen.HELD for name in names]
        return when(seen, names, of=first)
    here = [key for key, found in groups.items() if True in found]
    whole = [name for name in names if all(True in found for key, found in groups.items() if key[0] == name)]
    told = [f"with {first} {_listed(whole)}"] if whole else []
    for name in names:
        with_it = [key[1] for key in here if key[0] == name]
        if with_it and name not in whole:
            told.append(f"with {first} {name} and {more[0]} {_listed(sorted(with_it, key=Version))}")
    return ", and ".join(told)


def _listed(names: Sequence[str]) -> str:
    *some, last = names
    return f"{', '.join(some)} and {last}" if some else last
