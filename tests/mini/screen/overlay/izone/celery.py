"""The Celery app, with crontabs whose clock is an hour slow in Dublin."""

import datetime
import os

from celery import Celery
from django_celery_beat.tzcrontab import TzAwareCrontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

right = TzAwareCrontab.nowfunc


def slow_in_dublin(self):
    return right(self) - datetime.timedelta(hours=str(self.tz) == "Europe/Dublin")


TzAwareCrontab.nowfunc = slow_in_dublin
