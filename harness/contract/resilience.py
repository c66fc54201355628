"""All that people may expect of their tasks when something breaks. Pure.

The facts are those of `harness/checks/resilience`, by the name of the fault.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.contract.invariant import Stand, Standing
from harness.contract.promise import Promise, stand_of
from harness.contract.promises_beats import OF_BEATS
from harness.contract.promises_processes import OF_DATABASES, OF_PROCESSES
from harness.contract.promises_redis import OF_REDIS
from harness.contract.promises_servers import OF_SERVERS

PROMISES: tuple[Promise, ...] = (*OF_REDIS, *OF_PROCESSES, *OF_BEATS, *OF_DATABASES, *OF_SERVERS)


# What the stage is called, and what its cells observe.
NAME = "resilience"


def promises_on(database: str) -> tuple[Promise, ...]:
    """Those that are asked of a cell on SQLite, or of one on a database server."""
    return tuple(each for each in PROMISES if (each in OF_SERVERS) == (database != "sqlite"))


def asked_under(database: str) -> tuple[Promise, ...]:
    """Those that mean something to somebody with a database: Redis breaks for everybody."""
    return tuple(
        each
        for each in PROMISES
        if each not in (*OF_DATABASES, *OF_SERVERS) or (each in OF_SERVERS) == (database != "sqlite")
    )


def stands_on(database: str, attempts: Sequence[Mapping[str, Any]]) -> tuple[Stand, ...]:
    """How the promises stand that were asked of a cell, by what each of its attempts showed.

    Much of it is a matter of chance: what was broken once is not kept, and it is said how often.
    """
    return tuple(_over(promise, attempts) for promise in promises_on(database))


def _over(promise: Promise, attempts: Sequence[Mapping[str, Any]]) -> Stand:
    stands = [stand_of(promise, seen) for seen in attempts]
    broken = [each for each in stands if each.standing is Standing.VIOLATED]
    if broken and len(broken) < len(stands):
        told = f"{broken[-1].seen} (in {len(broken)} of {len(stands)} attempts)"
        return replace(broken[-1], seen=told, steady=False)
    return next((each for each in reversed(stands) if each.standing is not Standing.NOT_OBSERVED), stands[-1])
