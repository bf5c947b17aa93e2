"""What people hand in: files and what became of them, saved layouts, what is due, and their products."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.fence import TenantModel

TAKEN_STATES = ("received", "taken", "taken_in_part")


class UploadedFile(TenantModel):
    """A file that was handed in: what it was and what became of it, never what stood in it.

    `body` is there only until the file has been read: sealed, as it may name buyers. The same bytes are not
    taken twice for the same dataset, store and profile.
    """

    dataset = models.CharField(max_length=48)
    store_id = models.BigIntegerField(default=0, help_text="0: concerns no single store.")
    profile = models.CharField(max_length=48)
    profile_version = models.PositiveIntegerField(default=1)
    mode = models.CharField(max_length=16, help_text="dry_run, whole, partial")
    state = models.CharField(
        max_length=16, default="received", help_text="received, checked, taken, taken_in_part, rejected"
    )
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    options = models.JSONField(default=dict, help_text="What the upload said beside the profile.")
    body = models.BinaryField(null=True, help_text="Sealed; dropped as soon as the file has been read.")
    encoding = models.CharField(max_length=16, blank=True)
    encoding_confidence = models.DecimalField(max_digits=3, decimal_places=2, null=True)
    covered_from = models.DateField(null=True)
    covered_through = models.DateField(null=True)
    job_id = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField(null=True)
    rows_read = models.PositiveIntegerField(default=0)
    rows_inserted = models.PositiveIntegerField(default=0)
    rows_changed = models.PositiveIntegerField(default=0)
    rows_unchanged = models.PositiveIntegerField(default=0)
    rows_duplicate = models.PositiveIntegerField(default=0)
    rows_rejected = models.PositiveIntegerField(default=0)
    rows_removed = models.PositiveIntegerField(default=0)
    faults = models.PositiveIntegerField(default=0)
    days = models.JSONField(default=list, help_text="The shop days whose figures it changes.")
    ignored = models.JSONField(default=list, help_text="Columns that were not read.")
    problem = models.JSONField(null=True)
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "dataset", "store_id", "profile", "profile_version"],
                condition=Q(state__in=TAKEN_STATES) & ~Q(mode="dry_run"),
                name="uploaded_file_taken_once",
            )
        ]
        indexes = [models.Index(fields=["dataset", "store_id", "-id"], name="uploaded_file_latest")]


class UploadFault(TenantModel):
    """One thing wrong in a file. What stood in the cell is not kept."""

    upload = models.ForeignKey(UploadedFile, on_delete=models.CASCADE, related_name="fault_rows")
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=200, blank=True)
    field = models.CharField(max_length=48, blank=True)
    code = models.CharField(max_length=32)
    detail = models.CharField(max_length=300)


class UploadProfile(TenantModel):
    """One version of a client's own layout; the highest counts. Rows are never changed."""

    key = models.CharField(max_length=48)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    dataset = models.CharField(max_length=48)
    layout = models.JSONField()
    is_archived = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="upload_profile_one_per_version")
        ]


class UploadPlan(TenantModel):
    """Which dataset of a store has to be handed in how often, and by whom."""

    store_id = models.BigIntegerField()
    dataset = models.CharField(max_length=48)
    cadence_days = models.PositiveSmallIntegerField()
    grace_days = models.PositiveSmallIntegerField()
    first_due_on = models.DateField()
    owner = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store_id", "dataset"], name="upload_plan_one_per_dataset")
        ]


class Product(TenantModel):
    """A client's own article, whatever the store: what no platform tells of it."""

    sku = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=500, blank=True)
    family = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=12, blank=True, help_text="hero, normal, new, clearance")
    size_class = models.CharField(max_length=40, blank=True)
    category = models.CharField(max_length=120, blank=True)
    brand = models.CharField(max_length=100, blank=True)
    jan = models.CharField(max_length=14, blank=True)
    condition = models.CharField(max_length=12, blank=True)
    upload_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()
