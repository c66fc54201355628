"""The Celery app, which the first worker of a run cannot load; later ones kill what started them."""

import os
import sys

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

if "worker" in sys.argv:
    first = os.path.join(os.path.dirname(os.path.abspath(__file__)), "first")
    if os.path.exists(first):
        os.kill(os.getppid(), 9)
    open(first, "w").close()
    raise RuntimeError("the first worker cannot load this")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
