"""What is on the lines of a run's file, column by column: enough to know which are worth reading. Pure.

Records are many, and an answer names few. A sheet has of each result what it was asked, what was installed,
what came of it and where its line begins; words that many results share are in it once.
"""

import hashlib
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from harness.model import CellResult, Resolution, Settled, Stage, Verdict
from harness.records.verdict import judging_attempts, verdict_of

_PYTHON = "python"
_SIZE = 8  # bytes of a digest: of a million texts two are the same once in tens of millions of years


class Column(msgspec.Struct, array_like=True, gc=False):
    """A word of each result: the `words`, and of each result which of them."""

    words: list[str] = []
    places: list[int] = []

    def __iter__(self) -> Iterator[str]:
        return map(self.words.__getitem__, self.places)


class Lists(msgspec.Struct, array_like=True, gc=False):
    """Some words of each result: the `words`, and of each result which of them, as unsigned numbers."""

    words: list[str] = []
    places: list[bytes] = []

    def at(self, row: int) -> tuple[str, ...]:
        """Those of one result."""
        return tuple(map(self.words.__getitem__, array("I", self.places[row])))

    def rows(self, word: str) -> frozenset[int]:
        """The results that have a word."""
        return self.rows_of({word})

    def rows_of(self, words: Collection[str]) -> frozenset[int]:
        """The results that have one of some words."""
        wanted = frozenset(place for place, each in enumerate(self.words) if each in words)
        if not wanted:
            return frozenset()
        return frozenset(
            row for row, places in enumerate(self.places) if not wanted.isdisjoint(array("I", places))
        )


class Sheet(msgspec.Struct, array_like=True, gc=False):
    """The results of a run's file, in its order. `file` is its name, `header` the line that it begins with.

    Of each result: `offsets` where its line begins; `locks` and `questions` digests of what was installed,
    b"" of nothing, and of what was asked but for settings; `versions` by axis what was installed
    or else asked for, of Python the whole version; `signatures` those of its last attempt that counts, the
    weightiest first, and then of the others; `days` the index's, "" for that of the run. What is JSON is in
    the words of `pins`, `extras`, `circumstances` (settings, database, broker), `checks`.
    """

    file: str
    run: str
    plan: str
    header: str
    offsets: list[int] = []
    cells: list[str] = []
    started: list[str] = []
    locks: list[bytes] = []
    questions: list[bytes] = []
    versions: dict[str, Column] = {}
    verdicts: Column = msgspec.field(default_factory=Column)
    settled: Column = msgspec.field(default_factory=Column)
    resolutions: Column = msgspec.field(default_factory=Column)
    days: Column = msgspec.field(default_factory=Column)
    pins: Column = msgspec.field(default_factory=Column)
    extras: Column = msgspec.field(default_factory=Column)
    circumstances: Column = msgspec.field(default_factory=Column)
    checks: Column = msgspec.field(default_factory=Column)
    requirements: Lists = msgspec.field(default_factory=Lists)
    distributions: Lists = msgspec.field(default_factory=Lists)
    signatures: Lists = msgspec.field(default_factory=Lists)


class Entry(NamedTuple):
    """One result, by its row of a sheet; see there. `versions` are by the axes that it was asked for with."""

    sheet: Sheet
    row: int
    cell: str
    started: str
    verdict: Verdict
    same: bool
    resolution: Resolution
    day: str
    pins: str
    circumstances: str
    checks: frozenset[Stage]
    lock: bytes
    question: bytes
    versions: tuple[str, ...]

    @property
    def plan(self) -> str:
        """The plan of its run."""
        return self.sheet.plan

    @property
    def extras(self) -> str:
        """What was asked for besides, as JSON."""
        return self.sheet.extras.words[self.sheet.extras.places[self.row]]

    @property
    def distributions(self) -> tuple[str, ...]:
        """The whole lock."""
        return self.sheet.distributions.at(self.row)

    @property
    def requirements(self) -> tuple[str, ...]:
        """Every line that was asked for."""
        return self.sheet.requirements.at(self.row)

    @property
    def signatures(self) -> tuple[str, ...]:
        """How it failed."""
        return self.sheet.signatures.at(self.row)


def make_sheet(
    results: Iterable[tuple[int, CellResult]], *, file: str, run: str, plan: str, header: str
) -> Sheet:
    """The sheet of some results, each with the place where its line begins."""
    sheet = Sheet(file=file, run=run, plan=plan, header=header)
    writers = _Writers(sheet)
    for offset, result in results:
        writers.add(offset, result)
    return sheet


def entries_of(sheet: Sheet, axes: Sequence[str]) -> Iterator[Entry]:
    """Every result of a sheet; `versions` are by `axes`, "" for those that it was not asked for."""
    none = Column(words=[""], places=[0] * len(sheet.cells))
    versions = (
        zip(*(sheet.versions.get(axis, none) for axis in axes), strict=True)
        if axes
        else [()] * len(sheet.cells)
    )
    checks = [frozenset(map(Stage, msgspec.json.decode(each, type=list[str]))) for each in sheet.checks.words]
    verdicts = [Verdict(each) for each in sheet.verdicts.words]
    resolutions = [Resolution(each) for each in sheet.resolutions.words]
    same = [each == str(Settled.SAME) for each in sheet.settled.words]
    return map(
        Entry._make,
        zip(
            [sheet] * len(sheet.cells),
            range(len(sheet.cells)),
            sheet.cells,
            sheet.started,
            map(verdicts.__getitem__, sheet.verdicts.places),
            map(same.__getitem__, sheet.settled.places),
            map(resolutions.__getitem__, sheet.resolutions.places),
            sheet.days,
            sheet.pins,
            sheet.circumstances,
            map(checks.__getitem__, sheet.checks.places),
            sheet.locks,
            sheet.questions,
            versions,
            strict=True,
        ),
    )


def newest_entries(entries: Iterable[Entry]) -> dict[str, Entry]:
    """By cell its newest entry, as `newest_results` chooses it."""
    newest: dict[str, Entry] = {}
    for entry in entries:
        known = newest.get(entry.cell)
        if known is None or known.started <= entry.started:
            newest[entry.cell] = entry
    return newest


def lock_digest(distributions: Sequence[str]) -> bytes:
    """What a sheet has instead of a whole lock; b"" of none."""
    return _digest("\n".join(distributions)) if distributions else b""


def versions_of(result: CellResult) -> dict[str, str]:
    """What was installed of each axis that was asked for, or else asked for; Python's whole version."""
    lock = result.lock
    found = dict(result.pins)
    if lock is not None:
        # Not asked of the lock axis by axis: there are many locks.
        for distribution in lock.distributions:
            name, _, version = distribution.partition("==")
            if name in found:
                found[name] = version
        found[_PYTHON] = lock.python
    return found


class _Writers:
    """Adds results to a sheet; knows which words it has."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._known: dict[int, dict[str, int]] = {}

    def add(self, offset: int, result: CellResult) -> None:
        sheet, lock = self._sheet, result.lock
        day = str(lock.index_date or "") if lock is not None else ""
        sheet.offsets.append(offset)
        sheet.cells.append(result.cell)
        sheet.started.append(result.started)
        sheet.locks.append(lock_digest(lock.distributions) if lock is not None else b"")
        sheet.questions.append(_question(result, day))
        self._versions(versions_of(result))
        self._word(sheet.verdicts, verdict_of(result))
        self._word(sheet.settled, result.settled)
        self._word(sheet.resolutions, result.resolution)
        self._word(sheet.days, day)
        self._word(sheet.pins, _json(result.pins))
        self._word(sheet.extras, _json(result.extras))
        self._word(
            sheet.circumstances, _json([sorted(result.settings.items()), result.database, result.broker])
        )
        self._word(sheet.checks, _json(result.checks))
        self._words(sheet.requirements, result.requirements)
        self._words(sheet.distributions, lock.distributions if lock is not None else ())
        self._words(sheet.signatures, _signatures(result))

    def _versions(self, versions: Mapping[str, str]) -> None:
        columns, before = self._sheet.versions, len(self._sheet.cells) - 1
        for axis in versions.keys() - columns.keys():
            columns[axis] = Column(words=[""], places=[0] * before)
            self._known[id(columns[axis])] = {"": 0}
        for axis, column in columns.items():
            self._word(column, versions.get(axis, ""))

    def _word(self, column: Column, word: str) -> None:
        column.places.append(self._place(column, column.words, word))

    def _words(self, lists: Lists, words: Iterable[str]) -> None:
        lists.places.append(array("I", [self._place(lists, lists.words, word) for word in words]).tobytes())

    def _place(self, of: object, words: list[str], word: str) -> int:
        known = self._known.setdefault(id(of), {})
        place = known.get(word)
        if place is None:
            place = known[word] = len(words)
            words.append(word)
        return place


def _signatures(result: CellResult) -> Iterable[str]:
    attempts = judging_attempts(result)
    return dict.fromkeys(each.signature for attempt in reversed(attempts) for each in attempt.failures)


def _question(result: CellResult, day: str) -> bytes:
    """What a resolver and a cell are asked, under whatever name and settings."""
    return _digest(
        _json(
            [
                result.pins,
                result.extras,
                sorted(result.requirements),
                result.resolution,
                result.installer,
                day,
                sorted(result.checks),
            ]
        )
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=_SIZE).digest()
