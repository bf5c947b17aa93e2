"""The log of deliveries: what went out to whom by which channel, and what was given up."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from alerts.models import Delivery
from config.lib.errors import NotFound

DELIVERY = (
    "id", "alert_id", "sequence", "notice", "severity", "store_id", "channel_id", "recipient_id", "language",
    "state", "attempts", "next_at", "batch", "reference", "answer", "error", "created_at", "sent_at",
    "replays",
)  # fmt: skip


def deliveries_query(
    *,
    alert_id: int | None = None,
    channel_id: int | None = None,
    recipient_id: int | None = None,
    state: str | None = None,
    error: str | None = None,
) -> QuerySet[Any, Any]:
    """Deliveries, for paging."""
    asked = {
        "alert_id": alert_id,
        "channel_id": channel_id,
        "recipient_id": recipient_id,
        "state": state,
        "error": error,
    }
    rows = Delivery.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    shown: QuerySet[Any, Any] = rows.values(*DELIVERY)
    return shown


def get_delivery(delivery_id: int) -> dict[str, Any]:
    """Return one delivery; `NotFound` if there is none of this id."""
    row = deliveries_query().filter(pk=delivery_id).first()
    if row is None:
        raise NotFound(f"there is no delivery {delivery_id}")
    return dict(row)
