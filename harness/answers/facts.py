"""What the records know of stacks: one fact a cell, and quick ways to the facts about some versions. Pure.

Records are many and an answer names few of them: results are kept as they were read, in outline, and a
`KnownStack` is made of those only that somebody asks for. The newest result of a cell is what counts; where
other records of the same question or of the same environment say otherwise, `Facts.against` tells them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.answers.stack import (
    GOOD,
    PYTHON,
    Demands,
    KnownStack,
    Versions,
    admits,
    exactly,
    known_stack,
    question_of,
    tells,
    versions_of,
)
from harness.diagnosis.guess import missing_distribution
from harness.matrix.lines import MARK, is_changed
from harness.model import CellResult, Stage
from harness.pairs.trials import own_requirements
from harness.records.store import Run, newest_results
from harness.records.verdict import judging_attempts, verdict_of


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The newest result of every cell that tells something, by the cell's id, in outline.

    `plans` has the plan of each, `axes` are those of matrix.toml in their order.
    """

    results: Mapping[str, CellResult]
    plans: Mapping[str, str]
    axes: tuple[str, ...]

    def known(self, cell: str) -> KnownStack | None:
        """What is known of a cell, by its id."""
        result = self.results.get(cell)
        return None if result is None else self._stack(result)

    def all(self) -> Iterator[KnownStack]:
        """Every fact there is. Of many records that is slow: rather ask for some."""
        return map(self._stack, self.results.values())

    def matching(self, demands: Demands) -> Iterator[KnownStack]:
        """The facts about stacks whose versions are all admitted, in the order of the records.

        A version that was never chosen ("*", and nothing installed) is admitted by nothing.
        """
        places = [(self._all_axes.index(axis), specifiers) for axis, specifiers in demands.items()]
        admitted: list[tuple[int, frozenset[str]]] = [
            (place, frozenset(each for each in self._seen_versions[place] if admits(specifiers, each)))
            for place, specifiers in places
        ]
        for result, versions in zip(self.results.values(), self._versions, strict=True):
            if all(versions[place] in among for place, among in admitted):
                yield self._stack(result)

    def having(self, versions: Versions) -> Iterator[KnownStack]:
        """The facts about stacks with these versions of some axes; a series ("4.2") is any of its own."""
        return self.matching({axis: exactly(value) for axis, value in versions.items()})

    def with_check(self, stage: Stage) -> Iterator[KnownStack]:
        """The facts about cells that were asked for a stage."""
        return (self._stack(result) for result in self.results.values() if stage in result.checks)

    def of_environment(self, python: str, distributions: Sequence[str]) -> tuple[KnownStack, ...]:
        """The facts about what is installed exactly so; `python` is a series."""
        found = map(self._stack, self._by_lock.get(tuple(distributions), ()))
        return tuple(each for each in found if each.python == python)

    def against(self, stack: KnownStack) -> tuple[KnownStack, ...]:
        """Facts as new or newer that say of the same question or environment that it does not work.

        Under the same circumstances: then it is not to be trusted. A cell that was asked something else, to
        live through days for one, says nothing of the question; of the environment it does.
        """
        asked = self._bad_by_asked.get(tuple(stack.asked.items()), ())
        installed = self._bad_by_lock.get(stack.distributions, ()) if stack.distributions else ()
        others = {each.cell: each for each in (*asked, *installed) if each.started >= stack.started}
        facts = (self._stack(each) for cell, each in others.items() if cell != stack.cell)
        return tuple(
            each
            for each in facts
            if each.circumstances == stack.circumstances
            and (question_of(each) == question_of(stack) or each.environment == stack.environment)
        )

    def unmended(self, stack: KnownStack) -> KnownStack | None:
        """What the cell is without the requirement lines that its name tells; None when nobody knows."""
        base, mark, _ = stack.cell.partition(MARK)
        return self.known(f"{base}@{stack.profile}") if mark else None

    def mended_by(self, line: str) -> tuple[KnownStack, KnownStack] | None:
        """A cell that fails, and the change of it that works with this line, and as few others as can be."""
        found = self._mended.get(line)
        return None if found is None else (self._stack(found[0]), self._stack(found[1]))

    def missing(self, name: str) -> KnownStack | None:
        """A cell that fails because a distribution is not there that nothing it installs asks for."""
        found = (each for each in self._bad if not is_changed(each.cell) and _missing_in(each) == name)
        first = next(found, None)
        return None if first is None else self._stack(first)

    def _stack(self, result: CellResult) -> KnownStack:
        return known_stack(result, axes=self._all_axes, plan=self.plans[result.cell])

    @cached_property
    def _all_axes(self) -> tuple[str, ...]:
        return self.axes if PYTHON in self.axes else (PYTHON, *self.axes)

    @cached_property
    def _versions(self) -> list[tuple[str, ...]]:
        """Of each result, what was installed or asked for, by axis."""
        return [versions_of(result, self._all_axes) for result in self.results.values()]

    @cached_property
    def _seen_versions(self) -> list[set[str]]:
        return [set(column) for column in zip(*self._versions, strict=True)] or [
            set() for _ in self._all_axes
        ]

    @cached_property
    def _by_lock(self) -> Mapping[tuple[str, ...], list[CellResult]]:
        found: dict[tuple[str, ...], list[CellResult]] = {}
        for result in self.results.values():
            if result.lock is not None:
                found.setdefault(result.lock.distributions, []).append(result)
        return found

    @cached_property
    def _mended(self) -> Mapping[str, tuple[CellResult, CellResult]]:
        found: dict[str, tuple[int, CellResult, CellResult]] = {}
        for cell, result in self.results.items():
            base, mark, _ = cell.partition(MARK)
            failing = self.results.get(f"{base}@{cell.partition('@')[2]}") if mark else None
            if failing is None or verdict_of(result) not in GOOD or verdict_of(failing) in GOOD:
                continue
            lines = own_requirements(result)
            for line in lines:
                if line not in found or len(lines) < found[line][0]:
                    found[line] = (len(lines), failing, result)
        return {line: (failing, result) for line, (_, failing, result) in found.items()}

    @cached_property
    def _bad(self) -> list[CellResult]:
        """What does not work: all there is to speak against something."""
        return [each for each in self.results.values() if verdict_of(each) not in GOOD]

    @cached_property
    def _bad_by_lock(self) -> Mapping[tuple[str, ...], list[CellResult]]:
        found: dict[tuple[str, ...], list[CellResult]] = {}
        for result in self._bad:
            if result.lock is not None:
                found.setdefault(result.lock.distributions, []).append(result)
        return found

    @cached_property
    def _bad_by_asked(self) -> Mapping[tuple[tuple[str, str], ...], list[CellResult]]:
        found: dict[tuple[tuple[str, str], ...], list[CellResult]] = {}
        for result in self._bad:
            found.setdefault(tuple(result.pins.items()), []).append(result)
        return found


def gather(runs: Iterable[Run], axes: Iterable[str]) -> Facts:
    """The facts of some runs, read in outline or whole; `axes` are matrix.toml's."""
    read = tuple(runs)
    plans = {result.cell: run.header.plan for run in read for result in run.results}
    results = {cell: result for cell, result in newest_results(read).items() if tells(result)}
    return Facts(results=results, plans=plans, axes=tuple(axes))


def _missing_in(result: CellResult) -> str:
    failures = judging_attempts(result)[-1].failures
    return (failures and missing_distribution(failures[0].signature)) or ""
