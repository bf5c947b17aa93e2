"""What a row of the advertised-product report means: one product in one campaign on one day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connectors.platforms.common.numbers import ZERO, json_count, json_decimal
from connectors.types import AdDayRecord

COLUMNS = (
    "date", "campaignId", "adGroupId", "advertisedAsin", "advertisedSku", "impressions", "clicks", "cost",
    "sales7d", "sales14d", "purchases7d", "unitsSoldClicks7d", "campaignBudgetCurrencyCode",
)  # fmt: skip
AD_PRODUCT = "SPONSORED_PRODUCTS"


def ad_day(row: Mapping[str, Any], profile_id: str, currency: str, spoken_at: datetime) -> AdDayRecord:
    """Map a row; `ValueError`/`KeyError` says what is missing. Sales are attributed within 7/14 days."""
    return AdDayRecord(
        profile_id=profile_id,
        campaign_id=str(row["campaignId"]),
        ad_group_id=str(row["adGroupId"]),
        ad_product=AD_PRODUCT,
        sku=str(row.get("advertisedSku") or ""),
        product_id=str(row.get("advertisedAsin") or ""),
        business_on=date.fromisoformat(row["date"]),
        impressions=json_count(row.get("impressions")),
        clicks=json_count(row.get("clicks")),
        currency=str(row.get("campaignBudgetCurrencyCode") or currency),
        cost_amount=_amount(row["cost"]),
        sales_7d_amount=_amount(row.get("sales7d")),
        sales_14d_amount=_amount(row.get("sales14d")),
        orders_7d=json_count(row.get("purchases7d")),
        units_7d=json_count(row.get("unitsSoldClicks7d")),
        source_updated_at=spoken_at,
    )


def merged(records: Iterable[AdDayRecord]) -> tuple[AdDayRecord, ...]:
    """Add up rows that differ only in the ad: two ads may show the same product in the same ad group."""
    found: dict[tuple[object, ...], AdDayRecord] = {}
    for record in records:
        key = (record.business_on, record.campaign_id, record.ad_group_id, record.sku, record.product_id)
        known = found.get(key)
        found[key] = _sum(known, record) if known else record
    return tuple(found.values())


def _sum(one: AdDayRecord, other: AdDayRecord) -> AdDayRecord:
    return replace(
        one,
        impressions=one.impressions + other.impressions,
        clicks=one.clicks + other.clicks,
        cost_amount=one.cost_amount + other.cost_amount,
        sales_7d_amount=one.sales_7d_amount + other.sales_7d_amount,
        sales_14d_amount=one.sales_14d_amount + other.sales_14d_amount,
        orders_7d=one.orders_7d + other.orders_7d,
        units_7d=one.units_7d + other.units_7d,
    )


def _amount(value: Any) -> Decimal:
    return ZERO if value is None else json_decimal(value)
