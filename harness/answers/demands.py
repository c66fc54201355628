"""What people ask of versions, and which series and installed versions meet it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from packaging.requirements import Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.matrix.question import is_series
from harness.matrix.releases import Releases
from harness.model import CellResult

# Of Python nobody lists the patches: so many of a series there may be.
_PATCHES = 40


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
    """What a requirement asks for; `==5.4` is the series, as everywhere in matrix.toml: `==5.4.*`."""
    return Demand(package=package, specifier=SpecifierSet(",".join(map(_as_series, requirement.specifier))))


def _as_series(specifier: Specifier) -> str:
    series = specifier.operator == "==" and is_series(specifier.version)
    return f"=={specifier.version}.*" if series else str(specifier)


class Meeting:
    """Callable on a result: whether what was installed meets every demand.

    Where nothing was installed, for it cannot be, what was asked for counts.
    """

    def __init__(self, demands: Sequence[Demand], releases: Releases) -> None:
        self._demands = tuple(demands)
        self._admits = lru_cache(maxsize=None)(lambda demand, value: demand.admits_series(value, releases))

    def __call__(self, result: CellResult) -> bool:
        """Whether a result meets them."""
        return all(self._meets(each, result) for each in self._demands)

    def _meets(self, demand: Demand, result: CellResult) -> bool:
        if result.lock is None:
            asked = result.pins.get(demand.package)
            return asked is not None and self._admits(demand, asked)
        python = demand.package == "python"
        version = result.lock.python if python else result.lock.version(demand.package)
        return version is not None and demand.admits(version)
