"""The rules that every client should have: a sensible start, installed once and then the client's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.types import Policy, Severity
from config.lib.errors import gettext_noop
from kpis.types import Position

_STANDARD = Policy()


@dataclass(frozen=True, slots=True)
class DefaultRule:
    """A rule of the library; it is for all stores. What is required must reach somebody (L10)."""

    key: str
    detector: str
    title: str
    owner: Position
    severity: Severity
    parameters: Mapping[str, Any] = field(default_factory=dict)
    policy: Policy = _STANDARD
    is_required: bool = False


_TWICE = Policy(breaches=2, of_checks=3, clear_checks=2)

LIBRARY: tuple[DefaultRule, ...] = (
    DefaultRule(
        "connection-lost",
        "credential_expiry",
        gettext_noop("A connection needs attention"),
        Position.ACCOUNT_MANAGER,
        Severity.CRITICAL,
        is_required=True,
    ),
    DefaultRule(
        "data-late",
        "stale_data",
        gettext_noop("Data are late"),
        Position.ACCOUNT_MANAGER,
        Severity.WARNING,
        {"grace_hours": 2},
        is_required=True,
    ),
    DefaultRule(
        "account-performance",
        "account_performance",
        gettext_noop("Account performance near or beyond a limit"),
        Position.COMPLIANCE,
        Severity.WARNING,
        is_required=True,
    ),
    DefaultRule(
        "bad-reviews",
        "bad_reviews",
        gettext_noop("More than two bad reviews in a week"),
        Position.CUSTOMER_SERVICE,
        Severity.WARNING,
    ),
    DefaultRule(
        "stock-out-rate",
        "kpi_threshold",
        gettext_noop("More than 5 % of the SKUs are out of stock"),
        Position.WAREHOUSE,
        Severity.WARNING,
        {"kpi": "stockout_rate", "against": "absolute", "limit": "0.05", "clear_limit": "0.04"},
    ),
    DefaultRule(
        "out-of-stock",
        "stock_zero",
        gettext_noop("A SKU that sells is out of stock"),
        Position.WAREHOUSE,
        Severity.CRITICAL,
    ),
    DefaultRule(
        "stock-runs-out",
        "stock_out_forecast",
        gettext_noop("Stock will run out before new goods arrive"),
        Position.WAREHOUSE,
        Severity.WARNING,
    ),
    DefaultRule(
        "too-much-stock",
        "over_stock",
        gettext_noop("Stock lasts far too long"),
        Position.WAREHOUSE,
        Severity.INFO,
        policy=Policy(repeat_hours=168),
    ),
    DefaultRule(
        "price-fell",
        "price_drop",
        gettext_noop("Our price fell suddenly"),
        Position.LISTING_OPERATOR,
        Severity.CRITICAL,
    ),
    DefaultRule(
        "price-off-its-level",
        "price_deviation",
        gettext_noop("Our price is 5 % off its usual level"),
        Position.LISTING_OPERATOR,
        Severity.INFO,
    ),
    DefaultRule(
        "below-floor",
        "below_floor",
        gettext_noop("A price is below its floor"),
        Position.LISTING_OPERATOR,
        Severity.CRITICAL,
    ),
    DefaultRule(
        "promotion-not-restored",
        "promotion_not_restored",
        gettext_noop("A price is not restored after its promotion"),
        Position.LISTING_OPERATOR,
        Severity.CRITICAL,
    ),
    DefaultRule(
        "abnormal-clicks",
        "abnormal_clicks",
        gettext_noop("Advertising clicks surge without orders"),
        Position.ADS_OPERATOR,
        Severity.WARNING,
    ),
    DefaultRule(
        "sales-fell",
        "kpi_change",
        gettext_noop("Ordered sales fell by 30 % against the week before"),
        Position.ACCOUNT_MANAGER,
        Severity.WARNING,
        {"kpi": "gmv_ordered", "share": "0.3", "clear_share": "0.2", "move": "fall"},
        _TWICE,
    ),
    DefaultRule(
        "margin-fell",
        "kpi_change",
        gettext_noop("The margin fell by 15 % against the week before"),
        Position.FINANCE,
        Severity.WARNING,
        {"kpi": "gross_margin_pct", "share": "0.15", "clear_share": "0.1", "move": "fall"},
        _TWICE,
    ),
    DefaultRule(
        "unusual-orders",
        "anomaly",
        gettext_noop("A day's orders are unusual"),
        Position.ACCOUNT_MANAGER,
        Severity.INFO,
        {"kpi": "orders", "least_share": "0.3"},
    ),
    DefaultRule(
        "conversion-below-target",
        "kpi_threshold",
        gettext_noop("Conversion is beyond its warning level"),
        Position.LISTING_OPERATOR,
        Severity.INFO,
        {"kpi": "conversion_rate", "against": "warning", "clear_limit": "0"},
    ),
    DefaultRule(
        "ad-cost-beyond-target",
        "kpi_threshold",
        gettext_noop("Advertising cost of sales is beyond its target"),
        Position.ADS_OPERATOR,
        Severity.WARNING,
        {"kpi": "acos", "against": "target", "limit": "0.1", "clear_limit": "0"},
    ),
    DefaultRule(
        "exchange-rate",
        "fx_move",
        gettext_noop("An exchange rate moved by 3 % in a week"),
        Position.FINANCE,
        Severity.WARNING,
    ),
    DefaultRule(
        "fees-change",
        "fee_change",
        gettext_noop("Fees change, or are charged otherwise than stated"),
        Position.FINANCE,
        Severity.WARNING,
        policy=Policy(repeat_hours=168),
    ),
    DefaultRule(
        "policy-changes",
        "policy_change",
        gettext_noop("A platform's demand is new or comes soon"),
        Position.COMPLIANCE,
        Severity.INFO,
        policy=Policy(repeat_hours=168),
    ),
    DefaultRule(
        "logistics-late",
        "logistics_chain",
        gettext_noop("A leg of the logistics is late too often"),
        Position.WAREHOUSE,
        Severity.WARNING,
    ),
)
