"""The Celery app, whose worker never gets ready."""

import os
import threading

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def wait(**kwargs):
    threading.Event().wait()
