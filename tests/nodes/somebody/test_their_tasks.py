"""Somebody's own tasks, given to the worker and put on beat's schedule."""

from types import ModuleType

import pytest
import their_tasks  # type: ignore[import-not-found] # found by pytest, which runs in this folder
from celery import Celery
from pytest_celery import RESULT_TIMEOUT, CeleryTestSetup

from harness.nodes.beat import CeleryTestBeat


@pytest.fixture
def default_worker_tasks(default_worker_tasks: set[ModuleType]) -> set[ModuleType]:
    return default_worker_tasks | {their_tasks}


@pytest.fixture
def default_worker_app(default_worker_app: Celery) -> Celery:
    greet = {"task": "their_tasks.greet", "schedule": 0.5, "args": ("beat",)}
    default_worker_app.conf.beat_schedule = {"greet": greet}
    return default_worker_app


def test_own_task(celery_setup: CeleryTestSetup) -> None:
    greeting = their_tasks.greet.s("World").apply_async(queue=celery_setup.worker.worker_queue)
    assert greeting.get(timeout=RESULT_TIMEOUT) == "Hello, World!"


def test_schedule(celery_setup: CeleryTestSetup, celery_beat: CeleryTestBeat) -> None:
    celery_beat.assert_log_exists("Sending due task greet (their_tasks.greet)")
    celery_setup.worker.assert_log_exists("'Hello, beat!'")
