"""What a project's files ask for, whatever their format: names, versions, the place of each. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from harness.matrix.declared import marker_holds

# "3.9" is some CPython 3.9, a late one: those that declare >=3.9.2 mean it, too.
_LATE_PATCH = 999


@dataclass(frozen=True, kw_only=True)
class Demand:
    """One entry of a file: a distribution (its canonical name), and which versions of it may be installed.

    It counts where its `marker` (PEP 508) holds. `limits`: it says which version, should something else ask
    for the distribution, as a line of a constraints file does. `place` is where it stands, such as
    "requirements.txt, line 3".
    """

    name: str
    place: str
    specifier: str = ""
    marker: str = ""
    extras: tuple[str, ...] = ()
    limits: bool = False

    def applies(self, python: str) -> bool:
        """Whether it counts on a series of CPython (on Linux)."""
        return not self.marker or marker_holds(self.marker, python)


@dataclass(frozen=True, kw_only=True)
class Project:
    """All that one file, with what it includes, or one environment asks for.

    `python` says which Pythons it is for ("==3.9.*", ">=3.8"; "" where it does not say), `python_place`
    where. `complete`: it lists all that is installed, as a lock does. `unread` are lines that ask for what
    cannot be told from here, such as another folder's dependencies.
    """

    file: str
    demands: tuple[Demand, ...]
    python: str = ""
    python_place: str = ""
    complete: bool = False
    unread: tuple[str, ...] = ()

    def on(self, python: str) -> Mapping[str, "Allowed"]:
        """What it asks for on a series of CPython, by distribution."""
        found: dict[str, list[Demand]] = {}
        for demand in self.demands:
            if demand.applies(python):
                found.setdefault(demand.name, []).append(demand)
        return {
            name: Allowed(name=name, demands=tuple(demands))
            for name, demands in found.items()
            if not all(demand.limits for demand in demands)
        }

    def limits_on(self, python: str) -> Mapping[str, "Allowed"]:
        """What it says of distributions that it does not ask for itself."""
        limits: dict[str, list[Demand]] = {}
        for demand in self.demands:
            if demand.limits and demand.applies(python):
                limits.setdefault(demand.name, []).append(demand)
        asked = self.on(python)
        return {
            name: Allowed(name=name, demands=tuple(demands))
            for name, demands in limits.items()
            if name not in asked
        }

    def runs_on(self, python: str) -> bool:
        """Whether it says that it is for a series of CPython; so where it does not say."""
        return SpecifierSet(self.python).contains(f"{python}.{_LATE_PATCH}", prereleases=True)


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """All that is asked of one distribution."""

    name: str
    demands: tuple[Demand, ...]

    @property
    def specifier(self) -> SpecifierSet:
        """What all of its demands admit together."""
        return SpecifierSet(",".join(demand.specifier for demand in self.demands if demand.specifier))

    @property
    def pin(self) -> str | None:
        """The one version that is admitted; None when there may be others."""
        pins = {
            each.version
            for each in self.specifier
            if each.operator in ("==", "===") and not each.version.endswith(".*")
        }
        return next(iter(pins)) if len(pins) == 1 else None

    @property
    def extras(self) -> tuple[str, ...]:
        """The extras that are asked for with it."""
        return tuple(dict.fromkeys(extra for demand in self.demands for extra in demand.extras))

    @property
    def places(self) -> str:
        """Where it is asked for."""
        return " and ".join(dict.fromkeys(demand.place for demand in self.demands))

    def admits(self, version: str | Version) -> bool:
        """Whether a version may be installed."""
        return self.specifier.contains(version, prereleases=True)

    def __str__(self) -> str:
        """As a requirement: `celery==5.2.3`."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        return f"{self.name}{extras}{self.specifier}"


def pinned(name: str, version: str, *, place: str, marker: str = "") -> Demand:
    """An entry of a lock."""
    return Demand(
        name=canonicalize_name(name), specifier=f"=={version}" if version else "", place=place, marker=marker
    )


def line_of(text: str, part: str) -> int | None:
    """The line in which `part` first stands; None when it stands nowhere as it is."""
    before, found, _ = text.partition(part)
    return before.count("\n") + 1 if found else None


def series_of(pythons: Iterable[str], specifier: str) -> tuple[str, ...]:
    """Those of some series of CPython that a specifier admits."""
    admitted = SpecifierSet(specifier)
    return tuple(each for each in pythons if admitted.contains(f"{each}.{_LATE_PATCH}", prereleases=True))


def python_mistake(specifier: str) -> str:
    """What is wrong with what a file says of Python; "" if nothing."""
    try:
        SpecifierSet(specifier)
    except InvalidSpecifier:
        return f"{specifier!r} is no specifier of Pythons"
    return ""
