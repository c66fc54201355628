"""What an installer took that is not of a package's newest series, and what declares why. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from packaging.version import Version

from harness.matrix.declared import Declared
from harness.matrix.releases import Releases
from harness.model import Release


@dataclass(frozen=True, kw_only=True)
class Outdated:
    """A chosen release, and the newest there is; `because` is "" where no declaration says why."""

    package: str
    chosen: str
    uploaded: date | None
    newest: str
    newest_uploaded: date | None
    because: str


def outdated(chosen: Mapping[str, str], python: str, releases: Releases) -> Iterator[Outdated]:
    """Of `chosen`, versions by package, on a series of Python: each that is not of its newest series."""
    for package, version in chosen.items():
        newest = _newest(releases.packages.get(package, ()))
        if newest is None or _series(newest.version) <= _series(version):
            continue
        taken = _noted(package, version, releases)
        others = {other: each for other, each in chosen.items() if other != package}
        yield Outdated(
            package=package,
            chosen=version,
            uploaded=taken.release.uploaded if taken else None,
            newest=newest.version,
            newest_uploaded=newest.uploaded,
            because=_why_not(_declared(package, newest), others, python, releases),
        )


def _why_not(newest: Declared, others: Mapping[str, str], python: str, releases: Releases) -> str:
    """What keeps the newest release from being taken: Python, what it declares of others, or they of it."""
    name = f"{newest.package} {newest.version}"
    if not newest.runs_on(python):
        return f"{name} declares Python{newest.release.requires_python}"
    noted = [each for package, version in others.items() if (each := _noted(package, version, releases))]
    for other in noted:
        if requires := newest.refuses(other, python):
            return f"{name} declares {requires.text}"
    for other in noted:
        if requires := other.refuses(newest, python):
            return f"{other.package} {other.version} declares {requires.text}"
    return ""


def _newest(every: Iterable[Release]) -> Release | None:
    final = (each for each in every if each.yanked is None and not Version(each.version).is_prerelease)
    return max(final, key=lambda each: Version(each.version), default=None)


def _noted(package: str, version: str, releases: Releases) -> Declared | None:
    found = (each for each in releases.packages.get(package, ()) if Version(each.version) == Version(version))
    return next((_declared(package, each) for each in found), None)


def _declared(package: str, release: Release) -> Declared:
    return Declared(package=package, value=release.version, release=release)


def _series(version: str) -> tuple[int, ...]:
    return (*Version(version).release, 0)[:2]
