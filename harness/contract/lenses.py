"""Where the live lens and the screen look at the same thing, and do not see the same.

Celery's own scheduler is rehearsed on what a live beat was given, at the instants at which the live lens
looked. What differs then comes from what a rehearsal leaves out: the database, from which django-celery-beat
reads its entries again, and real processes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.contract.agenda import Agenda, Planned, plan
from harness.contract.invariant import Finding, Standing, find
from harness.contract.invariants import INVARIANTS
from harness.contract.screen import unroll
from harness.contract.span import Span

# What the observation is called in a record.
NAME = "rehearsal"
COMPARED = (
    "crontab",
    "own-zone",
    "calendar",
    "interval",
    "odd-hour",
    "every-minute",
    "after-the-change",
)


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """An invariant about which the lenses differ, with what each has seen."""

    invariant: str
    live: str
    screen: str


def rehearsed(zone: str, *, own_zones: bool) -> Iterator[tuple[Agenda, tuple[Planned, ...]]]:
    """The spans that a rehearsal can tell something about, with their entries."""
    for agenda in plan(zone, own_zones=own_zones):
        if agenda.name == "day" or agenda.name.startswith("night "):
            yield (
                agenda,
                tuple(
                    entry
                    for entry in agenda.entries
                    if entry.kind in ("crontab", "interval") and not entry.options
                ),
            )


def disagreements(spans: Mapping[str, Span], rehearsal: Mapping[str, Any]) -> tuple[Disagreement, ...]:
    """Every invariant that one lens holds to be violated and the other one not."""
    lived = {name: span for name, span in spans.items() if name in rehearsal and not span.ended_early}
    played = {name: _played(span, rehearsal[name]) for name, span in lived.items()}
    pairs = ((find(each, lived), find(each, played)) for each in INVARIANTS if each.id in COMPARED)
    return tuple(
        Disagreement(invariant=live.invariant.id, live=_said(live), screen=_said(screen))
        for live, screen in pairs
        if Standing.NOT_OBSERVED not in (live.standing, screen.standing) and live.standing != screen.standing
    )


def _played(span: Span, seen: Mapping[str, Any]) -> Span:
    """A span as it was rehearsed."""
    return replace(
        span,
        sends={entry: unroll(runs) for entry, runs in seen["sends"].items()},
        storms=dict.fromkeys(seen["storms"], "stormed"),
    )


def _said(finding: Finding) -> str:
    return finding.seen or "held"
