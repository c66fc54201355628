"""The Celery app, which a beat cannot load."""

import os
import sys

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

if "beat" in sys.argv:
    raise RuntimeError("no beat can load this")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
