"""The app, with a task that ends its process."""

from django.apps import AppConfig


class EasytaskConfig(AppConfig):
    name = "easytask"

    def ready(self):
        import os

        from easytask import tasks

        def end(numbers):
            os._exit(9)

        tasks.total.run = end
