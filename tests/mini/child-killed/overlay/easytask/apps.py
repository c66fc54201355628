"""The app, whose agent kills its parent in the middle of the cell."""

from django.apps import AppConfig


class EasytaskConfig(AppConfig):
    name = "easytask"

    def ready(self):
        import os
        import sys

        from easytask import tasks

        if "agent" in sys.argv:
            tasks.simple_task.s = lambda *args: os.kill(os.getppid(), 9)
