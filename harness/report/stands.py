"""How every invariant of the time contract stands in one cell, judged again from its record. Pure."""

from collections.abc import Mapping

from harness.contract.agenda import ADDITIONS, MESSAGES, plan
from harness.contract.claims import CLAIMS
from harness.contract.invariant import Finding, Stand, Standing, find
from harness.contract.invariants import INVARIANTS
from harness.contract.span import Span, read_spans
from harness.model import CellResult, Stage
from harness.records.verdict import judging_attempts
from harness.report.words import steady


def stands_of(result: CellResult) -> tuple[Stand, ...]:
    """Every invariant, judged again from the record; nothing for a cell that was not asked about time."""
    spans = _spans(result)
    if not spans:
        return ()
    planned = _planned(result.settings)
    findings = [find(invariant, spans) for invariant in INVARIANTS]
    return tuple(
        Stand(
            invariant=finding.invariant.id,
            standing=finding.standing,
            seen=_seen(finding, spans, planned),
        )
        for finding in findings
    )


def claims_of(result: CellResult) -> tuple[Stand, ...]:
    """Every claim of the article, so (held), not so (violated) or not observed, from the same spans."""
    spans = _spans(result)
    findings = [find(claim, spans) for claim in CLAIMS] if spans else []
    return tuple(
        Stand(
            invariant=finding.invariant.id,
            standing=finding.standing,
            seen=steady(next(iter(finding.instead.values()), finding.seen)),
        )
        for finding in findings
    )


def _spans(result: CellResult) -> Mapping[str, Span]:
    """What a cell lived through, in the attempt that counts; nothing if it was not asked about time."""
    attempts = judging_attempts(result)
    if Stage.TIME not in result.checks or not attempts:
        return {}
    return read_spans({each.name: each.data for each in attempts[-1].observations})


def _planned(settings: Mapping[str, bool | str]) -> frozenset[str]:
    """The names of the spans that a profile is given to live through."""
    own_zones = settings["DJANGO_CELERY_BEAT_TZ_AWARE"] is True
    agendas = plan(str(settings["TIME_ZONE"]), own_zones=own_zones)
    return frozenset({MESSAGES, ADDITIONS, *(each.name for each in agendas)})


def _seen(finding: Finding, spans: Mapping[str, Span], planned: frozenset[str]) -> str:
    """What was seen instead, span by span where there are several, or why nothing was."""
    if finding.standing is Standing.HELD:
        return ""
    if finding.standing is Standing.NOT_OBSERVED:
        if not any(finding.invariant.asks(name) for name in planned):
            return "nothing of the kind is planned for these settings"
        dead = [process for span in spans.values() for process, how in span.ended.items() if how]
        return f"{' and '.join(dead)} was dead by then" if dead else steady(finding.seen)
    if finding.invariant.of_one_span:
        return steady(finding.seen)
    alike: dict[str, list[str]] = {}
    for span, words in finding.instead.items():
        alike.setdefault(steady(words), []).append(span)
    return "; ".join(f"{words} ({', '.join(names)})" for words, names in alike.items())
