"""A next release of the ledger: a column, a table, data moved by SQL with a parameter and a per cent sign."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """What a release usually does to client schemas."""

    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.AddField("outboxevent", "note", models.CharField(max_length=50, default="100 % new")),
        migrations.CreateModel(
            "Extra",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("event", models.ForeignKey("ledger.outboxevent", on_delete=models.CASCADE)),
            ],
        ),
        migrations.RunSQL(
            [("UPDATE ledger_outboxevent SET note = %s WHERE type LIKE '%%moved'", ["it's moved"])],
            migrations.RunSQL.noop,
        ),
    ]
