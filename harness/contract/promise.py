"""A promise: what people may expect of their tasks when something breaks, and its rule. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.contract.invariant import Stand, Standing
from harness.contract.span import NotObserved

Facts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Promise:
    """`judge` gives what was seen instead, in words, or "" when it is kept; it may raise NotObserved.

    `reads` names the fault whose facts are judged, `caveat` is what a user is told of a stack that does not
    keep it, and `link` is where that is discussed, if anywhere.
    """

    id: str
    reads: str
    sentence: str
    caveat: str
    judge: Callable[[Facts], str]
    link: str = ""


def judge(promise: Promise, seen: Mapping[str, Facts]) -> str:
    """What was seen instead of a promise; "" when it is kept.

    Raises:
        NotObserved: its scenario did not come to that.
    """
    facts = seen.get(promise.reads)
    if facts is None or "broke_off" in facts:
        raise NotObserved("it did not come to that")
    return promise.judge(facts)


def stand_of(promise: Promise, seen: Mapping[str, Facts]) -> Stand:
    """How a promise stands by what was seen."""
    try:
        instead = judge(promise, seen)
    except NotObserved as reason:
        return Stand(invariant=promise.id, standing=Standing.NOT_OBSERVED, seen=str(reason))
    standing = Standing.VIOLATED if instead else Standing.HELD
    return Stand(invariant=promise.id, standing=standing, seen=instead)
