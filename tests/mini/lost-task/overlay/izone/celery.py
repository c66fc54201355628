"""The Celery app, with a task in a queue of its own."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


app.conf.task_routes = {"easytask.tasks.retrying_task": {"queue": "nobody-listens"}}
