"""What people checked and which papers there are."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact


class Certificate(Fact):
    """See `connectors.records.CertificateRecord` for the meaning of every column."""

    certificate_key = models.CharField(max_length=160)
    sku = models.CharField(max_length=100)
    kind = models.CharField(max_length=24)
    reported_on = models.DateField()
    is_required = models.BooleanField()
    issued_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    registration_no = models.CharField(max_length=80)

    class Meta:
        db_table = "fact_certificate"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "certificate_key", "reported_on"], name="fact_certificate_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "reported_on"], name="certificate_day"),
        ]


class Evidence(Fact):
    """See `connectors.records.EvidenceRecord` for the meaning of every column."""

    metric = models.CharField(max_length=48)
    subject = models.CharField(max_length=120)
    observed_on = models.DateField()
    numerator = models.DecimalField(max_digits=18, decimal_places=6)
    denominator = models.DecimalField(max_digits=18, decimal_places=6)
    rater = models.CharField(max_length=150)
    attachment_sha256 = models.CharField(max_length=64)
    expires_on = models.DateField(null=True)

    class Meta:
        db_table = "fact_evidence"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "metric", "subject", "observed_on"], name="fact_evidence_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "observed_on"], name="evidence_day"),
        ]
