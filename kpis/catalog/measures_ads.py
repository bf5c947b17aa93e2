"""Measures of advertising, on the days of the ad profile."""

from __future__ import annotations

from connectors.types import Family
from kpis.catalog.measures_evidence import evidence
from kpis.engine.measures import FactSource, Measure, OverDays
from kpis.types import Basis, Unit

ADS = FactSource(
    key="ads",
    table="fact_ad_day",
    families=frozenset({Family.ADS}),
    rows="""
  select a.store_id, a.business_on, a.currency, a.sku, a.cost_amount, a.sales_7d_amount, a.clicks,
         a.impressions, a.orders_7d
  from day d join fact_ad_day a using (store_id, business_on)
  where a.store_id = any(%(store_set)s) and a.business_on = any(%(day_set)s)""",
)

AD_MEASURES = (
    Measure(
        key="ad_spend",
        source="ads",
        unit=Unit.MONEY,
        basis=Basis.CLICK,
        expression="sum(cost_amount * rate)",
        meaning="Cost of clicks",
    ),
    Measure(
        key="ad_sales",
        source="ads",
        unit=Unit.MONEY,
        basis=Basis.CLICK,
        expression="sum(sales_7d_amount * rate)",
        meaning="Sales attributed within 7 days of the click, on the click's day",
    ),
    Measure(
        key="ad_clicks",
        source="ads",
        unit=Unit.COUNT,
        basis=Basis.CLICK,
        expression="sum(clicks)",
        meaning="Clicks paid for",
    ),
    Measure(
        key="ad_impressions",
        source="ads",
        unit=Unit.COUNT,
        basis=Basis.CLICK,
        expression="sum(impressions)",
        meaning="Times an advertisement was shown",
    ),
    Measure(
        key="ad_orders",
        source="ads",
        unit=Unit.COUNT,
        basis=Basis.CLICK,
        expression="sum(orders_7d)",
        meaning="Orders attributed within 7 days of the click, on the click's day",
    ),
    *evidence(
        "budget_pacing",
        "Advertising money spent so far in the budget's period",
        "The budget times the share of its period that has passed",
        OverDays.LAST,
        Basis.CLICK,
    ),
    *evidence(
        "invalid_click_ratio",
        "Clicks in hours that stand out (z > 4) and convert under 20 % of the usual",
        "Clicks that were checked",
        basis=Basis.CLICK,
    ),
)
