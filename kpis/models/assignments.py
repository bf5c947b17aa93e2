"""Who answers for a KPI of a store, with which share, from which day on."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class Assignment(TenantModel):
    """How one KPI, or one position, of a store is shared out from `effective_on` on.

    Exactly one of `kpi` and `position` is filled: a position's people answer for every KPI of that position
    that has no assignment of its own. Rows are never changed; of the latest date the highest `version`
    counts, and no shares at all means "as if never assigned".
    """

    store_id = models.BigIntegerField()
    kpi = models.CharField(max_length=48, blank=True)
    position = models.CharField(max_length=24, blank=True)
    effective_on = models.DateField()
    version = models.PositiveIntegerField()
    total_share = models.DecimalField(max_digits=5, decimal_places=2)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=254)

    class Meta:
        db_table = "kpis_assignment"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "kpi", "position", "version"], name="assignment_one_per_version"
            ),
            models.CheckConstraint(
                condition=models.Q(total_share__gte=0, total_share__lte=100),
                name="assignment_within_100_percent",
            ),
            models.CheckConstraint(
                condition=models.Q(kpi="") ^ models.Q(position=""), name="assignment_of_kpi_or_position"
            ),
        ]


class AssignmentShare(TenantModel):
    """One person's (`user_id`) or position's part of an assignment, in percent."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="shares")
    user_id = models.BigIntegerField(null=True)
    person = models.CharField(max_length=150, blank=True, help_text="The person's name at that time.")
    position = models.CharField(max_length=24, blank=True)
    share = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        db_table = "kpis_assignment_share"
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "user_id", "position"],
                nulls_distinct=False,
                name="assignment_share_one_each",
            ),
            models.CheckConstraint(
                condition=models.Q(share__gt=0, share__lte=100), name="assignment_share_in_percent"
            ),
        ]
