"""What people ask of versions, from words, and which series and installed versions meet it. Pure."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from harness.answers.asked import is_misspelt, package_named
from harness.answers.stack import PYTHON, Demands
from harness.errors import UsageError
from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.matrix.question import is_series
from harness.matrix.releases import Releases
from harness.records.sheets import Entry, Sheet

# Of Python nobody lists the patches: so many of a series there may be.
_PATCHES = 40
_HOW = 'write it as in "django==4.2.*" or "python>=3.10"; quote it in the shell'


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Versions of one package, `python` among them, that are wanted. `text` is as people write it."""

    package: str
    specifier: SpecifierSet

    @property
    def text(self) -> str:
        """`celery==5.4.*`."""
        return f"{self.package}{self.specifier}" if self.specifier else f"{self.package} (any)"

    def admits(self, version: str) -> bool:
        """Whether an installed version meets it."""
        return self._admits(version)

    @cached_property
    def _admits(self) -> Callable[[str], bool]:
        @cache
        def admits(version: str) -> bool:
            try:
                return self.specifier.contains(Version(version), prereleases=True)
            except InvalidVersion:
                return False

        return admits

    def admits_series(self, value: str, releases: Releases) -> bool:
        """Whether some release of a series, or the release that a value is, meets it."""
        if value in (UNPINNED, UNASKED):
            return False
        if not is_series(value):
            return self.admits(value)
        known = [each.version for each in releases.known(self.package, value)]
        return any(map(self.admits, known or (f"{value}.{patch}" for patch in range(_PATCHES))))


def read_demand(requirement: Requirement, package: str) -> Demand:
    """What a requirement asks for, as people mean it; see `_meant`."""
    texts = [_meant(package, each) for each in requirement.specifier]
    return Demand(package=package, specifier=SpecifierSet(",".join(texts)))


@dataclass(frozen=True, kw_only=True)
class Read:
    """Demands, and how words were read that say something else by the letter."""

    demands: Demands
    readings: tuple[str, ...] = ()


def read_demands(words: Iterable[str], axes: Sequence[str]) -> Read:
    """The demands of some words on packages of axes; several of one package hold together.

    Raises:
        UsageError: with every word that is no demand, and what was probably meant.
    """
    demands: dict[str, SpecifierSet] = {}
    readings: list[str] = []
    mistakes: list[str] = []
    for word in words:
        try:
            requirement = _requirement(word)
            name = canonicalize_name(requirement.name)
            axis = package_named(name, axes)
        except UsageError as mistake:
            mistakes.append(str(mistake))
            continue
        demand = read_demand(requirement, axis)
        # Of Python everybody means series.
        if (axis != PYTHON and demand.specifier != requirement.specifier) or is_misspelt(name, axis, axes):
            readings.append(f"{requirement.name}{requirement.specifier} is read as {demand.text}")
        demands[axis] = demands.get(axis, SpecifierSet()) & demand.specifier
    if mistakes:
        raise UsageError("\n".join(mistakes), hint=_HOW)
    return Read(demands=demands, readings=tuple(readings))


def _requirement(word: str) -> Requirement:
    try:
        requirement = Requirement(word)
    except InvalidRequirement:
        raise UsageError(f"{word!r} is no requirement") from None
    if requirement.marker or requirement.url or requirement.extras:
        raise UsageError(f"{word!r} says more than a package and its versions")
    return requirement


def _meant(package: str, specifier: Specifier) -> str:
    """A bound on a series as people mean it, where PEP 440 means its first release: that one is `==4.2.0`.

    `==4.2` is every 4.2, as everywhere in matrix.toml, and `<=3.11` has Python 3.11.9.
    """
    if not is_series(specifier.version):
        return str(specifier)
    if specifier.operator in ("==", "!="):
        return f"{specifier.operator}{specifier.version}.*"
    if package == PYTHON and specifier.operator in ("<=", ">"):
        major, minor = specifier.version.split(".")
        return f"{'<' if specifier.operator == '<=' else '>='}{major}.{int(minor) + 1}"
    return str(specifier)


class Meeting:
    """Callable on an entry with the versions of `AXES`: whether what was installed meets every demand.

    Sheets are told apart by their files. Where nothing was installed, for it cannot be, what was asked for
    counts. A result that another one tells of meets nothing.
    """

    AXES = ("python",)

    def __init__(self, demands: Sequence[Demand], releases: Releases) -> None:
        self._demands = demands
        self._releases = releases
        # Entries are many, and have few pins and files among them.
        self._asked = cache(self._asked_for)
        self._by_file: dict[str, list[frozenset[int]]] = {}

    def __call__(self, entry: Entry) -> bool:
        """Whether it meets them."""
        if entry.same:
            return False
        if not entry.lock:
            return self._asked(entry.pins)
        return all(
            each.admits(entry.versions[0])
            if each.package == "python"
            else entry.row in self._rows(entry.sheet)[place]
            for place, each in enumerate(self._demands)
        )

    def _asked_for(self, pins: str) -> bool:
        """Whether series that were asked for, as JSON, meet every demand."""
        asked = json.loads(pins)
        return all(
            each.admits_series(asked.get(each.package, UNASKED), self._releases) for each in self._demands
        )

    def _rows(self, sheet: Sheet) -> Sequence[frozenset[int]]:
        """By demand the rows of a sheet that have a distribution which meets it."""
        if sheet.file not in self._by_file:
            self._by_file[sheet.file] = [_rows_having(sheet, each) for each in self._demands]
        return self._by_file[sheet.file]


def _rows_having(sheet: Sheet, demand: Demand) -> frozenset[int]:
    pins = ((word, *word.partition("==")[::2]) for word in sheet.distributions.words)
    return sheet.distributions.rows_of(
        {word for word, name, version in pins if name == demand.package and demand.admits(version)}
    )
