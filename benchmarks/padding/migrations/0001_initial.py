"""Tables shaped like the facts: eleven columns, a natural key and two indexes."""

from __future__ import annotations

from django.db import migrations, models

# The goal speaks of sixty tables; a client's schema has at least 36 of its own.
TABLES = 24


def _table(name: str) -> migrations.CreateModel:
    return migrations.CreateModel(
        name=name,
        fields=[
            ("id", models.BigAutoField(primary_key=True)),
            ("store_id", models.BigIntegerField()),
            ("run_id", models.BigIntegerField()),
            ("source_updated_at", models.DateTimeField()),
            ("ingested_at", models.DateTimeField()),
            ("business_on", models.DateField()),
            ("sku", models.CharField(max_length=100)),
            ("status", models.CharField(max_length=12)),
            ("quantity", models.IntegerField()),
            ("amount", models.DecimalField(max_digits=18, decimal_places=4)),
            ("extra", models.JSONField(default=dict)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=["store_id", "business_on", "sku"], name=f"{name}_natural_key")
            ],
            "indexes": [
                models.Index(fields=["store_id", "sku"], name=f"{name}_sku"),
                models.Index(fields=["run_id"], name=f"{name}_run"),
            ],
        },
    )


class Migration(migrations.Migration):
    """Makes them all."""

    initial = True
    dependencies = []
    operations = [_table(f"padding{number}") for number in range(1, TABLES + 1)]
