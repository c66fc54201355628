"""All that people may expect of their tasks when something breaks. Pure.

The facts are those of `harness/checks/resilience`, by the name of the fault.
"""

from collections.abc import Mapping
from typing import Any

from harness.contract.invariant import Stand
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


def stands_on(database: str, seen: Mapping[str, Any]) -> tuple[Stand, ...]:
    """How the promises stand that were asked of a cell, by what it showed."""
    return tuple(stand_of(each, seen) for each in promises_on(database))
