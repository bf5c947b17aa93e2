"""Which reports can be asked for, and what each of them demands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connectors.simulator.http.reports import health, listings, orders, returns, settlement, stock, traffic
from connectors.simulator.http.reports.document import Ask, Document


@dataclass(frozen=True, slots=True)
class Kind:
    """A report type: how it is built, whether a window is needed, and how many days that may span."""

    build: Callable[[Ask], Document]
    needs_window: bool
    longest_days: int = 31


KINDS = {
    orders.TYPE: Kind(orders.build, True),
    "GET_LEDGER_SUMMARY_VIEW_DATA": Kind(stock.build_ledger, True, 548),
    "GET_FBA_INVENTORY_PLANNING_DATA": Kind(stock.build_planning, False),
    "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA": Kind(returns.build_returns, True, 60),
    "GET_SELLER_FEEDBACK_DATA": Kind(returns.build_feedback, True, 365),
    "GET_MERCHANT_LISTINGS_ALL_DATA": Kind(listings.build, False),
    traffic.TYPE: Kind(traffic.build, True, 731),
    "GET_V2_SELLER_PERFORMANCE_REPORT": Kind(health.build, False),
}
# Made by Amazon on its own schedule: they may be listed and read, not asked for.
SCHEDULED = settlement.TYPE
