"""Which runs there were, how far they are, and what they said of each listing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from config.lib.errors import NotFound
from connectors.facts.catalog import Listing
from pricing.models import ListingProfile, PricingRun, PricingRunEvent, PricingRunItem
from tenants.selectors.jobs import get_job
from tenants.types import FINISHED_STATES

Row = dict[str, Any]

RUN = (
    "id", "store_id", "trigger", "skus", "job_id", "requested_at", "requested_by", "started_at",
    "finished_at", "total", "suggested", "held", "blocked", "refused", "failed", "opened", "confirmed",
)  # fmt: skip
ITEM = (
    "id", "sku", "outcome", "headline", "reasons", "currency", "current_amount", "suggested_amount",
    "recommendation_id",
)  # fmt: skip
COUNTS = ("suggested", "held", "blocked", "refused", "failed")


class PricingRunState(StrEnum):
    """Where a run stands; it follows from its instants and its job."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    """Its job was given up or cancelled before the end; what it said so far stays."""


def runs_query(*, store_id: int | None = None, trigger: str | None = None) -> QuerySet[Any, Any]:
    """Runs, for paging; show each by `shown_run`."""
    asked = {"store_id": store_id, "trigger": trigger}
    rows: QuerySet[Any, Any] = PricingRun.objects.values(*RUN)
    return rows.filter(**{name: value for name, value in asked.items() if value is not None})


def get_run(run_id: int) -> Row:
    """Return one run with its state; `NotFound`."""
    row = PricingRun.objects.filter(pk=run_id).values(*RUN).first()
    if row is None:
        raise NotFound(f"There is no pricing run {run_id}.")
    return shown_run(row)


def shown_run(row: Mapping[str, Any]) -> Row:
    """A run's row with its state and how many listings are done."""
    return {**row, "state": _state(row).value, "done": sum(row[name] for name in COUNTS)}


def _state(row: Mapping[str, Any]) -> PricingRunState:
    if row["finished_at"] is not None:
        return PricingRunState.FINISHED
    if row["job_id"] is not None and get_job(row["job_id"]).state in FINISHED_STATES:
        return PricingRunState.INTERRUPTED
    return PricingRunState.WAITING if row["started_at"] is None else PricingRunState.RUNNING


def items_query(
    run_id: int, *, outcome: str | None = None, code: str | None = None, sku: str | None = None
) -> QuerySet[Any, Any]:
    """What a run said of its listings, for paging; `code` is that of a reason. `NotFound` for no run."""
    get_run(run_id)
    rows: QuerySet[Any, Any] = PricingRunItem.objects.filter(run_id=run_id).values(*ITEM)
    if outcome is not None:
        rows = rows.filter(outcome=outcome)
    if code is not None:
        rows = rows.filter(codes__contains=code)
    if sku is not None:
        rows = rows.filter(sku=sku)
    return rows


def list_events(run_id: int, *, after: int = 0, limit: int = 500) -> list[Row]:
    """Return the steps of a run behind the one numbered `after`, in order."""
    rows = PricingRunEvent.objects.filter(run_id=run_id, seq__gt=after).order_by("seq")
    return [dict(row) for row in rows.values("seq", "kind", "at", "data")[:limit]]


def list_listed_skus(store_id: int) -> list[str]:
    """Return the SKUs of a store's listings, in order."""
    return list(Listing.objects.filter(store_id=store_id).order_by("sku").values_list("sku", flat=True))


def skus_of_products(store_id: int, product_ids: Collection[str]) -> list[str]:
    """Return the SKUs under which products are listed in a store."""
    rows = Listing.objects.filter(store_id=store_id, product_id__in=list(product_ids))
    return list(rows.order_by("sku").values_list("sku", flat=True))


def relatives_of(store_id: int, families: Collection[str]) -> list[str]:
    """Return the SKUs of all members of families."""
    rows = ListingProfile.objects.filter(store_id=store_id, family__in=[each for each in families if each])
    return list(rows.order_by("sku").values_list("sku", flat=True))
