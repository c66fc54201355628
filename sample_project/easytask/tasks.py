"""The article's tasks, and one for each behaviour of a worker that people rely on."""

import datetime
import os
import time

from celery import Task, shared_task
from celery.app import backends
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone


@shared_task
def simple_task(x, y):
    """The article's first task."""
    return x + y


@shared_task
def update_cache():
    """The article's periodic refresh of cached figures, with a figure of its own."""
    cache.set("izone:updated", time.time(), None)
    return {"updated": ["izone:updated"]}


@shared_task
def cleanup_task_result(day=3):
    """The article's own clean-up: drop results that ended more than `day` days ago."""
    from django_celery_results.models import TaskResult

    now = timezone.now() if settings.USE_TZ else datetime.datetime.now()
    ended = TaskResult.objects.filter(
        status__in=("SUCCESS", "FAILURE"), date_done__lt=now - datetime.timedelta(days=day)
    )
    deleted, _ = ended.delete()
    return {"deleted": deleted}


@shared_task
def total(numbers):
    """The body of a chord: the sum of its header's results."""
    return sum(numbers)


@shared_task
def record_call(*args, **kwargs):
    """What arrived, for schedules whose arguments are JSON in the database."""
    return {"args": list(args), "kwargs": kwargs}


@shared_task
def failing_task(message):
    """End as FAILURE."""
    raise ValueError(message)


@shared_task(bind=True, max_retries=3)
def retrying_task(self):
    """Fail once, then succeed; returns the number of retries it took."""
    if self.request.retries == 0:
        raise self.retry(countdown=0)
    return self.request.retries


@shared_task
def slow_task(seconds):
    """Work that is in hand when the worker is told to stop."""
    time.sleep(seconds)
    return seconds


@shared_task
def note(token, seconds=0):
    """Work that tells when it begins and ends, whatever becomes of its message and of its result."""
    return _note(token, seconds)


@shared_task(acks_late=True)
def note_late(token, seconds=0):
    """The same, acknowledged when it has ended."""
    return _note(token, seconds)


@shared_task(acks_late=True, reject_on_worker_lost=True)
def note_again(token, seconds=0):
    """The same, and put back into the queue if its process is lost."""
    return _note(token, seconds)


@shared_task
def note_asked(token, seconds=0):
    """The same, with a connection to the database that is open before the work, as most tasks have one."""
    from django_celery_results.models import TaskResult

    TaskResult.objects.exists()
    return _note(token, seconds)


def _note(token, seconds):
    _tell("began", token)
    time.sleep(seconds)
    _tell("ended", token)
    return token


def _tell(what, token):
    """A line in the file that IZONE_NOTES names; in one write, so that no other gets into it."""
    path = os.environ.get("IZONE_NOTES")
    if path:
        line = "%s %s %d %.6f\n" % (what, token, os.getpid(), time.time())
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, line.encode("ascii"))
        os.close(file)


class CacheBackedTask(Task):
    """A task whose results go to Django's cache instead of the database, for an hour.

    Not for as long as CELERY_RESULT_EXPIRES says: its 0 is "for ever" to the database and "not at all"
    to a cache.
    """

    abstract = True

    @property
    def backend(self):
        cached = getattr(self.app, "izone_cache_backend", None)
        if cached is None:
            backend_class, url = backends.by_url("django-cache", self.app.loader)
            cached = self.app.izone_cache_backend = backend_class(app=self.app, url=url, expires=3600)
        return cached


@shared_task(base=CacheBackedTask)
def cached_task(x, y):
    """`simple_task` with its result in the cache."""
    return x + y
