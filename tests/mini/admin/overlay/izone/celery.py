"""The Celery app, whose beat is slow under IZONE_BREAK=beat_and_index."""

import os

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def break_beat(**kwargs):
    if os.environ["IZONE_BREAK"] == "beat_and_index":
        from izone import breaks

        breaks.slow_down()
