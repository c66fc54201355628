"""The Celery app, whose beat sends an interval in bursts."""

import os

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def storm(**kwargs):
    from celery import schedules
    from django_celery_beat.schedulers import ModelEntry

    is_due = ModelEntry.is_due

    def is_due_for_ever(self):
        if self.name == "every-30" and self.model.enabled and self.total_run_count:
            return schedules.schedstate(is_due=True, next=0.1)
        return is_due(self)

    ModelEntry.is_due = is_due_for_ever
