"""All that people may expect of their tasks when something breaks. Pure.

The facts are those of `harness/checks/resilience`, by the name of the fault.
"""

from harness.contract.promise import Promise
from harness.contract.promises_beats import OF_BEATS
from harness.contract.promises_processes import OF_DATABASES, OF_PROCESSES
from harness.contract.promises_redis import OF_REDIS

PROMISES: tuple[Promise, ...] = (*OF_REDIS, *OF_PROCESSES, *OF_BEATS, *OF_DATABASES)
