"""Incidents: something went wrong with our own tools or data; its evidence, alerts and every step."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class Incident(TenantModel):
    """An incident; its state moves by `alerts.services.incidents` alone.

    `request_id` is that of the call that failed, `occurred_at` when it did. `halt_id` is the pricing halt it
    asked for.
    """

    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    store_id = models.BigIntegerField(null=True)
    severity = models.CharField(max_length=8)
    state = models.CharField(max_length=12)
    request_id = models.CharField(max_length=64, blank=True)
    occurred_at = models.DateTimeField()
    owner_id = models.BigIntegerField(null=True)
    owner = models.CharField(max_length=254, blank=True)
    halt_id = models.BigIntegerField(null=True)
    root_cause = models.CharField(max_length=1000, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=254)
    resolved_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["state", "-id"], name="incident_by_state")]


class IncidentEvidence(TenantModel):
    """A file of an incident, sealed: a screenshot, an export, or our own diagnostics. Never changed."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField()
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=254)
    body = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "sha256"], name="incident_evidence_once"),
        ]


class IncidentStep(TenantModel):
    """A line of an incident's timeline. Rows are never changed."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="steps")
    what = models.CharField(max_length=24)
    note = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
