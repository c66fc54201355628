"""Which cells' databases are migrated alike, so that one can begin as a copy of another's."""

import hashlib
import json

from harness.env.interpreters import Interpreter
from harness.model import Lock

# What Celery and redis-py are, and what is there for them alone: they send messages, and read command
# lines. No table comes of them. What is not named here counts: that costs time, and nothing else.
_NO_PART = frozenset(
    {
        *("celery", "kombu", "amqp", "vine", "billiard"),
        *("click", "click-didyoumean", "click-plugins", "click-repl", "prompt-toolkit", "wcwidth"),
        *("redis", "async-timeout", "hiredis", "pyjwt", "deprecated", "wrapt", "packaging"),
        *("importlib-metadata", "zipp", "cached-property", "exceptiongroup", "typing-extensions"),
    }
)


def migrated_alike(lock: Lock, *, interpreter: Interpreter, source: str) -> str:
    """The name of what `migrate` makes, in 16 hexadecimal digits.

    It is made by an interpreter, which has its own SQLite, by the project `source` (a digest), and by the
    distributions of a lock that can have a part in tables: Django, the applications, their fields, the
    driver of the database.
    """
    parts = [line for line in lock.distributions if line.partition("==")[0] not in _NO_PART]
    made_by = [interpreter.version, str(interpreter.path), source, *parts]
    return hashlib.sha256(json.dumps(made_by).encode()).hexdigest()[:16]
