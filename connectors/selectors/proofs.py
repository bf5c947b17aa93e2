"""What people recorded and what is about to expire: checks and their samples, events, certificates."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from config.lib import clock
from config.lib.errors import NotFound
from connectors.engine.evidence import METRICS, Population, draw_sample
from connectors.facts.happenings import Event
from connectors.facts.orders import OrderLine
from connectors.facts.proofs import Evidence
from connectors.models import Product
from connectors.selectors.skus import list_skus
from connectors.selectors.stores import get_store

_ORDER_DAYS = timedelta(days=30)
# Of each paper its newest word counts; a later register that names it again supersedes an earlier one.
_REGISTERS = """
SELECT DISTINCT ON (store_id, certificate_key) id, store_id, certificate_key, sku, kind, reported_on,
  is_required, issued_on, expires_on, registration_no
FROM fact_certificate
WHERE (%(store)s::bigint IS NULL OR store_id = %(store)s)
ORDER BY store_id, certificate_key, reported_on DESC, id DESC
"""


def evidence_query(
    *, store_id: int | None, metric: str | None, first: date | None, last: date | None
) -> QuerySet[Any, Any]:
    """Recorded checks, for paging."""
    rows: QuerySet[Any, Any] = Evidence.objects.values(
        *("id", "store_id", "metric", "subject", "observed_on", "numerator", "denominator", "rater"),
        *("attachment_sha256", "expires_on"),
    )
    given = {
        "store_id": store_id,
        "metric": metric,
        "observed_on__gte": first,
        "observed_on__lte": last,
    }
    return rows.filter(**{name: value for name, value in given.items() if value is not None})


def get_evidence(*, store_id: int, metric: str, subject: str, observed_on: date) -> dict[str, Any]:
    """One check by what it is of; `NotFound` if there is none."""
    rows = evidence_query(store_id=store_id, metric=metric, first=observed_on, last=observed_on)
    row = rows.filter(subject=subject).first()
    if row is None:
        raise NotFound(f"there is no check {metric!r} of {observed_on}")
    return dict(row)


def get_event(*, store_id: int, event_key: str) -> dict[str, Any]:
    """One event; `NotFound` if the store has none of this key."""
    rows = events_query(store_id=store_id, sku=None, kind=None, first=None, last=None)
    row = rows.filter(event_key=event_key).first()
    if row is None:
        raise NotFound(f"store {store_id} has no event {event_key!r}")
    return dict(row)


def events_query(
    *, store_id: int | None, sku: str | None, kind: str | None, first: date | None, last: date | None
) -> QuerySet[Any, Any]:
    """Events, for paging. With a `sku` those of its whole store are there too."""
    rows: QuerySet[Any, Any] = Event.objects.values(
        "id", "store_id", "event_key", "kind", "sku", "business_on", "occurred_at", "ended_at", "title"
    )
    if sku is not None:
        rows = rows.filter(sku__in=["", sku])
    given = {"store_id": store_id, "kind": kind, "business_on__gte": first, "business_on__lte": last}
    return rows.filter(**{name: value for name, value in given.items() if value is not None})


def list_events(
    *, store_ids: Collection[int], first: date, last: date, sku: str | None = None
) -> list[dict[str, Any]]:
    """The events of these stores that overlap the days, oldest first: what a chart or attribution shows."""
    rows = events_query(store_id=None, sku=sku, kind=None, first=None, last=last)
    found = rows.filter(store_id__in=list(store_ids)).order_by("occurred_at", "id")
    return [dict(row) for row in found if _reaches(row["business_on"], row["ended_at"], first)]


def list_registers(
    *, store_id: int | None = None, kind: str | None = None, expiring_within: int | None = None
) -> list[dict[str, Any]]:
    """The newest word on every certificate and registration, those that expire first in front.

    `status` is valid, expiring (within `expiring_within` days, 60 unless told), expired, or missing (needed
    and never issued). With `expiring_within` only those that are not simply valid are listed.
    """
    today, horizon = clock.now().date(), 60 if expiring_within is None else expiring_within
    with connection.cursor() as cursor:
        cursor.execute(_REGISTERS, {"store": store_id})
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        row["status"] = _status(row, today, horizon)
    chosen = [
        row
        for row in rows
        if (kind is None or row["kind"] == kind)
        and (expiring_within is None or row["status"] in ("expiring", "expired", "missing"))
    ]
    return sorted(
        chosen, key=lambda row: (row["expires_on"] or date.max, row["store_id"], row["certificate_key"])
    )


def draw_evidence_sample(*, store_id: int, metric: str, size: int, seed: str) -> list[str]:
    """Draw what a check shall look at: SKUs that are listed or sold, or orders of the last 30 days.

    Deterministic by `seed`; `NotFound` for a check that is not made on a sample.
    """
    known = METRICS.get(metric)
    if known is None or known.population is Population.NONE:
        raise NotFound(f"{metric!r} is not checked on a sample")
    store = get_store(store_id)
    if known.population is Population.ORDERS:
        since = clock.today(store.time_zone) - _ORDER_DAYS
        population = list(
            OrderLine.objects.filter(store_id=store_id, business_on__gte=since)
            .values_list("platform_order_id", flat=True)
            .distinct()
        )
    else:
        population = list(list_skus(store_id)) or list(Product.objects.values_list("sku", flat=True))
    return draw_sample(population, size, seed=f"{store_id}|{metric}|{seed}")


def _status(row: dict[str, Any], today: date, horizon: int) -> str:
    if row["issued_on"] is None and row["expires_on"] is None:
        return "missing" if row["is_required"] else "not_needed"
    if row["expires_on"] is None:
        return "valid"
    if row["expires_on"] < today:
        return "expired"
    return "expiring" if row["expires_on"] <= today + timedelta(days=horizon) else "valid"


def _reaches(business_on: date, ended_at: datetime | None, first: date) -> bool:
    return business_on >= first or (ended_at is not None and ended_at.date() >= first)
