"""A migration that cannot be applied."""

from django.db import migrations


def fail(apps, schema_editor):
    raise RuntimeError("this migration cannot be applied")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunPython(fail)]
