"""What happened since a reader last looked, as far as that reader may know of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Min

from alerts.models import FeedEntry
from tenants.permissions import Capability

#: The news that can be followed, and what a reader needs to be told of it.
NEEDED: Mapping[str, Capability] = {
    "alerts.deadline_near": Capability.HEALTH_READ,
    "alerts.health_warning_changed": Capability.HEALTH_READ,
    "alerts.transitioned": Capability.ALERT_READ,
    "alerts.work_changed": Capability.ALERT_READ,
    "connectors.attention_needed": Capability.CONNECTION_READ,
    "kpis.action_changed": Capability.ACTION_READ,
    "kpis.fallback_triggered": Capability.ACTION_READ,
    "kpis.hand_off_changed": Capability.ACTION_READ,
    "kpis.issue_opened": Capability.REVIEW_READ,
    "kpis.review_held": Capability.REVIEW_READ,
    "pricing.approval_due": Capability.PRICE_READ,
    "pricing.halted": Capability.PRICE_READ,
    "pricing.promotion_not_restored": Capability.PRICE_READ,
    "pricing.resumed": Capability.PRICE_READ,
    "pricing.suggested": Capability.PRICE_READ,
    "pricing.transitioned": Capability.PRICE_READ,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A piece of news."""

    id: int
    kind: str
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Extent:
    """The first and the last entry that are kept; 0 for none."""

    oldest: int
    latest: int


def kinds_for(held: Collection[Capability]) -> tuple[str, ...]:
    """Return the kinds of news that a holder of these capabilities is told of."""
    return tuple(sorted(kind for kind, needed in NEEDED.items() if needed in held))


def list_entries(after: int, *, kinds: Collection[str], limit: int) -> list[Entry]:
    """Return the first entries of these kinds behind one that was seen (0: from the oldest kept on)."""
    rows = FeedEntry.objects.filter(id__gt=after, kind__in=kinds).order_by("id")[:limit]
    return [Entry(*row) for row in rows.values_list("id", "kind", "at", "data")]


def get_extent() -> Extent:
    """Return what is kept of the current client's feed."""
    found = FeedEntry.objects.aggregate(oldest=Min("id"), latest=Max("id"))
    return Extent(found["oldest"] or 0, found["latest"] or 0)
