"""What people ask of versions, and which series and installed versions meet it. Pure."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from packaging.requirements import Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.matrix.question import is_series
from harness.matrix.releases import Releases

# How the line of a result tells of its lock, and, near its end, of why there was no further attempt.
_LOCK, _PYTHON = b'"lock":{"distributions":[', re.compile(rb'\],"python":"([^"]*)"')
_SAME, _ENDING = b'"settled":"same"', 500
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
    """Callable on the line of a result, and its pins: whether what was installed meets every demand.

    Where nothing was installed, for it cannot be, what was asked for counts. A result that another one
    tells of meets nothing. It looks at the line's bytes: of many lines only those that meet are read.
    """

    def __init__(self, demands: Sequence[Demand], releases: Releases) -> None:
        self._demands = [(each, re.compile(rb'"%s==([^"]*)"' % each.package.encode())) for each in demands]
        self._admits = cache(lambda demand, value: demand.admits_series(value, releases))

    def __call__(self, line: bytes, pins: bytes) -> bool:
        """`pins` is JSON, as it stands in the line."""
        if _SAME in line[-_ENDING:]:
            return False
        begins = line.find(_LOCK)
        if begins < 0:
            asked = json.loads(pins)
            return all(self._admits(each, asked.get(each.package, UNASKED)) for each, _ in self._demands)
        ends = line.find(b"]", begins)
        for demand, pattern in self._demands:
            python = demand.package == "python"
            found = _PYTHON.match(line, ends) if python else pattern.search(line, begins, ends)
            if found is None or not demand.admits(found[1].decode()):
                return False
        return True
