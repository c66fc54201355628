"""A migration that never ends."""

import threading

from django.db import migrations


def wait(apps, schema_editor):
    threading.Event().wait()


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunPython(wait)]
