"""Which records have what a project asks for, and what they say of each two of its versions. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

from harness.answers.fitting import Asked, is_of_series
from harness.answers.stack import GOOD, PYTHON
from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.model import Verdict
from harness.records.sheets import Entry
from harness.report.check.answer import Pair


class Alike:
    """Which entries have what a project asks for, or another release of the same series."""

    def __init__(self, asked: Asked, axes: Sequence[str]) -> None:
        self._asked = asked
        self._places = {axis: place for place, axis in enumerate(axes)}
        self._known: dict[tuple[str, str], bool] = {}

    def has(self, entry: Entry, name: str) -> bool:
        """Whether the version of an axis is alike; what was asked for counts where nothing was installed."""
        version = entry.versions[self._places[name]]
        known = self._known.get((name, version))
        if known is None:
            known = self._known[name, version] = self._is_alike(name, version)
        return known

    def _is_alike(self, name: str, version: str) -> bool:
        if name == PYTHON:
            return version.split(".")[:2] == self._asked.python.split(".")[:2]
        allowed = self._asked.allowed[name]
        if version in ("", UNPINNED, UNASKED):
            return False
        return allowed.admits(version) or (allowed.pin is not None and is_of_series(version, allowed.pin))


def pairs_of(asked: Asked, alike: Alike, entries: Iterable[Entry]) -> tuple[Pair, ...]:
    """Each two versions of a project: a witness that they work together, or how often they were tried."""
    pinned = {PYTHON: asked.python, **{name: str(asked.allowed[name]) for name in asked.own}}
    passing: dict[tuple[str, str], list[str]] = {}
    tried = Counter[tuple[str, str]]()
    for each in entries:
        had = [name for name in pinned if (name == PYTHON or each.lock) and alike.has(each, name)]
        if each.verdict in GOOD:
            for pair in combinations(had, 2):
                passing.setdefault(pair, []).append(each.cell)
        elif each.verdict is Verdict.BROKEN:
            tried.update(combinations(had, 2))
    return tuple(
        Pair(
            pins=(pinned[one], pinned[other]),
            witness=min(passing.get((one, other), ()), default=""),
            tried=tried[one, other],
        )
        for one, other in combinations(pinned, 2)
    )
