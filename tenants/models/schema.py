"""How client schemas are made and kept up to date: the template's SQL, in steps, and who has which."""

from __future__ import annotations

from django.db import models


class SchemaStep(models.Model):
    """What one release added to the client schemas: SQL recorded while the template schema was migrated.

    A new client replays all steps in order of id, an existing one those it lacks. `digest` names the state
    after the step.
    """

    digest = models.CharField(max_length=64, unique=True)
    statements = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]


class SchemaVersion(models.Model):
    """The state a schema is in; `client_id` 0 is public."""

    client_id = models.BigIntegerField(primary_key=True)
    digest = models.CharField(max_length=64)
    changed_at = models.DateTimeField()
