"""Which process KPIs drive an outcome KPI: who is judged by the outcome needs one of them to act on (K16).

From the trees of the domain reference (§4): margin, sales, ACoS, ODR, delivery, turnover, returns, cash.
"""

from __future__ import annotations

from collections.abc import Mapping

_MARGIN = frozenset(
    {
        "landed_cost_ratio",
        "platform_fee_rate",
        "fulfilment_cost_rate",
        "storage_cost_rate",
        "return_cost_rate",
        "return_rate",
        "effective_duty_rate",
        "loss_sku_rate",
        "asp",
    }
)
_ADS = frozenset({"cpc", "ctr", "ad_cvr", "wasted_spend_rate", "budget_pacing"})
_SHIPPING = frozenset(
    {"handling_time", "ship_24h_rate", "late_shipment_rate", "last_mile_days", "first_leg_days", "vtr"}
)
_SALES = frozenset(
    {"sessions", "conversion_rate", "conversion_rate_dtc", "aov", "buy_box_pct", "in_stock_rate"}
)

PROCESS_OF: Mapping[str, frozenset[str]] = {
    "gross_margin_pct": _MARGIN,
    "cm3_pct": _MARGIN | {"tacos", "acos"},
    "net_margin_pct": _MARGIN | {"tacos", "acos", "fx_loss_rate"},
    "roi": _MARGIN | {"acos", "tacos"},
    "unit_profit": _MARGIN,
    "gmv_ordered": _SALES,
    "net_sales": _SALES | {"refund_amount_rate"},
    "wow_growth": _SALES,
    "mom_growth": _SALES,
    "conversion_rate": frozenset(
        {
            "buy_box_pct",
            "review_score",
            "price_competitiveness_index",
            "stockout_rate",
            "in_stock_rate",
            "sessions",
            "negative_review_rate",
        }
    ),
    "conversion_rate_dtc": frozenset({"add_to_cart_rate", "cart_abandonment", "review_score", "sessions"}),
    "acos": _ADS | {"conversion_rate"},
    "tacos": _ADS | {"acos", "ad_sales_share"},
    "roas": _ADS,
    "mer": _ADS | {"cac", "conversion_rate_dtc"},
    "ltv_cac": frozenset({"cac", "repeat_rate", "aov"}),
    "repeat_rate": frozenset({"csat", "nps", "first_response_hours", "return_rate", "review_score"}),
    "odr": frozenset(
        {"negative_review_rate", "claims_rate", "late_shipment_rate", "seller_feedback_score", "return_rate"}
    ),
    "claims_rate": _SHIPPING | {"first_response_hours", "return_rate"},
    "otdr": _SHIPPING,
    "rakuten_on_time_rate": _SHIPPING,
    "yahoo_late_ship_rate": _SHIPPING,
    "walmart_standards_met": _SHIPPING | {"response_sla_rate", "pre_fulfilment_cancel_rate"},
    "meli_level": frozenset({"claims_rate", "meli_delayed_handling_rate", "meli_cancellation_rate"}),
    "inventory_turnover_days": frozenset(
        {"stockout_rate", "forecast_mape", "aged_90_share", "slow_mover_rate", "days_of_cover"}
    ),
    "return_rate": frozenset(
        {"review_score", "negative_review_new", "negative_review_rate", "refund_seller_fault_rate"}
    ),
    "review_score": frozenset(
        {"negative_review_new", "negative_review_rate", "return_rate", "first_response_hours"}
    ),
    "cash_conversion_cycle": frozenset({"inventory_turnover_days", "cash_collection_days"}),
    "clearance_cash_rate": frozenset({"aged_90_share", "aged_180_share", "sell_through_90"}),
}
