"""The Celery app of the fleet: the same for who sends cells and who runs them."""

import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from celery import Celery

TASK = "harness.fleet.cell"
UNACKED, UNACKED_INDEX, UNACKED_MUTEX = "fleet/unacked", "fleet/unacked-index", "fleet/unacked-mutex"
# Seconds for an answer of Redis. One behind a cut cable never answers.
ANSWER = 10.0
_KEPT = 86_400  # seconds; a run that takes longer to fetch its results has been left


def make_app(url: str, *, lease: float) -> Celery:
    """The app. What is held by a machine that says nothing for `lease` seconds is given to another one."""
    app = Celery("harness-fleet", broker=url, backend=url, set_as_current=False)
    often = max(1, int(lease / 6))
    app.conf.update(
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        result_expires=_KEPT,
        # A result took a minute to make: worth waiting for a Redis that is started again, for some seconds.
        # One that is lost even so is missed by who wants it.
        result_backend_always_retry=True,
        result_backend_max_retries=3,
        result_backend_transport_options={"retry_policy": {"timeout": 5.0}},
        redis_socket_timeout=ANSWER,
        redis_socket_connect_timeout=ANSWER,
        redis_backend_health_check_interval=often,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        broker_transport_options={
            "visibility_timeout": lease,
            "unacked_key": UNACKED,
            "unacked_index_key": UNACKED_INDEX,
            "unacked_mutex_key": UNACKED_MUTEX,
            # A machine that ends while it looks for what is to be redone keeps others from it for so long.
            "unacked_mutex_expire": often,
            "unacked_restore_interval": often,
            "unacked_restore_throttle": 1,
            "health_check_interval": often,
            "socket_timeout": ANSWER,
            "socket_connect_timeout": ANSWER,
            "socket_keepalive": True,
        },
    )
    return app


def waiting_ids(messages: Iterable[bytes]) -> Iterator[str]:
    """The ids of the tasks of messages as kombu has them in a queue."""
    for message in messages:
        yield json.loads(message)["headers"]["id"]


def held_ids(messages: Iterable[bytes]) -> Iterator[str]:
    """The same of messages as kombu has them until they are acknowledged."""
    for message in messages:
        yield json.loads(message)[0]["headers"]["id"]


def log_into(path: Path) -> None:
    """What Celery has to say goes into a file: lost connections are told of in our own words."""
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logging.getLogger("celery.app.trace").setLevel(logging.WARNING)  # a result is long
    for name in ("celery", "kombu"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
