"""The Celery app: configured by the CELERY_* settings, tasks found in the installed apps."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
