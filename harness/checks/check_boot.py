"""What worker and beat say of themselves when they start, and what the database is asked to become."""

import re

import pytest
from pytest_celery import CeleryTestSetup, CeleryTestWorker

from harness.checks.live import LiveCell
from harness.nodes.beat import CeleryTestBeat

SCHEDULER = "django_celery_beat.schedulers.DatabaseScheduler"
TASKS = (
    "celery.backend_cleanup",
    "easytask.tasks.cleanup_task_result",
    "easytask.tasks.simple_task",
    "easytask.tasks.update_cache",
)


@pytest.mark.stage("migrate")
@pytest.mark.caveat("`makemigrations` would write migrations into installed packages")
def check_no_missing_migrations(cell: LiveCell) -> None:
    """The article runs makemigrations; what it writes into site-packages is lost with the environment."""
    missing = cell.ask("missing_migrations")["output"]
    assert not missing, f"makemigrations would write: {missing}"


@pytest.mark.stage("worker")
def check_worker_banner(celery_setup: CeleryTestSetup) -> None:
    """The worker's banner names the transport and the result backend of the settings."""
    banner = celery_setup.worker.logs().partition("[tasks]")[0]
    address = celery_setup.broker.config()["url"].rpartition("//")[2]
    transport = re.search(r"transport:\s+redis://\S*" + re.escape(address), banner)
    assert transport, f"the banner does not name the transport redis://{address}"
    assert "results:" in banner, "the banner does not name the result backend"


@pytest.mark.stage("worker")
def check_worker_tasks(celery_worker: CeleryTestWorker) -> None:
    """Every task of the project, and Celery's own clean-up, is in the worker's list."""
    listed = celery_worker.logs()
    missing = [task for task in TASKS if f"  . {task}\n" not in listed]
    assert not missing, f"the worker does not list {', '.join(missing)}"


@pytest.mark.stage("worker")
def check_worker_answers(celery_setup: CeleryTestSetup, cell: LiveCell) -> None:
    """The worker answers a ping of the cell's own Celery."""
    assert celery_setup.ready(docker=True), "pytest-celery does not find its nodes ready"
    pong = cell.ask("ping", seconds=cell.check_timeout)
    assert pong == ["pong"], f"it answered {pong}"


@pytest.mark.stage("beat")
def check_beat_banner(celery_beat: CeleryTestBeat) -> None:
    """Beat's banner names the database scheduler."""
    banner = celery_beat.logs().partition("beat: Starting")[0]
    assert SCHEDULER in banner, f"the banner does not name {SCHEDULER}"
