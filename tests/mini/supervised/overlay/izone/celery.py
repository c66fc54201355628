"""The Celery app, broken in the way that IZONE_BREAK names, and only under supervisor."""

import os
import sys

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# The cell itself has none: it has to boot.
if "SUPERVISOR_ENABLED" in os.environ and os.environ["IZONE_BREAK"] != "nothing":
    from izone import breaks

    breaks.BREAKS[os.environ["IZONE_BREAK"]]("worker" if "worker" in sys.argv else "beat")
