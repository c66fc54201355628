"""What of a cell is compared: how its ladder ended, and how each of its checks went. Pure.

A *point* is what is compared one by one: a check as `stage:id`, such as `schedule:crontab`; an invariant is
a check of the stage `time` or `screen`. The rung that stopped the ladder is a point by its name, `worker`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness.model import Attempt, CellResult, Lock, Status, Verdict
from harness.records.verdict import judging_attempts, verdict_of


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A cell as the baseline keeps it, or as it is now.

    `stopped` is the signature that ended every attempt before its checks, "" if none did. `failed` maps a
    point to its signature. `unseen` are checks that had nothing to judge by. `flaky` are points of which two
    attempts said different things. `project` is the digest of the project that ran with its settings; `why`
    says of an undetermined cell why it is one.
    """

    cell: str
    verdict: Verdict
    stopped: str = ""
    passed: frozenset[str] = frozenset()
    failed: Mapping[str, str] = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()
    flaky: frozenset[str] = frozenset()
    lock: Lock | None = None
    project: str = ""
    why: str = ""

    @property
    def determined(self) -> bool:
        """Whether it says anything about the versions."""
        return self.verdict is not Verdict.UNTESTED

    @property
    def checks(self) -> frozenset[str]:
        """Every check that was there, however it went."""
        return self.passed | self.failed.keys() | self.unseen | {each for each in self.flaky if ":" in each}


def entry_of(result: CellResult, *, project: str) -> Entry:
    """What all attempts of a result say together; it must have been read whole, not in outline.

    `project` is the digest of the project's files.
    """
    verdict = verdict_of(result)
    project = _digest([project, sorted(result.settings.items()), result.database, result.broker])
    if verdict is Verdict.UNTESTED:
        return Entry(
            cell=result.cell, verdict=verdict, lock=result.lock, project=project, why=_why_untested(result)
        )
    attempts = judging_attempts(result)
    said: dict[str, set[str | None]] = {}
    for attempt in attempts:
        for point, how in _points(attempt).items():
            said.setdefault(point, set()).add(how)
    stops = [attempt.failure.signature if attempt.failure is not None else "" for attempt in attempts]
    flaky = {point for point, hows in said.items() if len(hows - {None}) > 1}
    if len(set(stops)) > 1:
        flaky |= {stage_of(each) for each in stops if each}
    return Entry(
        cell=result.cell,
        verdict=verdict,
        stopped=stops[0] if len(set(stops)) == 1 else "",
        passed=frozenset(point for point, hows in said.items() if hows - {None} == {""}),
        failed={
            point: signature
            for point, hows in said.items()
            if point not in flaky and (signature := next(filter(None, hows), ""))
        },
        unseen=frozenset(point for point, hows in said.items() if hows == {None}),
        flaky=frozenset(flaky),
        lock=result.lock,
        project=project,
    )


def stage_of(signature: str) -> str:
    """The rung that a signature is of: the name of its point."""
    return signature.partition(":")[0]


def lock_digest(lock: Lock | None) -> str:
    """The name of a lock, in 12 hexadecimal digits; "" for none."""
    if lock is None:
        return ""
    day = str(lock.index_date) if lock.index_date is not None else None
    return _digest([lock.python, day, list(lock.distributions)])


def in_order(points: Iterable[str]) -> tuple[str, ...]:
    """Points as people read them: by stage and name."""
    return tuple(sorted(points))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:12]


def _points(attempt: Attempt) -> dict[str, str | None]:
    """By check, its signature: "" when it passed, None when it had nothing to judge by."""
    points: dict[str, str | None] = {}
    for check in attempt.checks:
        failed = check.failure.signature if check.failure is not None else ""
        points[f"{check.stage}:{check.id}"] = None if check.status is Status.SKIPPED else failed
    return points


def _why_untested(result: CellResult) -> str:
    if result.skipped:
        return result.skipped
    last = result.attempts[-1].failure if result.attempts else None
    return last.signature if last is not None else "its failure was not confirmed"
