"""What every fact carries: whose it is, where it came from, how new it is."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel

MONEY = {"max_digits": 18, "decimal_places": 4}


class Fact(TenantModel):
    """Base of all facts. `store_id` is a connectors Store; facts are upserted in place by natural key,
    the newest `source_updated_at` wins and an unchanged row is not rewritten. Where the platform names no
    time of change, `source_updated_at` is when the present content was first seen."""

    id = models.BigAutoField(primary_key=True)
    store_id = models.BigIntegerField()
    run_id = models.BigIntegerField(help_text="The SyncRun (or upload) that last changed the row.")
    source_updated_at = models.DateTimeField()
    ingested_at = models.DateTimeField()

    class Meta:
        abstract = True


def money_field(*, null: bool = False) -> models.DecimalField:  # type: ignore[type-arg]
    """A numeric(18,4) amount in the row's own currency."""
    return models.DecimalField(max_digits=18, decimal_places=4, null=null)
