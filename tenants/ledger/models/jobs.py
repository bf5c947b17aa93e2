"""Work that must happen: a row with a lease and a fencing token. Celery only wakes a worker for it."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel
from tenants.types import JobState


class Job(TenantModel):
    """`kind` is the task's name, `key` makes starting it twice the same as once while it is unfinished."""

    kind = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in JobState], default=JobState.QUEUED
    )
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=8)
    run_after = models.DateTimeField()
    lease_token = models.BigIntegerField(
        default=0, help_text="Rises with every claim; an old holder is fenced off."
    )
    leased_until = models.DateTimeField(null=True)
    progress = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    problem = models.JSONField(null=True)
    created_by_kind = models.CharField(max_length=16)
    created_by_id = models.BigIntegerField(null=True)
    created_by_label = models.CharField(max_length=254)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=models.Q(state__in=["queued", "running", "waiting"]),
                name="job_one_unfinished_per_key",
            )
        ]
        indexes = [
            models.Index(
                fields=["run_after"],
                condition=models.Q(state__in=["queued", "running", "waiting"]),
                name="job_due",
            )
        ]
