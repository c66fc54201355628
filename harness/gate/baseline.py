"""The baseline as text, and back: a line a cell, and beside it the locks. Pure.

The file is read by people, in a diff: cells in order, words instead of numbers, and nothing that differs from
run to run. What is needed to install a cell again is in the file of locks, a line a distribution.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import BaselineError
from harness.gate.entry import Entry, in_order, lock_digest
from harness.model import Lock, Reason, Verdict

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What was accepted of a plan, by cell."""

    plan: str
    entries: Mapping[str, Entry] = field(default_factory=dict)


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid")

    baseline: int
    plan: str


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    cell: str = Field(min_length=1)
    verdict: Verdict
    lock: str = ""
    stopped: str = ""
    failed: dict[str, str] = {}
    failed_otherwise: dict[str, str] = Field(default={}, alias="failed otherwise")
    flaky: list[str] = []
    not_observed: dict[str, str] = Field(default={}, alias="not observed")
    passed: dict[str, str] = {}


class _Lock(BaseModel):
    model_config = ConfigDict(extra="forbid")

    python: str
    index: date | None = None
    distributions: tuple[str, ...]


class _Locks(BaseModel):
    model_config = ConfigDict(extra="forbid")

    projects: dict[str, str]
    locks: dict[str, _Lock]


def format_baseline(baseline: Baseline) -> str:
    """The lines: a header, then the cells by name."""
    header = {"baseline": FORMAT, "plan": baseline.plan}
    lines = [header, *(_line(baseline.entries[cell]) for cell in sorted(baseline.entries))]
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)


def format_locks(baseline: Baseline) -> str:
    """The locks in the order of the cells that have them: a new one stands where the old one stood."""
    entries = [baseline.entries[cell] for cell in sorted(baseline.entries)]
    locks = {lock_digest(entry.lock): entry.lock for entry in entries if entry.lock is not None}
    body = {
        "projects": {entry.cell: entry.project for entry in entries},
        "locks": {
            digest: {
                "python": lock.python,
                "index": str(lock.index_date) if lock.index_date is not None else None,
                "distributions": list(lock.distributions),
            }
            for digest, lock in locks.items()
        },
    }
    return json.dumps(body, indent=1) + "\n"


def parse_baseline(text: str, locks: str, *, name: str, locks_name: str) -> Baseline:
    """The baseline of both texts.

    Raises:
        BaselineError: with every mistake, each with its file and line.
    """
    lines = text.splitlines()
    mistakes: list[str] = []
    plan = _plan(lines[0] if lines else "", name, mistakes)
    read = _locks(locks, locks_name, mistakes)
    entries: dict[str, Entry] = {}
    for number, line in enumerate(lines[1:], 2):
        place = f"{name}:{number}"
        try:
            known = _Line.model_validate_json(line)
        except ValidationError as error:
            mistakes.extend(_told(place, error))
            continue
        if known.cell in entries:
            mistakes.append(f"{place}: the cell {known.cell!r} has a line above")
        if known.lock and read is not None and known.lock not in read.locks:
            mistakes.append(f"{place}: {locks_name} has no lock {known.lock!r}")
        entries[known.cell] = _entry(known, read)
    if mistakes:
        raise BaselineError(tuple(mistakes))
    return Baseline(plan=plan, entries=entries)


def accept(
    old: Baseline, now: Mapping[str, Entry], *, chosen: Iterable[str], planned: Iterable[str]
) -> Baseline:
    """The baseline with the present of the `chosen` cells; what is planned no more goes.

    A cell that could not be determined keeps what is known of it.
    """
    plan = set(planned)
    kept = {cell: entry for cell, entry in old.entries.items() if cell in plan}
    new = {cell: now[cell] for cell in chosen if cell in now and now[cell].determined}
    return Baseline(plan=old.plan, entries={**kept, **new})


def _plan(line: str, name: str, mistakes: list[str]) -> str:
    try:
        header = _Header.model_validate_json(line)
    except ValidationError:
        mistakes.append(f'{name}:1: is no baseline: it begins with {{"baseline": {FORMAT}, "plan": …}}')
        return ""
    if header.baseline != FORMAT:
        mistakes.append(f"{name}:1: is of the format {header.baseline}, and {FORMAT} is known here")
    return header.plan


def _locks(text: str, name: str, mistakes: list[str]) -> _Locks | None:
    try:
        return _Locks.model_validate_json(text)
    except ValidationError as error:
        mistakes.extend(_told(name, error))
        return None


def _told(place: str, error: ValidationError) -> Iterator[str]:
    for each in error.errors():
        where = ".".join(map(str, each["loc"]))
        yield f"{place}: {f'{where}: ' if where else ''}{each['msg'][:1].lower()}{each['msg'][1:]}"


def _line(entry: Entry) -> dict[str, Any]:
    line = {
        "cell": entry.cell,
        "verdict": str(entry.verdict),
        "lock": lock_digest(entry.lock),
        "stopped": entry.stopped,
        "failed": _by_stage(point for point, signature in entry.failed.items() if signature == _usual(point)),
        "failed otherwise": {
            point: signature
            for point, signature in sorted(entry.failed.items())
            if signature != _usual(point)
        },
        "flaky": list(in_order(entry.flaky)),
        "not observed": _by_stage(entry.unseen),
        "passed": _by_stage(entry.passed),
    }
    return {key: value for key, value in line.items() if value}


def _entry(line: _Line, locks: _Locks | None) -> Entry:
    lock = locks.locks.get(line.lock) if locks is not None else None
    return Entry(
        cell=line.cell,
        verdict=line.verdict,
        stopped=line.stopped,
        failed={**{point: _usual(point) for point in _points(line.failed)}, **line.failed_otherwise},
        flaky=frozenset(line.flaky),
        unseen=_points(line.not_observed),
        passed=_points(line.passed),
        lock=None
        if lock is None
        else Lock(distributions=lock.distributions, python=lock.python, index_date=lock.index),
        project=locks.projects.get(line.cell, "") if locks is not None else "",
    )


def _usual(point: str) -> str:
    """What a check that fails has for its signature, unless it could not even be made."""
    return point.replace(":", f":{Reason.CHECK}:", 1)


def _by_stage(points: Iterable[str]) -> dict[str, str]:
    """Checks by stage, as words: short to read, and one word more or less in a diff."""
    stages: dict[str, list[str]] = {}
    for point in in_order(points):
        stage, _, check = point.partition(":")
        stages.setdefault(stage, []).append(check)
    return {stage: " ".join(checks) for stage, checks in stages.items()}


def _points(by_stage: Mapping[str, str]) -> frozenset[str]:
    return frozenset(f"{stage}:{check}" for stage, checks in by_stage.items() for check in checks.split())
