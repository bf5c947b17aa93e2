"""Warnings of platforms about an account, each step of the work on them, and the plans of action."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.fence import TenantModel


class HealthWarning(TenantModel):
    """A platform's warning; its state moves by `alerts.services.health` and `alerts.services.poa` alone.

    `origin` tells the same warning again: the hash of its mail, the platform's case, or the figure that a
    report gave. It is free for a new warning once `lapsed_at` says that the figure was fine in between.
    `original` is the message as it came, sealed; `fields` what was read from it, and what was not.
    """

    store_id = models.BigIntegerField()
    platform = models.CharField(max_length=32)
    origin = models.CharField(max_length=120)
    source = models.CharField(max_length=8)
    kind = models.CharField(max_length=24)
    severity = models.CharField(max_length=8)
    title = models.CharField(max_length=500)
    reference = models.CharField(max_length=100, blank=True, help_text="The platform's own case number.")
    fields = models.JSONField(default=dict)
    original = models.BinaryField(null=True)
    original_type = models.CharField(max_length=100, blank=True)
    original_size = models.PositiveIntegerField(default=0)
    original_sha256 = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField(help_text="When the platform told us.")
    deadline_at = models.DateTimeField(null=True)
    deadline_basis = models.CharField(max_length=300, blank=True)
    reminded_hours = models.PositiveSmallIntegerField(null=True, help_text="The last reminder given.")
    state = models.CharField(max_length=12)
    owner_id = models.BigIntegerField(null=True)
    owner = models.CharField(max_length=254, blank=True)
    root_cause = models.CharField(max_length=24, blank=True)
    outcome = models.CharField(max_length=1000, blank=True, help_text="What the platform answered.")
    halt_id = models.BigIntegerField(null=True, help_text="The pricing halt that it asked for.")
    freeze_released_at = models.DateTimeField(null=True)
    freeze_released_by = models.CharField(max_length=254, blank=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.CharField(max_length=254, blank=True)
    submission_reference = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=254)
    lapsed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "origin"],
                condition=Q(lapsed_at__isnull=True),
                name="health_warning_once_per_origin",
            )
        ]
        indexes = [
            models.Index(fields=["state", "deadline_at"], name="health_warning_clock"),
            models.Index(fields=["store_id", "state"], name="health_warning_of_store"),
        ]


class HealthStep(TenantModel):
    """One step of the work on a warning. Rows are never changed."""

    warning = models.ForeignKey(HealthWarning, on_delete=models.PROTECT, related_name="steps")
    before = models.CharField(max_length=12, blank=True)
    after = models.CharField(max_length=12)
    note = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)


class PlanOfAction(TenantModel):
    """A version of the plan of action for a warning; its text never changes, a change is the next version.

    `sections` hold the paragraphs with the sources of every figure, `evidence` what they were drawn from with
    a hash each, `gaps` what a person still has to write. `sha256` is over sections and evidence.
    """

    warning = models.ForeignKey(HealthWarning, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=7)
    sections = models.JSONField(default=list)
    evidence = models.JSONField(default=list)
    gaps = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    is_drafted = models.BooleanField(help_text="Drafted from evidence; False: a person's text.")
    drafted_at = models.DateTimeField()
    drafted_by_kind = models.CharField(max_length=8)
    drafted_by_id = models.BigIntegerField(null=True)
    drafted_by = models.CharField(max_length=254)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=254, blank=True)
    sign_note = models.CharField(max_length=1000, blank=True)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.CharField(max_length=254, blank=True)
    return_reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["warning", "number"], name="plan_of_action_number"),
        ]
