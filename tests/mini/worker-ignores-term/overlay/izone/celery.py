"""The Celery app, whose worker ignores TERM."""

import os
import signal

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def ignore_term(**kwargs):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
