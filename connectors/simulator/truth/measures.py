"""The true sums behind the KPIs of one store and some shop days, counted in the world itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from connectors.simulator.truth.costs import Costs
from connectors.simulator.truth.observed import Observed
from connectors.simulator.world import World
from connectors.simulator.world.model import Line, Order, Store
from connectors.simulator.world.visits import ordered_by_day, store_share

# Amazon does not list what was posted in the last minutes; the product stays a little further back.
FINANCE_LAG = timedelta(minutes=3)
ORDER_KINDS = {
    "refund": "refunds",
    "referral_fee": "platform_fees_charged",
    "payment_fee": "platform_fees_charged",
    "fulfilment_fee": "fulfilment_fees_charged",
    "return_fee": "return_fees",
    "refund_fee": "return_fees",
}
DAY_KINDS = {
    "subscription_fee": "subscription_fees",
    "storage_fee": "storage_fees",
    "aged_storage_fee": "storage_fees",
}
Measures = dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class Window:
    """One store, the shop days `first` to `last` (both included), and the moment the figures are known at."""

    world: World
    store: Store
    first: date
    last: date
    at: datetime
    observed: Observed
    costs: Costs

    def has(self, day: date) -> bool:
        """Whether a shop day lies in the window."""
        return self.first <= day <= self.last

    @property
    def today(self) -> date:
        """The shop's present day."""
        return self.store.today(self.at)


def sales(window: Window) -> Measures:
    """Orders, units, sales, their cost, and what is still only estimated of their fees."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    charged = _charged_orders(window)
    orders = set()
    for order in window.store.orders:
        if not window.has(order.day) or order.ordered_at > window.at or order.is_replacement:
            continue
        for line in order.lines:
            status = order.line_status(line, window.at)
            price = line.gross - line.tax
            found["gmv_ordered"] += price
            if status == "Cancelled":
                continue
            orders.add(order.id)
            _live_line(window, order, line, price, found)
            if status == "Shipped":
                found["units_shipped"] += line.quantity
            if order.id not in charged:
                referral, fulfilment = _estimate(window, line)
                found["units_uncharged"] += line.quantity
                found["platform_fees_estimated"] += line.quantity * referral
                found["fulfilment_fees_estimated"] += line.quantity * fulfilment
    found["orders"] = Decimal(len(orders))
    return found


def _live_line(
    window: Window, order: Order, line: Line, price: Decimal, found: defaultdict[str, Decimal]
) -> None:
    landed, other = window.costs.unit(line.product.sku, order.day)
    found["units"] += line.quantity
    found["live_sales"] += price - line.discount_ex_tax - line.points
    found["cogs_sold"] += line.quantity * landed
    found["unit_costs_other"] += line.quantity * other


def _charged_orders(window: Window) -> set[str]:
    return {
        transaction.order_id
        for transaction in window.store.transactions
        if transaction.type == "Shipment" and transaction.posted_at <= window.at - FINANCE_LAG
    }


def _estimate(window: Window, line: Line) -> tuple[Decimal, Decimal]:
    """Referral and fulfilment fee as last estimated: as answered when asked, else as it would be now."""
    asked = [day for day, sku in window.observed.estimates if sku == line.product.sku]
    if asked:
        referral, fulfilment = window.observed.estimates[max(asked), line.product.sku].split("|")
        return Decimal(referral), Decimal(fulfilment)
    return window.world.estimated_fees(window.store, line.product, line.product.price, window.today)


def charges(window: Window) -> Measures:
    """Refunds and fees: those of an order on the order's day, the others on the day they were posted."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    day_of = {order.id: order.day for order in window.store.orders}
    for transaction in window.store.transactions:
        if transaction.posted_at > window.at - FINANCE_LAG:
            continue
        posted = window.store.today(transaction.posted_at)
        cohort = day_of.get(transaction.order_id, posted)
        for _, leaf in transaction.all_leaves():
            if leaf.kind in ORDER_KINDS and window.has(cohort):
                sign = 1 if leaf.kind == "refund" else -1
                found[ORDER_KINDS[leaf.kind]] += sign * leaf.amount
            elif leaf.kind in DAY_KINDS and window.has(posted):
                found[DAY_KINDS[leaf.kind]] -= leaf.amount
    return found


def returns(window: Window) -> Measures:
    """Units that came back, on the day their order was placed."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for back in window.store.returns:
        if back.returned_at <= window.at and window.has(back.order_day):
            found["units_returned"] += 1
            if back.disposition == "SELLABLE":
                found["cogs_returned"] += window.costs.unit(back.line.product.sku, back.order_day)[0]
    return found


def traffic(window: Window, delay_days: int) -> Measures:
    """Visits of the days reported by now; Buy Box shares as printed, to two decimals of a per cent."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    ordered = ordered_by_day(window.store)
    for day, rows in window.store.traffic.items():
        if window.has(day) and day <= window.today - timedelta(days=delay_days):
            views = sum(row.page_views for row in rows)
            found["sessions"] += sum(row.sessions for row in rows)
            found["page_views"] += views
            found["buy_box_views"] += store_share(rows) / 100 * views
            found["traffic_units"] += sum(units for units, _, _ in ordered[day].values())
    return found


def ads(window: Window) -> Measures:
    """Advertising of the days up to yesterday, with the sales of the week after each click known by now."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in window.store.ads:
        if not window.has(row.day) or row.day >= window.today:
            continue
        found["ad_spend"] += row.cost
        found["ad_clicks"] += row.clicks
        for lag, _, amount in row.purchases:
            if lag <= 7 and row.day + timedelta(days=lag) <= window.today:
                found["ad_sales"] += amount
    return found
