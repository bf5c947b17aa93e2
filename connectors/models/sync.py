"""How a sync stands: runs, cursors, kept pages, rejected rows, and the days to be measured anew."""

from __future__ import annotations

from django.db import models

from connectors.models.connections import Store, StoreConnection
from tenants.fence import TenantModel


class StreamCursor(TenantModel):
    """From where a stream goes on, and which shop days it has covered. One row per store and stream."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="cursors")
    connection = models.ForeignKey(StoreConnection, on_delete=models.CASCADE, related_name="cursors")
    stream = models.CharField(max_length=48)
    cursor = models.JSONField(default=dict)
    safe_cursor = models.JSONField(
        default=dict, help_text="Before the latest report was ordered; a doubtful empty one is ordered anew."
    )
    covered = models.JSONField(default=list, help_text="Every known interval of shop days, [from, through].")
    covered_from = models.DateField(null=True, help_text="Of the interval that reaches furthest.")
    covered_through = models.DateField(null=True)
    data_as_of = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    suspect_empty_since = models.DateTimeField(null=True)
    last_problem = models.JSONField(null=True)
    stale_at = models.DateTimeField(
        null=True, help_text="Of what people hand in: when the next hand-in is overdue."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "stream"], name="cursor_one_per_stream")]


class SyncRun(TenantModel):
    """One turn of one stream, with what it read and what that changed."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="runs")
    stream = models.CharField(max_length=48)
    job_id = models.BigIntegerField(null=True)
    state = models.CharField(
        max_length=16, default="running", help_text="running, waiting, succeeded, failed"
    )
    pages = models.PositiveIntegerField(default=0)
    rows_read = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    rows_unchanged = models.PositiveIntegerField(default=0)
    rows_rejected = models.PositiveIntegerField(default=0)
    problem = models.JSONField(null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["store", "stream", "-id"], name="sync_run_latest")]


class RawPage(TenantModel):
    """A page as received, without personal data, compressed; unique by run and page number, not content."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="raw_pages")
    page_no = models.PositiveIntegerField()
    media_type = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField(help_text="zlib-compressed")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "page_no"], name="raw_page_one_per_number")]


class RejectedRecord(TenantModel):
    """A row that could not be mapped: where it stood and why. Nothing is dropped in silence."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="rejected")
    page_no = models.PositiveIntegerField()
    pointer = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    raw = models.JSONField(default=dict)


class DirtyDay(TenantModel):
    """A shop day of one family whose measures must be computed anew. `generation` rises with every change."""

    store_id = models.BigIntegerField()
    business_on = models.DateField()
    family = models.CharField(max_length=16)
    generation = models.BigIntegerField(default=1)
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store_id", "business_on", "family"], name="dirty_day_one_each")
        ]


class Upload(TenantModel):
    """A file a person gave us; the same bytes are not taken twice."""

    purpose = models.CharField(max_length=24)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows_read = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    rows_rejected = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "sha256"], name="upload_once_per_content")]


class OutboundCall(TenantModel):
    """One call that left us for a platform: what was asked and what came back, never a secret or a body."""

    store_id = models.BigIntegerField(null=True)
    connection_id = models.BigIntegerField(null=True)
    platform = models.CharField(max_length=32)
    operation = models.CharField(max_length=60)
    method = models.CharField(max_length=8)
    host = models.CharField(max_length=200)
    path = models.CharField(max_length=500)
    status = models.PositiveSmallIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(default=0)
    request_id = models.CharField(max_length=80, blank=True)
    called_at = models.DateTimeField(db_index=True)
