"""The fact rows behind a number: which table, which day a row counts on, and what of it may be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from config.lib.calendars import Period
from config.lib.errors import FieldError, Invalid
from kpis.catalog.measures import MEASURES, SOURCES
from kpis.selectors.lines import instant
from kpis.selectors.scorecards import choose_stores
from kpis.selectors.series import get_kpi

Filter = Callable[[Period], Q]

# Never shown: how a row came here, and what stands for a person.
_HIDDEN = frozenset(
    {"run_id", "ingested_at", "buyer_hash", "rater", "attachment_sha256", "owner", "description", "title"}
)
_DAY_COLUMNS = ("business_on", "snapshot_on", "reported_on", "observed_on")
_COHORT_KINDS = ("refund", "referral_fee", "payment_fee", "fulfilment_fee", "return_fee", "refund_fee")
_POSTED_KINDS = ("subscription_fee", "storage_fee", "aged_storage_fee")


def _within(column: str) -> Filter:
    return lambda period: Q(**{f"{column}__range": (period.start, period.end)})


def _charges(period: Period) -> Q:
    """Charges of an order count on the order's day, the others (or of an unknown order) when posted."""
    days = (period.start, period.end)
    of_orders = Q(kind__in=_COHORT_KINDS)
    return (
        (of_orders & Q(cohort_on__range=days))
        | (of_orders & Q(cohort_on__isnull=True, business_on__range=days))
        | Q(kind__in=_POSTED_KINDS, business_on__range=days)
    )


# Sources whose rows are not simply those of a day column.
_FILTERS: Mapping[str, Filter] = {
    "charges": _charges,
    "returns": _within("cohort_on"),
    "traffic": lambda period: Q(product_id="") & _within("business_on")(period),
}


def find_rows(
    key: str, period: Period, store_ids: Sequence[int], *, source: str | None = None, sku: str | None = None
) -> QuerySet[Any, dict[str, Any]]:
    """Return the rows of one of the KPI's sources (the first unless told) of the period, as values.

    `Invalid` names the sources there are, or that the source has no SKUs.
    """
    sources = list_sources(key)
    chosen = source or sources[0]
    if chosen not in sources:
        told = f"{key} is made from {', '.join(sources)}"
        raise Invalid(told, errors=[FieldError("", told, "unknown_source", parameter="source")])
    model = _model(SOURCES[chosen].table)
    names = {field.name for field in model._meta.get_fields() if field.concrete}
    if sku is not None and "sku" not in names:
        told = f"the rows of {chosen} belong to no SKU"
        raise Invalid(told, errors=[FieldError("", told, "not_by_sku", parameter="sku")])
    stores = [store.id for store in choose_stores(store_ids)]
    day = next((column for column in _DAY_COLUMNS if column in names), None)
    chooses = _FILTERS.get(chosen) or _within(str(day))
    rows = model._default_manager.filter(chooses(period), store_id__in=stores)
    if sku is not None:
        rows = rows.filter(sku=sku)
    return rows.values(*sorted(names - _HIDDEN))


def list_sources(key: str) -> list[str]:
    """Return the sources of a KPI that are tables of facts, those with most of its measures first."""
    counted: dict[str, int] = {}
    for measure in sorted(get_kpi(key).measures):
        source = MEASURES[measure].source
        if SOURCES[source].table.startswith("fact_"):
            counted[source] = counted.get(source, 0) + 1
    if not counted:
        told = f"{key} is not made from rows of facts"
        raise Invalid(told, remedy="Its definition says what it is made from.")
    return sorted(counted, key=lambda source: (-counted[source], source))


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON: decimals as text, instants in UTC."""
    return {key: _plain(value) for key, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return instant(value)
    return value.isoformat() if isinstance(value, date) else value


def _model(table: str) -> type[Model]:
    """The model of a fact table; the roll-up reads the same one."""
    return next(model for model in apps.get_models() if model._meta.db_table == table)
