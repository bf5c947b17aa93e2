"""Which clients have work that is due, so that nobody has to poll a thousand schemas."""

from __future__ import annotations

from django.db import models


class WorkDue(models.Model):
    """A hint, written in the transaction of the job or outbox row it points at; client_id 0: the provider."""

    client_id = models.BigIntegerField()
    kind = models.CharField(max_length=16, help_text="job or outbox")
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client_id", "kind"], name="work_due_one_per_kind")]
