"""The Celery app, whose beat waits for ever at the third task it sends."""

import itertools
import os
import sys
import threading

from celery import Celery
from celery.signals import before_task_publish

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


sends = itertools.count(1)


@before_task_publish.connect
def wait(**kwargs):
    if "beat" in sys.argv and next(sends) == 3:
        threading.Event().wait()
