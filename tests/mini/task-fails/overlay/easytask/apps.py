"""The app, with a task that miscalculates."""

from django.apps import AppConfig


class EasytaskConfig(AppConfig):
    name = "easytask"

    def ready(self):
        from easytask import tasks

        tasks.simple_task.run = lambda x, y: x + y + 1
