"""What the records know of stacks: one fact a cell, and quick ways to the facts about some versions. Pure.

Records are many and an answer names few of them: what is asked of all is answered by their entries, and a
`KnownStack` is made, of the record in outline, of those only that somebody asks for. The newest result of a
cell is what counts; where other records of the same question or of the same environment say otherwise,
`Facts.against` tells them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from harness.answers.stack import (
    GOOD,
    PYTHON,
    Demands,
    KnownStack,
    Versions,
    admits,
    exactly,
    is_beyond,
    known_stack,
    tells,
)
from harness.diagnosis.guess import missing_distribution
from harness.matrix.lines import MARK, is_changed
from harness.model import CellResult, Stage
from harness.records.sheets import Entry, entries_of, lock_digest, make_sheet, newest_entries
from harness.records.store import Run


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The newest entry of every cell that tells something, by the cell's id.

    `beyond` are the newest of those that were asked for more than whether their versions work together, and
    for that alone. `axes` are those of matrix.toml in their order, Python among them: of these the entries
    have versions. `read` gives the result of an entry in outline, `read_whole` with all that was seen; None
    when its line is torn.
    """

    entries: Mapping[str, Entry]
    beyond: Sequence[Entry]
    axes: tuple[str, ...]
    read: Callable[[Entry], CellResult | None]
    read_whole: Callable[[Entry], CellResult | None]
    _stacks: dict[tuple[str, int], KnownStack | None] = field(default_factory=dict, compare=False, repr=False)

    def known(self, cell: str) -> KnownStack | None:
        """What is known of a cell, by its id."""
        entry = self.entries.get(cell)
        return None if entry is None else self.stack(entry)

    def stack(self, entry: Entry) -> KnownStack | None:
        """An entry as a fact; None when its line is torn."""
        place = (entry.sheet.file, entry.row)
        if place not in self._stacks:
            result = self.read(entry)
            self._stacks[place] = (
                None
                if result is None
                else known_stack(result, axes=self.axes, run=entry.sheet.run, plan=entry.plan)
            )
        return self._stacks[place]

    def whole(self, stack: KnownStack) -> CellResult | None:
        """The whole record that a fact is made of; None when its line is torn."""
        every = (self.entries.get(stack.cell), *self.beyond)
        found = (each for each in every if each and (each.cell, each.sheet.run) == (stack.cell, stack.run))
        return self.read_whole(next(found))

    def stacks(self, entries: Iterable[Entry]) -> Iterator[KnownStack]:
        """Entries as facts."""
        found = map(self.stack, entries)
        return (stack for stack in found if stack is not None)

    def all(self) -> Iterator[KnownStack]:
        """Every fact there is. Of many records that is slow: rather ask for some."""
        return self.stacks(self.entries.values())

    def meeting(self, demands: Demands) -> Iterator[Entry]:
        """The entries of stacks whose versions are all admitted, in the order of the records.

        A version that was never chosen ("*", and nothing installed) is admitted by nothing.
        """
        admitted: list[tuple[int, frozenset[str]]] = []
        for axis, specifiers in demands.items():
            place = self.axes.index(axis)
            seen = self._seen_versions[place]
            admitted.append((place, frozenset(each for each in seen if admits(specifiers, each))))
        for entry in self.entries.values():
            versions = entry.versions
            for place, among in admitted:
                if versions[place] not in among:
                    break
            else:
                yield entry

    def matching(self, demands: Demands) -> Iterator[KnownStack]:
        """The same as facts."""
        return self.stacks(self.meeting(demands))

    def having(self, versions: Versions) -> Iterator[KnownStack]:
        """The facts about stacks with these versions of some axes; a series ("4.2") is any of its own."""
        return self.matching({axis: exactly(value) for axis, value in versions.items()})

    def with_check(self, stage: Stage) -> Iterator[KnownStack]:
        """The facts about cells that were asked for a stage."""
        every = (*self.entries.values(), *self.beyond)
        return self.stacks(each for each in every if stage in each.checks)

    def environment_of(self, entry: Entry) -> tuple[str, bytes]:
        """What is installed, in few bytes: Python's series, and the digest of the lock."""
        return (series_of(entry.versions[self._python]), entry.lock)

    def in_environment(self, environment: tuple[str, bytes]) -> Sequence[Entry]:
        """The entries of what is installed exactly so."""
        return self._by_environment.get(environment, ())

    def of_environment(self, python: str, distributions: Sequence[str]) -> tuple[KnownStack, ...]:
        """The facts about what is installed exactly so; `python` is a series."""
        return tuple(self.stacks(self.in_environment((python, lock_digest(distributions)))))

    def against(self, stack: KnownStack) -> tuple[KnownStack, ...]:
        """Facts as new or newer that say of the same question or environment that it does not work.

        Under the same circumstances: then it is not to be trusted. A cell that was asked something else, to
        live through days for one, says nothing of the question; of the environment it does.
        """
        return tuple(self.stacks(self.speaking_against(self.entries[stack.cell])))

    def speaking_against(self, entry: Entry) -> Sequence[Entry]:
        """The entries of `against`."""
        asked = self._bad_by_question.get((entry.question, entry.circumstances), ())
        installed = (
            self._bad_by_environment.get((self.environment_of(entry), entry.circumstances), ())
            if entry.lock
            else ()
        )
        if not asked and not installed:
            return ()
        others = {each.cell: each for each in (*asked, *installed) if each.started >= entry.started}
        return [each for cell, each in others.items() if cell != entry.cell]

    def unmended(self, stack: KnownStack) -> KnownStack | None:
        """What the cell is without the requirement lines that its name tells; None when nobody knows."""
        base, mark, _ = stack.cell.partition(MARK)
        return self.known(f"{base}@{stack.profile}") if mark else None

    def mended_by(self, line: str) -> tuple[KnownStack, KnownStack] | None:
        """A cell that fails, and the change of it that works with this line, and as few others as can be."""
        best: tuple[int, Entry, Entry] | None = None
        for failing, mended in self._mended:
            lines = mended.requirements
            if (best is None or len(lines) < best[0]) and line in lines:
                best = (len(lines), failing, mended)
        found = tuple(self.stacks(best[1:])) if best is not None else ()
        return None if not found else (found[0], found[1])

    def missing(self, name: str) -> KnownStack | None:
        """A cell that fails because a distribution is not there that nothing it installs asks for."""
        found = (each for each in self._bad if not is_changed(each.cell) and _missing_in(each) == name)
        return next(self.stacks(found), None)

    @cached_property
    def _python(self) -> int:
        return self.axes.index(PYTHON)

    @cached_property
    def _seen_versions(self) -> list[set[str]]:
        columns = zip(*(each.versions for each in self.entries.values()), strict=True)
        return [set(column) for column in columns] or [set() for _ in self.axes]

    @cached_property
    def _by_environment(self) -> Mapping[tuple[str, bytes], list[Entry]]:
        found: dict[tuple[str, bytes], list[Entry]] = {}
        for each in self.entries.values():
            if each.lock:
                found.setdefault(self.environment_of(each), []).append(each)
        return found

    @cached_property
    def _mended(self) -> list[tuple[Entry, Entry]]:
        """What fails, and changes of it that work."""
        found = []
        for cell, mended in self.entries.items():
            if MARK in cell and mended.verdict in GOOD:
                base, mark, _ = cell.partition("@")[0].partition(MARK)
                failing = self.entries.get(f"{base}@{cell.partition('@')[2]}") if mark else None
                if failing is not None and failing.verdict not in GOOD:
                    found.append((failing, mended))
        return found

    @cached_property
    def _bad(self) -> list[Entry]:
        """What does not work: all there is to speak against something."""
        return [each for each in self.entries.values() if each.verdict not in GOOD]

    @cached_property
    def _bad_by_environment(self) -> Mapping[tuple[object, ...], list[Entry]]:
        found: dict[tuple[object, ...], list[Entry]] = {}
        for each in self._bad:
            if each.lock:
                found.setdefault((self.environment_of(each), each.circumstances), []).append(each)
        return found

    @cached_property
    def _bad_by_question(self) -> Mapping[tuple[object, ...], list[Entry]]:
        found: dict[tuple[object, ...], list[Entry]] = {}
        for each in self._bad:
            found.setdefault((each.question, each.circumstances), []).append(each)
        return found


def make_facts(
    entries: Iterable[Entry],
    axes: tuple[str, ...],
    read: Callable[[Entry], CellResult | None],
    read_whole: Callable[[Entry], CellResult | None],
) -> Facts:
    """The facts of all entries there are, the oldest run's first; see `Facts`."""
    of_versions: list[Entry] = []
    beyond: dict[frozenset[Stage], list[Entry]] = {}
    for each in entries:
        (beyond.setdefault(each.checks, []) if is_beyond(each) else of_versions).append(each)
    return Facts(
        entries=_telling(newest_entries(of_versions)),
        beyond=tuple(entry for same in beyond.values() for entry in _telling(newest_entries(same)).values()),
        axes=axes,
        read=read,
        read_whole=read_whole,
    )


def gather(runs: Iterable[Run], axes: Iterable[str]) -> Facts:
    """The facts of some runs that have been read, in outline or whole; `axes` are matrix.toml's."""
    every = with_python(axes)
    results: dict[tuple[str, int], CellResult] = {}
    entries: list[Entry] = []
    for place, run in enumerate(runs):
        file = str(place)
        results |= {(file, row): result for row, result in enumerate(run.results)}
        sheet = make_sheet(
            enumerate(run.results), file=file, run=run.header.run, plan=run.header.plan, header=""
        )
        entries += entries_of(sheet, every)

    def read(entry: Entry) -> CellResult:
        return results[entry.sheet.file, entry.row]

    return make_facts(entries, every, read, read)


def with_python(axes: Iterable[str]) -> tuple[str, ...]:
    """The axes, and Python, if it is none of them, before the others."""
    every = tuple(axes)
    return every if PYTHON in every else (PYTHON, *every)


@cache
def series_of(python: str) -> str:
    """The series of a Python, "3.11" of "3.11.9"."""
    return ".".join(python.split(".", 2)[:2])


def _telling(newest: Mapping[str, Entry]) -> dict[str, Entry]:
    return {cell: entry for cell, entry in newest.items() if tells(entry)}


def _missing_in(entry: Entry) -> str:
    signatures = entry.signatures
    return (signatures and missing_distribution(signatures[0])) or ""
