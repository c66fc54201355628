"""The Celery app, whose worker leaves a daemon behind that does not inherit its environment."""

import os
import subprocess
import sys

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def daemonize(**kwargs):
    code = "import signal; signal.pause()"
    subprocess.Popen([sys.executable, "-c", code], env={}, start_new_session=True)
