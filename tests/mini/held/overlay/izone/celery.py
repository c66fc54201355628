"""The Celery app, which no worker can load; it says so once the file is gone that IZONE_HOLD names."""

import os
import sys
import time

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

if "worker" in sys.argv:
    hold = os.environ.get("IZONE_HOLD", "")
    if hold:
        open(hold + ".reached", "w").close()
    while os.path.exists(hold):
        time.sleep(0.05)
    raise RuntimeError("no worker can load this")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
