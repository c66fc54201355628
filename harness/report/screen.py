"""What the screen says in a report, profile by profile, and whether the live lens says the same. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.contract import lenses
from harness.contract.invariant import Stand, Standing
from harness.contract.lenses import Disagreement, disagreements
from harness.contract.screen import NAME, read_screen
from harness.contract.screened import SCREENED, find_screened
from harness.contract.span import read_spans
from harness.contract.year import YEAR, ZONES
from harness.model import CellResult, Reason, Stage
from harness.records.verdict import judging_attempts

_STORMS = " storms "
_LIVE_STORM = re.compile(r"fired (?:\d+ times in|dozens of times within) ")

SCREEN_SIGNATURES = frozenset(f"{Stage.SCREEN}:{Reason.CHECK}:{invariant.id}" for invariant in SCREENED)


@dataclass(frozen=True, kw_only=True)
class ScreenPart:
    """How the screened invariants stand in a cell, and about what the lenses disagree."""

    stands: tuple[Stand, ...]
    disagreements: tuple[Disagreement, ...]


@dataclass(frozen=True, kw_only=True)
class _Violation:
    """The same thing seen instead, but for its numbers, in these stacks."""

    seen: str
    stacks: tuple[str, ...]


def screen_part(result: CellResult) -> ScreenPart | None:
    """The screen of a cell, judged again from the record; None for one that was not screened."""
    attempts = judging_attempts(result)
    observed = {each.name: each.data for each in attempts[-1].observations} if attempts else {}
    if NAME not in observed:
        return None
    screen = read_screen(observed[NAME])
    findings = (find_screened(invariant, screen) for invariant in SCREENED)
    return ScreenPart(
        stands=tuple(
            Stand(invariant=each.invariant.id, standing=each.standing, seen=each.seen) for each in findings
        ),
        disagreements=disagreements(read_spans(observed), observed.get(lenses.NAME, {})),
    )


def tell_screen(rows: Sequence[tuple[str, ScreenPart | None, Sequence[Stand]]]) -> Iterator[str]:
    """A section in Markdown, of the stacks of a profile: each with its screen and its live contract."""
    screened = [(stack, part, live) for stack, part, live in rows if part is not None]
    if not screened:
        return
    yield ""
    yield f"### Screen: a year in {len(ZONES)} zones"
    yield ""
    yield f"`is_due` was asked through {YEAR}, with TIME_ZONE in each of the zones"
    yield "([how](../docs/decisions/0022-screen.md))."
    live_stands = {stack: {each.invariant: each for each in live} for stack, _, live in screened}
    held = []
    told = []
    for number, invariant in enumerate(SCREENED):
        stands = [(stack, part.stands[number]) for stack, part, _ in screened]
        if all(stand.standing is Standing.HELD for _, stand in stands):
            held.append(f"*{invariant.id}*")
        for violation in _violations(stands):
            live = {stack: live_stands[stack].get(invariant.id) for stack in violation.stacks}
            stacks = _listed(violation.stacks)
            told.append(f"- *{invariant.id}*, {stacks}: {violation.seen}{_confirmed(violation, live)}")
    if held:
        yield f"In every stack held: {', '.join(held)}."
    yield ""
    yield from told
    yield from _differences([(stack, part) for stack, part, _ in screened])


def _violations(stands: Sequence[tuple[str, Stand]]) -> Iterator[_Violation]:
    alike: dict[str, list[tuple[str, str]]] = {}
    for stack, stand in stands:
        if stand.standing is Standing.VIOLATED:
            alike.setdefault(re.sub(r"[\d.:-]+", "#", stand.seen), []).append((stack, stand.seen))
    for seen in alike.values():
        yield _Violation(seen=seen[0][1], stacks=tuple(stack for stack, _ in seen))


def _confirmed(violation: _Violation, live: Mapping[str, Stand | None]) -> str:
    """What the live lens says of an invariant that the screen found violated; a storm is not a silence."""
    violated = {
        stack: stand.seen
        for stack, stand in live.items()
        if stand is not None and stand.standing is Standing.VIOLATED
    }
    storms = _STORMS in violation.seen
    others = [stack for stack, seen in violated.items() if bool(_LIVE_STORM.search(seen)) is not storms]
    remarks = ["violated live, too"] if len(violated) > len(others) else []
    if others:
        remarks.append(f"live otherwise in {_listed(others)}: {violated[others[0]]}")
    if not violated and any(stand and stand.standing is Standing.HELD for stand in live.values()):
        remarks.append("held live, where that looked")
    return f" ({'; '.join(remarks)})" if remarks else ""


def _differences(parts: Sequence[tuple[str, ScreenPart]]) -> Iterator[str]:
    """Each difference once: of what both lenses looked at, one sees what the other does not."""
    alike: dict[tuple[str, bool], list[tuple[str, Disagreement]]] = {}
    for stack, part in parts:
        for each in part.disagreements:
            alike.setdefault((each.invariant, each.live == "held"), []).append((stack, each))
    for (invariant, _), found in alike.items():
        stacks = _listed([stack for stack, _ in found])
        first = found[0][1]
        yield f"- **Screen and live disagree** about *{invariant}* in {stacks}: live, {first.live};"
        yield f"  in Celery's scheduler without beat and database, {first.screen}"


def _listed(stacks: Sequence[str]) -> str:
    return ", ".join(f"`{stack}`" for stack in stacks)
