"""The Celery app, whose beat floods its log."""

import os
import sys

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def flood(**kwargs):
    while True:
        sys.stdout.write("and so on and so forth\n" * 1000)
