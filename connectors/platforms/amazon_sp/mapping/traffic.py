"""What a day of the sales and traffic report means (GET_SALES_AND_TRAFFIC_REPORT, JSON)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connectors.engine.protocol import StreamContext
from connectors.platforms.common.numbers import ZERO, json_count, json_decimal
from connectors.types import TrafficDayRecord

REPORT = "GET_SALES_AND_TRAFFIC_REPORT"
_PERCENT = Decimal(100)


def traffic_day(day: Mapping[str, Any], context: StreamContext, spoken_at: datetime) -> TrafficDayRecord:
    """Map a day of the whole store; percentages become fractions. `ValueError`/`KeyError` when it cannot."""
    sales, traffic = day["salesByDate"], day["trafficByDate"]
    ordered = sales.get("orderedProductSales") or {}
    share = traffic.get("buyBoxPercentage")
    return TrafficDayRecord(
        business_on=date.fromisoformat(day["date"]),
        product_id="",
        sku="",
        sessions=json_count(traffic["sessions"]),
        page_views=json_count(traffic["pageViews"]),
        buy_box_share=None if share is None else json_decimal(share) / _PERCENT,
        units_ordered=json_count(sales["unitsOrdered"]),
        orders=json_count(sales.get("totalOrderItems")),
        currency=str(ordered.get("currencyCode") or context.store.currency),
        ordered_sales_amount=json_decimal(ordered["amount"]) if ordered.get("amount") is not None else ZERO,
        source_updated_at=spoken_at,
    )
