"""Which channels there are, and whether a rule would reach anybody."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from alerts.models import Channel, NoticePreference
from alerts.selectors.recipients import list_ways
from alerts.types import RuleView
from config.lib.errors import NotFound

CHANNEL = (
    "id", "kind", "name", "user_id", "config", "former_until", "language", "min_severity", "store_ids",
    "state", "state_reason", "failures", "verified_at", "version", "created_at", "created_by",
)  # fmt: skip


def reachable_recipients(rule: RuleView) -> int:
    """Return how many ways a notice of this rule would go out by now: 0 means that nobody would hear of it.

    Of the rule's stores that one counts which reaches the fewest. A required rule needs at least one (L10).
    """
    stores: tuple[int | None, ...] = rule.store_ids or (None,)
    return min(len(list_ways(store_id=store, severity=rule.severity, owner=rule.owner)) for store in stores)


def channels_query(
    *, kind: str | None = None, state: str | None = None, user_id: int | None = None
) -> QuerySet[Any, Any]:
    """Channels that were not deleted, for paging; nothing of them is secret."""
    asked = {"kind": kind, "state": state, "user_id": user_id}
    rows = Channel.objects.filter(
        deleted_at__isnull=True, **{name: value for name, value in asked.items() if value is not None}
    )
    shown: QuerySet[Any, Any] = rows.values(*CHANNEL)
    return shown


def get_channel(channel_id: int) -> dict[str, Any]:
    """Return one channel without its secrets; `NotFound` if there is none, or it was deleted."""
    row = channels_query().filter(pk=channel_id).first()
    if row is None:
        raise NotFound(f"there is no channel {channel_id}")
    return dict(row)


def get_preference(user_id: int) -> dict[str, Any]:
    """Return how a person is told; what holds without any wish of theirs has version 0."""
    columns = ("user_id", "by_mail", "channel_ids", "language", "min_severity", "version", "updated_at")
    row = NoticePreference.objects.filter(user_id=user_id).values(*columns).first()
    if row is not None:
        return dict(row)
    return {
        "user_id": user_id,
        "by_mail": True,
        "channel_ids": [],
        "language": "",
        "min_severity": "info",
        "version": 0,
        "updated_at": None,
    }
