"""Between which two releases a failure came: bisection over what the package index has."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from harness.diagnosis.known import Outcome
from harness.model import Release

# The releases of a distribution; none where they are not known.
ReleasesOf = Callable[[str], Sequence[Release]]


def installable(releases: Iterable[Release], python: str) -> list[Version]:
    """The versions that an installer would choose on a Python, the oldest first."""
    return sorted(
        Version(each.version)
        for each in releases
        if each.yanked is None
        and not Version(each.version).is_prerelease
        and SpecifierSet(each.requires_python).contains(python)
    )


def newest_of(releases: Iterable[Release], day: date) -> list[Release]:
    """Those that there were on a day."""
    return [each for each in releases if each.uploaded is not None and each.uploaded <= day]


def narrow(
    versions: Iterable[Version], good: Version, bad: Version, outcome: Callable[[Version], Outcome | None]
) -> tuple[Version, Version, Version | None]:
    """What is the last good one and the first bad one by now, and which to try next; None when none is left.

    Releases that cannot be resolved with the rest, or say nothing, are passed over: nobody can get them.
    Which were tried decides, and not in which order.
    """
    between = {version: outcome(version) for version in versions if good < version < bad}
    bad = min([bad, *(version for version, how in between.items() if how is Outcome.FAILS)])
    good = max(
        [good, *(version for version, how in between.items() if how is Outcome.PASSES and version < bad)]
    )
    untried = sorted(version for version, how in between.items() if how is None and good < version < bad)
    return good, bad, untried[len(untried) // 2] if untried else None
