"""A plain pytest-celery test, as somebody writes it who has never heard of this project."""

from pytest_celery import CeleryTestSetup


def test_ping(celery_setup: CeleryTestSetup) -> None:
    assert celery_setup.ready(ping=True, control=True)


def test_log(celery_setup: CeleryTestSetup) -> None:
    celery_setup.worker.assert_log_exists("ready.")
    celery_setup.worker.assert_log_does_not_exist("no such line")


def test_restart(celery_setup: CeleryTestSetup) -> None:
    celery_setup.worker.restart()
    assert celery_setup.ready(ping=True)
