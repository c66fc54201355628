"""An invariant: what a user may expect, why, and the rule that finds it held or violated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from harness.contract.span import NotObserved, Span


class Standing(StrEnum):
    """What the observations say about an invariant."""

    HELD = "held"
    VIOLATED = "violated"
    NOT_OBSERVED = "not observed"


@dataclass(frozen=True, kw_only=True)
class Invariant:
    """`rule` gives what was seen instead, in words, or "" when the invariant holds; it may raise NotObserved.

    `reads` names the spans it is asked of (a glob), `source` is where a user may take the expectation from.
    Of a span in which beat or worker ended only what is `of_ends` is asked: how much of anything else was
    seen before is a matter of luck.
    """

    id: str
    sentence: str
    source: str
    reads: str
    rule: Callable[[Span], str]
    of_ends: bool = False

    @property
    def of_one_span(self) -> bool:
        """Whether it is asked of one span only."""
        return "*" not in self.reads

    def asks(self, span: str) -> bool:
        """Whether it is asked of the span of this name."""
        return fnmatchcase(span, self.reads)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """How an invariant stands. `seen` is what was seen instead, or why nothing was.

    `instead` has what was seen instead by the name of the span.
    """

    invariant: Invariant
    standing: Standing
    seen: str = ""
    instead: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stand:
    """How an invariant or a promise, by its id, stands in one cell.

    `seen` says what was seen instead, or why nothing was: without what differs from run to run, of an
    invariant. What only some attempts showed is not `steady`.
    """

    invariant: str
    standing: Standing
    seen: str
    steady: bool = True


def find(invariant: Invariant, spans: Mapping[str, Span]) -> Finding:
    """Judge an invariant by the spans that were lived through, by name.

    It is violated when one of its spans violates it, held when one holds it and none violates it.
    """
    violated: dict[str, str] = {}
    held, unseen = False, ["its time was not lived through"]
    asked = {name: span for name, span in spans.items() if invariant.asks(name)}
    for name, span in asked.items():
        if span.ended_early and not invariant.of_ends:
            unseen.append(span.ended_early)
            continue
        try:
            seen = invariant.rule(span)
        except NotObserved as why:
            unseen.append(str(why))
            continue
        if seen:
            violated[name] = seen
        held = held or not seen
    if violated:
        told = [f"{name}: {seen}" if len(asked) > 1 else seen for name, seen in violated.items()]
        return Finding(
            invariant=invariant, standing=Standing.VIOLATED, seen="; ".join(told), instead=violated
        )
    if held:
        return Finding(invariant=invariant, standing=Standing.HELD)
    return Finding(invariant=invariant, standing=Standing.NOT_OBSERVED, seen=unseen[-1])
