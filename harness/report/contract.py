"""How the time contract stands in a plan: invariant by invariant, stack by stack. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.contract.invariant import Standing, find
from harness.contract.invariants import INVARIANTS
from harness.contract.span import read_spans
from harness.model import CellResult, Stage
from harness.records.verdict import judging_attempts


@dataclass(frozen=True, kw_only=True)
class Stand:
    """How one invariant stands in one cell; `seen` says what was seen instead, or why nothing was."""

    invariant: str
    standing: Standing
    seen: str


@dataclass(frozen=True, kw_only=True)
class Violation:
    """The same thing seen instead, in these stacks."""

    seen: str
    stacks: tuple[str, ...]


def stands_of(result: CellResult) -> tuple[Stand, ...]:
    """Every invariant, judged again from the record; nothing for a cell that was not asked about time."""
    attempts = judging_attempts(result)
    if Stage.TIME not in result.checks or not attempts:
        return ()
    spans = read_spans({each.name: each.data for each in attempts[-1].observations})
    findings = [find(invariant, spans) for invariant in INVARIANTS]
    return tuple(
        Stand(
            invariant=finding.invariant.id,
            standing=finding.standing,
            seen=finding.seen,
        )
        for finding in findings
    )


def violations(stands: Sequence[tuple[str, Stand]]) -> Iterator[Violation]:
    """What was seen instead of an invariant, by stack: alike but for its numbers is the same."""
    alike: dict[str, list[tuple[str, str]]] = {}
    for stack, stand in stands:
        if stand.standing is Standing.VIOLATED:
            alike.setdefault(re.sub(r"[\d.:-]+", "#", stand.seen), []).append((stack, stand.seen))
    for seen in alike.values():
        yield Violation(seen=seen[0][1], stacks=tuple(stack for stack, _ in seen))
