"""The app, with a task that takes its worker with it."""

from django.apps import AppConfig


class EasytaskConfig(AppConfig):
    name = "easytask"

    def ready(self):
        import os

        from easytask import tasks

        def end(numbers):
            os.kill(os.getppid(), 9)

        tasks.total.run = end
