"""All that people may expect of their tasks when something breaks. Pure.

The facts are those of `harness/checks/resilience`, by the name of the fault.
"""

from harness.contract.promise import Promise
from harness.contract.promises_beats import OF_BEATS
from harness.contract.promises_processes import OF_DATABASES, OF_PROCESSES
from harness.contract.promises_redis import OF_REDIS
from harness.contract.promises_servers import OF_SERVERS

PROMISES: tuple[Promise, ...] = (*OF_REDIS, *OF_PROCESSES, *OF_BEATS, *OF_DATABASES, *OF_SERVERS)


def promises_on(database: str) -> tuple[Promise, ...]:
    """Those that are asked of a cell on SQLite, or of one on a database server."""
    return tuple(each for each in PROMISES if (each in OF_SERVERS) == (database != "sqlite"))
