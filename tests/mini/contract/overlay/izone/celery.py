"""The Celery app, whose beat or worker breaks one invariant of the time contract: IZONE_BREAK's."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
@worker_init.connect
def break_one(**kwargs):
    from izone import breaks

    breaks.BREAKS[os.environ["IZONE_BREAK"]]()
