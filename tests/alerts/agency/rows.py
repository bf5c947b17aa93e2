"""Alerts, suggested prices and decisions as rows, where a test is not about how they came to be."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from alerts.models import Alert
from pricing.models import ApprovalDecision, Recommendation


def fired(at: datetime, *, severity: str = "warning", state: str = "firing", **columns: Any) -> Alert:
    """An alert that fired at an instant."""
    number = Alert.objects.count() + 1
    return Alert.objects.create(
        **{
            "fingerprint": f"{number:064}",
            "rule_id": 1,
            "rule_key": "rule",
            "rule_version": 1,
            "rule_title": "A rule",
            "detector": "kpi_threshold",
            "policy": {},
            "subject": "kpi:acos",
            "state": state,
            "severity": severity,
            "opened_at": at,
            "fired_at": at,
            "checked_at": at,
            **columns,
        }
    )


def suggested(at: datetime, *, state: str = "open", **columns: Any) -> Recommendation:
    """A price that was suggested at an instant."""
    number = Recommendation.objects.count() + 1
    return Recommendation.objects.create(
        **{
            "store_id": 1,
            "sku": f"SKU{number}",
            "market": "US",
            "currency": "USD",
            "kind": "regular",
            "state": state,
            "suggested_amount": Decimal(10),
            "floor_amount": Decimal(8),
            "expected_contribution_amount": Decimal(2),
            "expected_margin": Decimal("0.2"),
            "confidence": Decimal("0.9"),
            "reasons": [],
            "trace": [],
            "inputs": {},
            "inputs_sha256": "0" * 64,
            "opened_at": at,
            "expires_at": at + timedelta(days=7),
            **columns,
        }
    )


def answered(row: Recommendation, at: datetime, *, verdict: str = "approved", role: str = "operator") -> None:
    """Somebody's word on a suggested price."""
    ApprovalDecision.objects.create(
        recommendation_id=row.pk, level="operator", verdict=verdict, actor="Ana", role=role, at=at
    )
