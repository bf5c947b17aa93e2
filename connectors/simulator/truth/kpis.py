"""The true KPIs: formulas over the true sums."""

from __future__ import annotations

from decimal import Decimal

from connectors.simulator.truth.measures import Measures

Values = dict[str, Decimal | None]
ZERO = Decimal(0)


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole if whole else None


def margin_lines(sums: Measures) -> Measures:
    """The lines of the margin, each named as in the KPI reference; fees are positive."""
    get = sums.get
    net_sales = get("live_sales", ZERO) + get("refunds", ZERO)
    cogs = get("cogs_sold", ZERO) - get("cogs_returned", ZERO)
    platform = (
        get("platform_fees_charged", ZERO)
        + get("platform_fees_estimated", ZERO)
        + get("subscription_fees", ZERO)
    )
    fulfilment = get("fulfilment_fees_charged", ZERO) + get("fulfilment_fees_estimated", ZERO)
    storage, back = get("storage_fees", ZERO), get("return_fees", ZERO)
    cm2 = net_sales - cogs - platform - fulfilment - storage - back - get("unit_costs_other", ZERO)
    return {
        "net_sales": net_sales,
        "cogs": cogs,
        "platform_fees": platform,
        "fulfilment_fees": fulfilment,
        "storage_fees": storage,
        "return_fees": back,
        "unit_costs_other": get("unit_costs_other", ZERO),
        "cm2": cm2,
        "ad_spend": get("ad_spend", ZERO),
        "cm3": cm2 - get("ad_spend", ZERO),
    }


def kpis(sums: Measures, days: int) -> Values:
    """Every KPI of the first set, unrounded; None where its denominator is zero or nothing is known."""
    lines = margin_lines(sums)
    net_sales, cogs, spend = lines["net_sales"], lines["cogs"], lines["ad_spend"]
    units, orders = sums.get("units", ZERO), sums.get("orders", ZERO)
    cash = cogs + lines["platform_fees"] + lines["fulfilment_fees"] + spend
    return {
        "gmv_ordered": sums.get("gmv_ordered", ZERO),
        "net_sales": net_sales,
        "units": units,
        "orders": orders,
        "aov": _ratio(net_sales, orders),
        "asp": _ratio(net_sales, units),
        "gross_margin_pct": _ratio(lines["cm2"], net_sales),
        "roi": _ratio(lines["cm3"], cash),
        **_rates(sums, net_sales, spend),
        **_levels(sums, cogs, days),
    }


def _rates(sums: Measures, net_sales: Decimal, spend: Decimal) -> Values:
    get = sums.get
    return {
        "sessions": get("sessions", ZERO),
        "conversion_rate": _ratio(get("traffic_units", ZERO), get("sessions", ZERO)),
        "buy_box_pct": _ratio(get("buy_box_views", ZERO), get("page_views", ZERO)),
        "ad_spend": spend,
        "acos": _ratio(spend, get("ad_sales", ZERO)),
        "roas": _ratio(get("ad_sales", ZERO), spend),
        "tacos": _ratio(spend, net_sales),
        "return_rate": _ratio(get("units_returned", ZERO), get("units_shipped", ZERO)),
        "seller_feedback_score": _ratio(get("feedback_stars", ZERO), get("feedback_count", ZERO)),
    }


def _levels(sums: Measures, cogs: Decimal, days: int) -> Values:
    get = sums.get
    mean_log = _ratio(get("price_log_sum", ZERO), get("price_comparisons", ZERO))
    change = _ratio(get("fx_level", ZERO), get("fx_level_before", ZERO))
    return {
        "stockout_rate": _ratio(get("stockout_sku_days", ZERO), get("sku_days", ZERO)),
        "inventory_turnover_days": _ratio(get("inventory_cost", ZERO) * days, cogs),
        "aged_90_share": _ratio(get("aged_90_cost", ZERO), get("aged_stock_cost", ZERO)),
        "aged_180_share": _ratio(get("aged_180_units", ZERO), get("aged_stock_units", ZERO)),
        "odr": get("odr"),
        "late_shipment_rate": get("late_shipment_rate"),
        "price_competitiveness_index": mean_log.exp() if mean_log is not None else None,
        "fx_change_pct": change - 1 if change is not None else None,
    }
