"""The Celery app, whose beat sends an interval in bursts."""

import os

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def burst(**kwargs):
    from django_celery_beat.schedulers import DatabaseScheduler

    apply_entry = DatabaseScheduler.apply_entry

    def apply_entry_thrice(self, entry, producer=None):
        for _ in range(3 if entry.name == "every-30" else 1):
            apply_entry(self, entry, producer=producer)

    DatabaseScheduler.apply_entry = apply_entry_thrice
