"""The registers: sellers who are no rivals, and sources that may be used."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from config.lib.errors import NotFound
from pricing.models import PermittedSource, SisterSeller

SISTER_COLUMNS = (
    *("id", "seller_id", "platform", "relation", "note", "is_active", "version"),
    *("recorded_at", "recorded_by"),
)
SOURCE_COLUMNS = (
    *("id", "key", "market", "title", "basis", "reference", "allowed_on", "is_active", "version"),
    *("recorded_at", "recorded_by"),
)


def sisters_query(*, is_active: bool | None = None) -> QuerySet[Any, Any]:
    """The registered sellers, for paging."""
    rows: QuerySet[Any, Any] = SisterSeller.objects.values(*SISTER_COLUMNS)
    return rows if is_active is None else rows.filter(is_active=is_active)


def get_sister(sister_id: int) -> dict[str, Any]:
    """One registered seller; `NotFound` if there is none of this id."""
    row = sisters_query().filter(pk=sister_id).first()
    if row is None:
        raise NotFound(f"there is no sister seller {sister_id}")
    return dict(row)


def sources_query(*, is_active: bool | None = None) -> QuerySet[Any, Any]:
    """The permitted sources, for paging."""
    rows: QuerySet[Any, Any] = PermittedSource.objects.values(*SOURCE_COLUMNS)
    return rows if is_active is None else rows.filter(is_active=is_active)


def get_source(source_id: int) -> dict[str, Any]:
    """One permitted source; `NotFound` if there is none of this id."""
    row = sources_query().filter(pk=source_id).first()
    if row is None:
        raise NotFound(f"there is no permitted source {source_id}")
    return dict(row)
