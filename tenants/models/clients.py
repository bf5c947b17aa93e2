"""The clients of the agency: one row, one PostgreSQL schema, one database role, one data key."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django_tenants.models import DomainMixin, TenantMixin

from tenants.types import ClientState

SLUG = RegexValidator(
    r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$", "3 to 40 small letters, digits and hyphens, a letter first."
)


class Client(TenantMixin):  # type: ignore[misc]
    """A client company. Its schema exists exactly while `state` is active, suspended or closing."""

    auto_create_schema: ClassVar[bool] = False
    auto_drop_schema: ClassVar[bool] = False

    slug = models.CharField(max_length=40, unique=True, validators=[SLUG])
    name = models.CharField(max_length=200)
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in ClientState], default=ClientState.PREPARING
    )
    reporting_currency = models.CharField(max_length=3, default="USD")
    time_zone = models.CharField(max_length=64, default="Asia/Shanghai")
    locale = models.CharField(max_length=10, default="zh-Hans")
    week_start = models.SmallIntegerField(
        default=1, help_text="ISO weekday on which a week starts; 1 is Monday."
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(week_start__range=(1, 7)), name="client_week_start_iso"
            ),
        ]


class Domain(DomainMixin):  # type: ignore[misc]
    """Required by django-tenants' settings; clients are named in the path, so the table stays empty."""
