"""Meetings about a week or a month: the pack that was looked at, and the issues its red lines opened."""

from __future__ import annotations

from django.db import models

from kpis.engine.action_states import UNFINISHED_ISSUES
from tenants.fence import TenantModel


class Review(TenantModel):
    """The pack of one period, for all stores together and one by one.

    `pack` is canonical JSON kept as text, because the database would rewrite JSON and the hash would not
    hold. A held review's pack, hash, instant and batch never change.
    """

    kind = models.CharField(max_length=8, help_text="week or month")
    period = models.CharField(max_length=10)
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=8)
    version = models.PositiveIntegerField(default=1)
    pack = models.TextField()
    sha256 = models.CharField(max_length=64)
    batch = models.BigIntegerField(help_text="The last roll-up that the pack knows of; 0 before the first.")
    known_at = models.DateTimeField(help_text="Figures as known at this instant.")
    attendees = models.JSONField(default=list)
    minutes = models.TextField(blank=True)
    decisions = models.TextField(blank=True)
    built_at = models.DateTimeField()
    built_by = models.CharField(max_length=254)
    held_at = models.DateTimeField(null=True)
    held_by = models.CharField(max_length=254, blank=True)

    class Meta:
        db_table = "kpis_review"
        constraints = [models.UniqueConstraint(fields=["period"], name="review_one_per_period")]


class Issue(TenantModel):
    """A KPI of a store that was bad in a review; one at a time per store and KPI.

    `numbers` are the line as it was when the issue was opened, `seen_in` every period that showed it bad.
    """

    store_id = models.BigIntegerField()
    kpi = models.CharField(max_length=48)
    review_id = models.BigIntegerField()
    state = models.CharField(max_length=12)
    version = models.PositiveIntegerField(default=1)
    numbers = models.JSONField()
    seen_in = models.JSONField(default=list)
    reason = models.CharField(max_length=500, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=254, blank=True)

    class Meta:
        db_table = "kpis_issue"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "kpi"],
                condition=models.Q(state__in=[state.value for state in UNFINISHED_ISSUES]),
                name="issue_one_unfinished",
            )
        ]
