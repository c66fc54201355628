"""The runs of a plan's shards as one. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.model import CellResult, MachineFacts, Settled
from harness.records.store import Run
from harness.records.verdict import judging_attempts, verdict_of

Answer = tuple[str, frozenset[str]]
_NO_ANSWER = frozenset({Settled.SKIPPED, Settled.MACHINE})


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Two runs say two things of one cell."""

    cell: str
    one: CellResult
    other: CellResult


@dataclass(frozen=True, kw_only=True)
class Joined:
    """A result for each planned cell that has one, in the order of the plan, and what is in the way of it."""

    results: tuple[CellResult, ...]
    missing: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    unplanned: tuple[str, ...]


def join(planned: Sequence[str], runs: Sequence[Run]) -> Joined:
    """What `runs` say of the `planned` cells.

    Of equal answers the newest is taken. A cell that one machine could not run, and another one did, is
    answered.
    """
    by_cell: dict[str, list[CellResult]] = {}
    for run in runs:
        # Within a run the last word counts: one that goes on repeats what its machine had cut short.
        for cell, result in {result.cell: result for result in run.results}.items():
            by_cell.setdefault(cell, []).append(result)
    results, conflicts = [], []
    for cell in planned:
        told = sorted(by_cell.get(cell, ()), key=lambda result: (result.started, result.run))
        answers = [result for result in told if result.settled not in _NO_ANSWER]
        other = next((each for each in answers if answer_of(each) != answer_of(answers[0])), None)
        if other is not None:
            conflicts.append(Conflict(cell=cell, one=answers[0], other=other))
        elif told:
            results.append((answers or told)[-1])
    return Joined(
        results=tuple(results),
        missing=tuple(cell for cell in planned if cell not in by_cell),
        conflicts=tuple(conflicts),
        unplanned=tuple(sorted(by_cell.keys() - set(planned))),
    )


def answer_of(result: CellResult) -> Answer:
    """What a result says of its cell: the verdict, and the signatures of all that failed."""
    return verdict_of(result), frozenset().union(
        *(attempt.signatures for attempt in judging_attempts(result))
    )


def machine_of(runs: Sequence[Run], results: Mapping[str, CellResult]) -> MachineFacts | None:
    """The machine, or machines, of the newest run that has one of `results`; None when there are none.

    A run that was joined has results that still name the runs of its shards.
    """
    for run in reversed(runs):
        if any(results.get(result.cell) is result for result in run.results):
            return run.header.machine
    return None


def join_facts(machines: Sequence[MachineFacts]) -> MachineFacts:
    """What is known of several machines: the least cores and memory, and every different word."""
    return MachineFacts(
        cores=min(machine.cores for machine in machines),
        memory_gib=min(machine.memory_gib for machine in machines),
        system=_words(machine.system for machine in machines),
        interpreters=_both([machine.interpreters for machine in machines]),
        tools=_both([machine.tools for machine in machines]),
    )


def _both(tables: Sequence[Mapping[str, str]]) -> dict[str, str]:
    keys = dict.fromkeys(key for table in tables for key in table)
    return {key: _words(table[key] for table in tables if key in table) for key in keys}


def _words(words: Iterable[str]) -> str:
    return " / ".join(dict.fromkeys(words))
