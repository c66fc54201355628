"""The Celery app, whose beat floods its log from the first task on."""

import os
import sys

from celery import Celery
from celery.signals import before_task_publish

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@before_task_publish.connect
def flood(**kwargs):
    while "beat" in sys.argv:
        sys.stdout.write("and so on and so forth\n" * 1000)
