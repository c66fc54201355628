"""Which databases begin as copies: of the same tables, made by the same programs, and no others."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.cell.migrated import migrated_alike
from harness.env.interpreters import Interpreter
from harness.model import Lock

PYTHON = Interpreter(version="3.12.1", path=Path("/opt/python3.12/bin/python"))
LOCK = Lock(
    distributions=(
        *("celery==5.4.0", "django-celery-beat==2.6.0", "django==4.2.11"),
        *("kombu==5.3.7", "redis==5.0.3"),
    ),
    python="3.12.1",
)


def named(*, lock: Lock = LOCK, python: Interpreter = PYTHON, source: str = "a project") -> str:
    return migrated_alike(lock, interpreter=python, source=source)


def changed(before: str, after: str) -> Lock:
    kept = [line for line in LOCK.distributions if line != before]
    return replace(LOCK, distributions=tuple(sorted([*kept, after])))


@pytest.mark.parametrize(
    ("before", "after"),
    [("celery==5.4.0", "celery==5.5.3"), ("kombu==5.3.7", "kombu==5.7.0"), ("redis==5.0.3", "redis==8.1.0")],
)
def test_who_sends_messages_makes_no_tables(before: str, after: str) -> None:
    assert named(lock=changed(before, after)) == named()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("django==4.2.11", "django==4.2.12"),
        ("django-celery-beat==2.6.0", "django-celery-beat==2.7.0"),
        ("redis==5.0.3", "a-field-of-somebody==1.0"),
    ],
)
def test_all_else_counts(before: str, after: str) -> None:
    assert named(lock=changed(before, after)) != named()


def test_so_do_the_interpreter_and_the_project() -> None:
    assert named(python=Interpreter(version="3.12.2", path=PYTHON.path)) != named()
    assert named(python=Interpreter(version="3.12.1", path=Path("/usr/bin/python3.12"))) != named()
    assert named(source="another project") != named()
