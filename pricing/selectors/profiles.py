"""What was stated of listings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from config.lib.errors import NotFound
from pricing.engine.terms import Component, Profile
from pricing.models import ListingProfile
from pricing.types import Objective, Tier

# Fields whose name in the value differs from the column's.
RENAMED: Mapping[str, str] = {
    "ads_cost_per_click_amount": "ads_cost_per_click",
    "return_admin_cap_amount": "return_admin_cap",
    "return_processing_amount": "return_processing",
    "lowest_amount": "lowest",
    "highest_amount": "highest",
    "advertised_amount": "advertised",
}
_KEPT_APART = frozenset({"id", "store_id", "updated_at", "updated_by"})
COLUMNS: tuple[str, ...] = tuple(
    each.attname for each in ListingProfile._meta.concrete_fields if each.attname not in _KEPT_APART
)


def profiles_query(
    store_id: int, *, tier: str | None = None, family: str | None = None, sku: str | None = None
) -> QuerySet[Any, Any]:
    """The profiles of a store, for paging."""
    asked = {"tier": tier, "family": family, "sku": sku}
    rows = ListingProfile.objects.filter(
        store_id=store_id, **{name: value for name, value in asked.items() if value is not None}
    )
    shown: QuerySet[Any, Any] = rows.values("id", "updated_at", "updated_by", *COLUMNS)
    return shown


def get_profile_row(store_id: int, sku: str) -> dict[str, Any]:
    """One profile with its version; `NotFound` where nothing was stated of the listing."""
    row = profiles_query(store_id, sku=sku).first()
    if row is None:
        raise NotFound(
            f"nothing is stated of {sku!r} in store {store_id}", remedy="State it by PUT with If-Match 0."
        )
    return dict(row)


def profiles_of(store_id: int, skus: Collection[str] | None = None) -> dict[str, Profile]:
    """What was stated of these SKUs (None: all of the store), by SKU; one query."""
    rows = ListingProfile.objects.filter(store_id=store_id)
    if skus is not None:
        rows = rows.filter(sku__in=list(skus))
    return {row["sku"]: to_profile(row) for row in rows.values(*COLUMNS)}


def to_profile(row: Mapping[str, Any]) -> Profile:
    """The value of a row."""
    values = {RENAMED.get(name, name): row[name] for name in COLUMNS}
    values["tier"] = Tier(values["tier"])
    values["objective"] = Objective(values["objective"])
    values["payment_mix"] = {name: Decimal(share) for name, share in values["payment_mix"].items()}
    values["components"] = tuple(
        Component(each["sku"], int(each["quantity"])) for each in values["components"]
    )
    return Profile(**values)
