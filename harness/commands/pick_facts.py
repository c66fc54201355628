"""The facts that a question may turn on, read from many records of which most are not looked into."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from harness.answers.facts import Facts
from harness.answers.stack import PYTHON, Demands, tells
from harness.answers.why import admits_series
from harness.commands.places import Places
from harness.matrix.lines import MARK
from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.records.glances import Glimpse, glances, look_up, read_result

_EXAMPLES = 10  # of each line: the first may mend nothing
_CHECKS, _TIME = b'"checks":[', b'"time"'
_LOCK, _ENDS = b'"lock":{"distributions":[', b"]"


def facts_about(demands: Demands, axes: Iterable[str], places: Places, *, unmet: int = 0) -> Facts:
    """The facts about what may meet demands, all but so many of them, and about all that lived through days.

    Of every line that mends there are examples among them, with the cells that it mends. What is left out
    fails a demand by what was asked for: it cannot say anything of what meets it.
    """
    relevant = _Relevant(demands, unmet)
    newest: dict[str, tuple[str, Glimpse]] = {}
    lines: dict[str, bytes] = {}
    for header, glimpse, line in glances(places.records):
        known = newest.get(glimpse.cell)
        if known is not None and known[1].started > glimpse.started:
            continue
        newest[glimpse.cell] = (header.plan, glimpse)
        # The newest counts, also where it is of other versions than the one before.
        lines.pop(glimpse.cell, None)
        if relevant(glimpse.pins, line):
            lines[glimpse.cell] = line
    read = {cell: read_result(line, outline=True) for cell, line in lines.items()}
    for cell in _examples(newest.keys()):
        read.setdefault(cell, look_up(newest[cell][1]))
    return Facts(
        results={cell: result for cell, result in read.items() if result is not None and tells(result)},
        plans={cell: newest[cell][0] for cell in read},
        axes=tuple(axes),
    )


def _examples(cells: Collection[str]) -> Iterator[str]:
    """Of each line that cells' names tell alone, a few with the cells that they are changes of."""
    found: Counter[str] = Counter()
    for cell in cells:
        base, mark, lines = cell.partition("@")[0].partition(MARK)
        unchanged = f"{base}@{cell.partition('@')[2]}"
        if mark and MARK not in lines and found[lines] < _EXAMPLES and unchanged in cells:
            found[lines] += 1
            yield from (cell, unchanged)


class _Relevant:
    """Callable on the pins of a line, as JSON, and the line: whether it may be of use.

    It looks at what was asked for; where that leaves an axis open, at what was installed.
    """

    def __init__(self, demands: Demands, unmet: int) -> None:
        self._demands = demands
        self._unmet = unmet
        self._by_pins: dict[bytes, tuple[int, tuple[str, ...]]] = {}
        self._admitted: dict[tuple[str, str], bool] = {}

    def __call__(self, pins: bytes, line: bytes) -> bool:
        if _TIME in line[line.rfind(_CHECKS) :]:
            return True
        known = self._by_pins.get(pins)
        if known is None:
            known = self._by_pins[pins] = self._judge(json.loads(pins))
        refused, left_open = known
        if refused > self._unmet or not left_open:
            return refused <= self._unmet
        begins = line.find(_LOCK)
        lock = line[begins : line.find(_ENDS, begins + len(_LOCK))] if begins >= 0 else b""
        refused += sum(not self._is_installed(axis, lock) for axis in left_open)
        return refused <= self._unmet

    def _judge(self, pins: dict[str, str]) -> tuple[int, tuple[str, ...]]:
        """How many demands are refused by what was asked for, and of which axes that leaves it open."""
        asked = {axis: pins.get(axis, UNASKED) for axis in self._demands}
        left_open = tuple(axis for axis, value in asked.items() if value in (UNPINNED, UNASKED))
        refused = [
            axis for axis, value in asked.items() if axis not in left_open and not self._admits(axis, value)
        ]
        return len(refused), left_open

    def _is_installed(self, axis: str, lock: bytes) -> bool:
        begins = lock.find(b'"%s==' % axis.encode()) + len(axis) + 3
        version = lock[begins : lock.find(b'"', begins)].decode() if begins >= len(axis) + 3 else ""
        return axis != PYTHON and bool(version) and self._admits(axis, version)

    def _admits(self, axis: str, value: str) -> bool:
        known = self._admitted.get((axis, value))
        if known is None:
            # Of a release that was asked for by its number the series counts: a line too many does no harm.
            series = ".".join(value.split(".")[:2])
            known = self._admitted[axis, value] = admits_series(self._demands[axis], series)
        return known
