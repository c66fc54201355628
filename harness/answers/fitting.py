"""Which records tell of a project on a Python, and how nearly. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from harness.answers.projects.project import Allowed, Project
from harness.diagnosis.known import Outcome, outcome_of
from harness.model import CellResult, Resolution


class Nearness(StrEnum):
    """How nearly what was installed is what the project asks for, the nearest first."""

    EXACT = "exact"  # every version that it asks for
    BESIDE = "beside"  # the packages of the axes as it asks for them; of another distribution another version
    SERIES = "series"  # of some package of an axis another release of the same series


_NEAREST_FIRST = list(Nearness)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A distribution that is not what the project asks for; "" for one that is not there."""

    name: str
    measured: str
    asked: str


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A record that tells of the project. `beyond` are packages of axes that the project does not ask for."""

    result: CellResult
    nearness: Nearness
    differs: tuple[Difference, ...]
    beyond: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, int]:
        """What the nearest has least of."""
        return _NEAREST_FIRST.index(self.nearness), len(self.differs)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a project asks for on one Python. `packages` are those of the axes."""

    python: str
    allowed: Mapping[str, Allowed]
    limits: Mapping[str, Allowed]
    packages: tuple[str, ...]
    complete: bool

    @property
    def open(self) -> tuple[str, ...]:
        """The packages of axes that it asks for without saying in which version."""
        return tuple(name for name in self.packages if name in self.allowed and not self.allowed[name].pin)

    @property
    def missing(self) -> tuple[str, ...]:
        """The packages of axes that it does not ask for, not even as an extra."""
        extras = {extra for each in self.allowed.values() for extra in each.extras}
        return tuple(name for name in self.packages if name not in self.allowed and name not in extras)

    @property
    def own(self) -> tuple[str, ...]:
        """The packages of axes that it asks for by name."""
        return tuple(name for name in self.packages if name in self.allowed)


def asked_on(project: Project, python: str, packages: Sequence[str]) -> Asked:
    """What a project asks for on a Python, of the packages of the axes above all."""
    return Asked(
        python=python,
        allowed=project.on(python),
        limits=project.limits_on(python),
        packages=tuple(packages),
        complete=project.complete,
    )


def fits(asked: Asked, results: Iterable[CellResult], *, installed: frozenset[str]) -> tuple[Fit, ...]:
    """The records that tell of it, the nearest first, of those as near the ones that differ least.

    `installed` are the distributions that some record has: of others nobody knows whether they matter.
    """
    found = (_fit(asked, result, installed) for result in results)
    return tuple(
        sorted(
            (fit for fit in found if fit is not None),
            key=lambda fit: (*fit.rank, fit.result.cell),
        )
    )


def is_as_asked(asked: Asked, fit: Fit, resolution: Resolution) -> bool:
    """Whether a record was asked for just what the project asks for: as of today, it is what one gets."""
    lines = [Requirement(line) for line in fit.result.requirements]
    theirs: dict[str, Requirement] = {canonicalize_name(line.name): line for line in lines}
    own = {name: each for name, each in asked.allowed.items() if name in asked.packages or name in theirs}
    return (
        fit.result.resolution is resolution
        and fit.nearness is Nearness.EXACT
        # A cell needs all packages of axes; those that the project lacks are then asked for at any version.
        and own.keys() <= theirs.keys() <= own.keys() | set(asked.missing)
        and all(
            set(each.extras) == theirs[name].extras
            and _canonical(each.specifier) == _canonical(theirs[name].specifier)
            for name, each in own.items()
        )
    )


def refused(asked: Asked, results: Iterable[CellResult]) -> Iterator[CellResult]:
    """Records of what cannot be resolved, and no less can what the project asks for: it asks for more."""
    for result in results:
        if result.lock is None and outcome_of(result) is Outcome.UNRESOLVABLE and _same_python(asked, result):
            lines = [Requirement(line) for line in result.requirements]
            if all(_is_stricter(asked, line) for line in lines):
                yield result


def _is_stricter(asked: Asked, line: Requirement) -> bool:
    own = asked.allowed.get(canonicalize_name(line.name))
    if own is None:
        return False
    if own.pin is not None:
        return line.specifier.contains(own.pin, prereleases=True)
    return not line.specifier or _canonical(own.specifier) == _canonical(line.specifier)


def _fit(asked: Asked, result: CellResult, installed: frozenset[str]) -> Fit | None:
    lock = result.lock
    if lock is None or not _same_python(asked, result):
        return None
    # An installer refuses what was forced; who has it installed has forced it as well.
    if result.resolution is Resolution.OVERRIDE and not asked.complete:
        return None
    has = dict(each.split("==", 1) for each in lock.distributions)
    nearness, differs = Nearness.EXACT, []
    for name in asked.own:
        version = has.get(name)
        if version is None:
            return None
        if not asked.allowed[name].admits(version):
            pin = asked.allowed[name].pin
            if pin is None or not is_of_series(version, pin):
                return None
            nearness = Nearness.SERIES
            differs.append(Difference(name=name, measured=version, asked=pin))
    beside = tuple(_beside(asked, has, installed))
    if beside and nearness is Nearness.EXACT:
        nearness = Nearness.BESIDE
    return Fit(
        result=result,
        nearness=nearness,
        differs=(*differs, *beside),
        beyond=tuple(name for name in asked.missing if name in has),
    )


def _beside(asked: Asked, has: Mapping[str, str], installed: frozenset[str]) -> Iterator[Difference]:
    """What differs of distributions that are no axis, as far as records have ever had them."""
    for name, own in {**asked.allowed, **asked.limits}.items():
        if name in asked.packages or name not in installed:
            continue
        version = has.get(name)
        if version is not None and not own.admits(version):
            yield Difference(name=name, measured=version, asked=str(own.specifier).removeprefix("=="))
        elif version is None and name in asked.allowed and not asked.complete:
            # What the file names by hand may be what was missing.
            yield Difference(name=name, measured="", asked=str(own.specifier).removeprefix("=="))
    if asked.complete:
        for name, version in has.items():
            if name not in asked.allowed and name not in asked.packages:
                yield Difference(name=name, measured=version, asked="")


def _same_python(asked: Asked, result: CellResult) -> bool:
    return _series(result.pins["python"]) == _series(asked.python)


def is_of_series(version: str, other: str) -> bool:
    """Whether two versions are releases of one series."""
    return _series(version) == _series(other)


def _series(version: str) -> tuple[int, ...]:
    try:
        return Version(version).release[:2]
    except InvalidVersion:
        return ()


def _canonical(specifier: Iterable[object]) -> frozenset[str]:
    return frozenset(map(str, specifier))
