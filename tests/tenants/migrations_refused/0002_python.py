"""A migration that a recording cannot replay: it would see the template's empty tables only."""

from django.db import migrations


class Migration(migrations.Migration):
    """Runs Python."""

    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop)]
