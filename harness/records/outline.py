"""Results in outline: what can be judged, and nothing of what was seen. Pure.

Most of a line are observations and checks that passed. Without them, and with words that many results share
held once, a hundred thousand results are read in seconds and fit into memory.
"""

import sys
from dataclasses import replace
from datetime import date
from functools import lru_cache

import msgspec

from harness.model import (
    USUAL_CHECKS,
    Attempt,
    CellResult,
    CheckResult,
    ClockKind,
    Failure,
    Installer,
    Lock,
    Resolution,
    Settled,
    Stage,
    Status,
)


def outlined(result: CellResult) -> CellResult:
    """The result as if it had been read in outline."""
    return replace(
        result,
        attempts=tuple(
            replace(
                attempt,
                stages=(),
                checks=tuple(check for check in attempt.checks if check.failure is not None),
                observations=(),
            )
            for attempt in result.attempts
        ),
    )


def read_outline(line: bytes) -> CellResult:
    """The result of a line, in outline. What is left out is not looked at, but that it is JSON.

    Raises:
        msgspec.DecodeError: the line is no JSON, or what is read is no part of a result.
        UnicodeDecodeError: a text is no UTF-8.
    """
    read = _RESULT.decode(line)
    return CellResult(
        run=sys.intern(read.run),
        cell=read.cell,
        pins={axis: sys.intern(value) for axis, value in read.pins.items()},
        extras=_extras(bytes(read.extras)),
        requirements=_texts(bytes(read.requirements)),
        resolution=read.resolution,
        settings=_settings(bytes(read.settings)),
        database=sys.intern(read.database),
        broker=sys.intern(read.broker),
        clock=read.clock,
        started=read.started,
        seconds=read.seconds,
        lock=_lock(read.lock) if read.lock is not None else None,
        seed=read.seed if read.seed is None else sys.intern(read.seed),
        attempts=tuple(map(_attempt, read.attempts)),
        settled=read.settled,
        skipped=read.skipped,
        checks=_stages(bytes(read.checks)) if read.checks is not _NULL else USUAL_CHECKS,
        installer=read.installer,
        pip=read.pip,
    )


_NULL = msgspec.Raw(b"null")


# None of these lives on: the garbage collector need not know of them.
class _Check(msgspec.Struct, gc=False, frozen=True):
    id: str
    stage: Stage
    status: Status
    seconds: float
    caveat: str = ""
    failure: Failure | None = None


class _Attempt(msgspec.Struct, gc=False, frozen=True):
    number: int
    status: Status
    seconds: float
    failure: msgspec.Raw = _NULL
    checks: tuple[_Check, ...] = ()


class _Lock(msgspec.Struct, gc=False, frozen=True):
    distributions: tuple[str, ...]
    python: str
    index_date: date | None = None


class _Result(msgspec.Struct, gc=False, frozen=True):
    run: str
    cell: str
    pins: dict[str, str]
    extras: msgspec.Raw
    requirements: msgspec.Raw
    resolution: Resolution
    settings: msgspec.Raw
    database: str
    broker: str
    clock: ClockKind
    started: str
    seconds: float
    lock: _Lock | None
    seed: str | None = None
    attempts: tuple[_Attempt, ...] = ()
    settled: Settled = Settled.SKIPPED
    skipped: str = ""
    checks: msgspec.Raw = _NULL
    installer: Installer = Installer.UV
    pip: str | None = None


_RESULT = msgspec.json.Decoder(_Result)
_EXTRAS = msgspec.json.Decoder(dict[str, tuple[str, ...]])
_SETTINGS = msgspec.json.Decoder(dict[str, bool | str])
_TEXTS = msgspec.json.Decoder(tuple[str, ...])
_STAGES = msgspec.json.Decoder(tuple[Stage, ...])

# Of what follows, different lines say the same.
_failure = lru_cache(maxsize=10_000)(msgspec.json.Decoder(Failure | None).decode)
_extras = lru_cache(_EXTRAS.decode)
_settings = lru_cache(_SETTINGS.decode)
_stages = lru_cache(_STAGES.decode)


@lru_cache(maxsize=10_000)
def _texts(data: bytes) -> tuple[str, ...]:
    return tuple(map(sys.intern, _TEXTS.decode(data)))


def _lock(read: _Lock) -> Lock:
    return Lock(
        distributions=tuple(map(sys.intern, read.distributions)),
        python=sys.intern(read.python),
        index_date=read.index_date,
    )


def _attempt(read: _Attempt) -> Attempt:
    checks = [_check(check) for check in read.checks if check.failure is not None]
    return Attempt(
        number=read.number,
        status=read.status,
        seconds=read.seconds,
        failure=_failure(bytes(read.failure)),
        checks=tuple(checks),
    )


def _check(read: _Check) -> CheckResult:
    return CheckResult(
        id=read.id,
        stage=read.stage,
        status=read.status,
        seconds=read.seconds,
        caveat=read.caveat,
        failure=read.failure,
    )
