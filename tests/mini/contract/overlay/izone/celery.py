"""The Celery app, whose processes break one invariant of the time contract: IZONE_BREAK's."""

import os
import sys

from celery import Celery
from celery.signals import beat_init, worker_init
from django.db.backends.signals import connection_created

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
@worker_init.connect
def break_one(**kwargs):
    from izone import breaks

    breaks.BREAKS.get(os.environ["IZONE_BREAK"], lambda: None)()


def break_agent(**kwargs):
    from izone import breaks

    connection_created.disconnect(break_agent)
    breaks.BREAKS_OF_THE_AGENT.get(os.environ["IZONE_BREAK"], lambda: None)()


if "agent" in sys.argv:
    connection_created.connect(break_agent)
