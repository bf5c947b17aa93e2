"""What was done that may have moved a figure, and how the team's own work went."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact


class Event(Fact):
    """See `connectors.records.EventRecord` for the meaning of every column."""

    event_key = models.CharField(max_length=160)
    kind = models.CharField(max_length=24)
    sku = models.CharField(max_length=100)
    business_on = models.DateField()
    occurred_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    title = models.CharField(max_length=300)

    class Meta:
        db_table = "fact_event"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "event_key"], name="fact_event_natural_key"),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="event_day"),
        ]


class WorkItem(Fact):
    """See `connectors.records.WorkItemRecord` for the meaning of every column."""

    work_key = models.CharField(max_length=160)
    kind = models.CharField(max_length=24)
    sku = models.CharField(max_length=100)
    owner = models.CharField(max_length=150)
    business_on = models.DateField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    is_ok = models.BooleanField(null=True)

    class Meta:
        db_table = "fact_work_item"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "work_key"], name="fact_work_item_natural_key"),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="work_item_day"),
        ]
