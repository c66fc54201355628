"""The app, with a task that keeps no result."""

from django.apps import AppConfig


class EasytaskConfig(AppConfig):
    name = "easytask"

    def ready(self):
        from easytask import tasks

        tasks.retrying_task.ignore_result = True
