"""A small random world of facts: every kind of row the roll-up reads, with the cases that break naive sums.

Cancelled and replacement lines, orders without a charge yet, charges whose order is unknown, returns that
cannot be sold again, SKUs without cost, cost sheets in several currencies, markets and versions, inactive
listings, traffic per product, advertising billed in another currency, several observations of an offer a day.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zlib import crc32

from connectors import models as c
from connectors.types import Family
from tenants.context import use_public
from tenants.models import FXRate
from tests.kpis.world_costs import SKUS, cents, make_costs
from tests.kpis.world_operations import make_operations
from tests.kpis.world_reach import Reach, provenance

FIRST, LAST = date(2026, 7, 13), date(2026, 8, 9)
PER_EUR = {"USD": "1.17", "JPY": "172.4", "MXN": "21.9", "CNY": "8.35"}
MARKETS = {
    "US": ("USD", "America/Los_Angeles", 1),
    "JP": ("JPY", "Asia/Tokyo", 150),
    "MX": ("MXN", "America/Mexico_City", 18),
}


@dataclass(frozen=True, slots=True)
class World:
    """The stores of a made world by market."""

    stores: dict[str, int]


def days(first: date = FIRST, last: date = LAST) -> list[date]:
    """Every day of the world."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def at(day: date, hour: int = 12) -> datetime:
    """An instant on a day."""
    return datetime.combine(day, time(hour), tzinfo=UTC)


def make_rates(first: date = FIRST - timedelta(days=10), last: date = LAST) -> None:
    """Reference rates that move a little every working day; none at weekends."""
    rows = [
        FXRate(currency=currency, rate_on=day, per_eur=Decimal(rate) * (1000 + n % 23) / 1000)
        for n, day in enumerate(days(first, last))
        if day.isoweekday() < 6
        for currency, rate in PER_EUR.items()
    ]
    with use_public():
        FXRate.objects.bulk_create(rows)


def make_store(market: str) -> int:
    """A connected store of a market."""
    currency, time_zone, _ = MARKETS[market]
    connection = c.StoreConnection.objects.create(
        platform="amazon_sp", name=market, account={"seller_id": "A1"}
    )
    return c.Store.objects.create(
        connection=connection,
        platform="amazon_sp",
        market=market,
        marketplace_id=f"M{market}",
        name=f"Shop {market}",
        currency=currency,
        time_zone=time_zone,
    ).pk


def make_world(seed: int, markets: Sequence[str] = tuple(MARKETS)) -> World:
    """Stores with four weeks of facts, costs and rates."""
    rng = random.Random(seed)
    make_rates()
    make_costs(rng)
    stores = {market: make_store(market) for market in markets}
    for market, store_id in stores.items():
        fill_store(rng, seed, store_id, market)
    return World(stores)


def fill_store(rng: random.Random, seed: int, store_id: int, market: str, *, has_past: bool = False) -> None:
    """All facts of one store; `has_past` adds orders of the two years before, on days of their own."""
    Facts(rng, store_id, market).make()
    own = random.Random(f"{seed}:{market}")
    make_operations(own, store_id, market, days())
    currency, _, scale = MARKETS[market]
    reach = Reach(own, store_id, currency, scale, days(), list(SKUS))
    reach.make()
    if has_past:
        reach.past_orders()


class Facts:
    """Fills one store."""

    def __init__(self, rng: random.Random, store_id: int, market: str) -> None:
        self.rng = rng
        self.store_id = store_id
        self.currency, _, self.scale = MARKETS[market]
        self.base = {"store_id": store_id, **provenance()}
        self.orders: list[tuple[str, date]] = []

    def money(self, low: int, high: int) -> Decimal:
        return cents(self.rng, low, high) * self.scale

    def make(self) -> None:
        c.OrderLine.objects.bulk_create(self.order_lines())
        c.Charge.objects.bulk_create([*self._charges(), *self._stray_charges()])
        c.Return.objects.bulk_create(self._returns())
        c.FeeEstimate.objects.bulk_create(self._estimates())
        c.TrafficDay.objects.bulk_create(self._traffic())
        c.AdDay.objects.bulk_create(self._ads())
        c.InventoryDay.objects.bulk_create(self._inventory())
        c.InventoryAge.objects.bulk_create(self._ages())
        c.Listing.objects.bulk_create(self._listings())
        c.OfferSnapshot.objects.bulk_create(self._offers())
        c.Performance.objects.bulk_create(self._performance())
        c.Feedback.objects.bulk_create(self._feedback())

    def order_lines(self) -> Iterator[c.OrderLine]:
        rng = self.rng
        for day in days():
            for n in range(rng.randint(0, 4)):
                order = f"{day:%m%d}-{n}"
                self.orders.append((order, day))
                for line in range(rng.randint(1, 2)):
                    yield self.order_line(order, str(line), day)

    def order_line(self, order: str, line_no: str, day: date, **changes: Any) -> c.OrderLine:
        rng = self.rng
        status = rng.choice(["shipped", "shipped", "shipped", "unshipped", "cancelled"])
        gross = self.money(10, 90)
        values = {
            "platform_order_id": order,
            "line_no": line_no,
            "sku": rng.choice(SKUS),
            "product_id": "P",
            "ordered_at": at(day),
            "business_on": day,
            "status": status,
            "channel": "platform",
            "quantity": 0 if status == "cancelled" else rng.randint(1, 3),
            "currency": self.currency,
            "gross_amount": gross,
            "tax_amount": (gross / 11).quantize(Decimal("0.01")),
            "tax_collector": "platform",
            "shipping_amount": self.money(1, 5),
            "shipping_tax_amount": Decimal(0),
            "discount_amount": rng.choice([Decimal(0), self.money(1, 3)]),
            "points_amount": rng.choice([Decimal(0), Decimal(0), self.money(1, 2)]),
            "is_replacement": rng.random() < 0.1,
            "is_business": False,
            # Three in four orders of an own shop's kind, by few buyers.
            "buyer_hash": f"b{crc32(order.encode()) % 15}" if crc32(order.encode()) % 4 else "",
        }
        return c.OrderLine(**self.base, **{**values, **changes})

    def _charge(
        self, n: str, kind: str, day: date, order: str, cohort: date | None, amount: Decimal
    ) -> c.Charge:
        return c.Charge(
            **self.base,
            transaction_id=n,
            line_no="1",
            kind=kind,
            status="released",
            platform_order_id=order,
            sku="",
            posted_at=at(day),
            business_on=day,
            cohort_on=cohort,
            quantity=1,
            currency=self.currency,
            amount=amount,
            description="",
        )

    def _charges(self) -> Iterator[c.Charge]:
        """Fees of most orders; the others are still without a charge."""
        rng = self.rng
        for order, day in self.orders:
            posted = min(day + timedelta(days=rng.randint(0, 6)), LAST)
            if rng.random() < 0.7:
                for kind in ("referral_fee", "fulfilment_fee"):
                    yield self._charge(f"{order}-{kind}", kind, posted, order, day, -self.money(1, 6))
            if rng.random() < 0.3:
                yield self._charge(f"{order}-r", "refund", posted, order, day, -self.money(5, 20))
                yield self._charge(f"{order}-t", "refund_tax", posted, order, day, -self.money(1, 2))
                yield self._charge(f"{order}-f", "refund_fee", posted, order, day, -self.money(1, 2))
                yield self._charge(f"{order}-p", "payment_fee", posted, order, day, -self.money(1, 2))

    def _stray_charges(self) -> Iterator[c.Charge]:
        """What belongs to no order, or to one we never saw: it counts on the day it was posted."""
        for n, day in enumerate(days()):
            if n % 7 == 0:
                yield self._charge(f"s{n}", "storage_fee", day, "", None, -self.money(5, 9))
                yield self._charge(f"a{n}", "aged_storage_fee", day, "", None, -self.money(1, 2))
                yield self._charge(f"b{n}", "subscription_fee", day, "", None, -self.money(3, 4))
            if n % 5 == 0:
                yield self._charge(f"u{n}", "refund", day, f"unknown-{n}", None, -self.money(2, 3))
                yield self._charge(f"v{n}", "return_fee", day, f"unknown-{n}", None, -self.money(1, 2))

    def _returns(self) -> Iterator[c.Return]:
        for n, (order, day) in enumerate(self.orders):
            if self.rng.random() < 0.25:
                cohort = None if self.rng.random() < 0.1 else day
                yield c.Return(
                    **self.base,
                    return_key=f"{order}-{n}",
                    platform_order_id=order,
                    sku=self.rng.choice(SKUS),
                    product_id="P",
                    returned_at=at(day),
                    business_on=min(day + timedelta(days=5), LAST),
                    cohort_on=cohort,
                    quantity=self.rng.randint(1, 2),
                    reason="",
                    disposition=self.rng.choice(["SELLABLE", "DEFECTIVE", "CUSTOMER_DAMAGED"]),
                    status="",
                )

    def _estimates(self) -> Iterator[c.FeeEstimate]:
        for sku in SKUS[:-1]:
            for day in (FIRST, FIRST + timedelta(days=9)):
                referral, fulfilment, closing = self.money(1, 4), self.money(2, 5), self.money(0, 1)
                yield c.FeeEstimate(
                    **self.base,
                    sku=sku,
                    product_id="P",
                    estimated_on=day,
                    currency=self.currency,
                    price_amount=self.money(20, 30),
                    referral_amount=referral,
                    fulfilment_amount=fulfilment,
                    closing_amount=closing,
                    other_amount=Decimal(0),
                    total_amount=referral + fulfilment + closing,
                )

    def _traffic(self) -> Iterator[c.TrafficDay]:
        rng = self.rng
        for day in days():
            for product in ("", "P1"):
                yield c.TrafficDay(
                    **self.base,
                    business_on=day,
                    product_id=product,
                    sku="",
                    sessions=rng.randint(20, 80),
                    page_views=rng.randint(80, 120),
                    buy_box_share=None if rng.random() < 0.1 else Decimal(rng.randint(700, 1000)) / 1000,
                    units_ordered=rng.randint(0, 9),
                    orders=rng.randint(0, 5),
                    currency=self.currency,
                    ordered_sales_amount=self.money(50, 90),
                )

    def _ads(self) -> Iterator[c.AdDay]:
        """The Mexican profile bills in dollars."""
        currency = "USD" if self.currency == "MXN" else self.currency
        for day in days():
            for campaign in ("brand", "generic"):
                yield c.AdDay(
                    **self.base,
                    profile_id="1",
                    campaign_id=campaign,
                    ad_group_id="1",
                    ad_product="sp",
                    sku=self.rng.choice(SKUS),
                    product_id="P",
                    business_on=day,
                    impressions=100,
                    clicks=self.rng.randint(0, 9),
                    currency=currency,
                    cost_amount=self.money(1, 8),
                    sales_7d_amount=self.money(0, 40),
                    sales_14d_amount=self.money(0, 40),
                    orders_7d=1,
                    units_7d=1,
                )

    def _inventory(self) -> Iterator[c.InventoryDay]:
        for day in days():
            if day.day % 9 == 0:
                continue  # a day on which no snapshot was taken
            for sku in SKUS:
                yield c.InventoryDay(
                    **self.base,
                    sku=sku,
                    product_id="P",
                    snapshot_on=day,
                    fulfillable=self.rng.choice([0, 5, 40]),
                    inbound=3,
                    reserved=self.rng.randint(0, 4),
                    unfulfillable=1,
                )

    def _ages(self) -> Iterator[c.InventoryAge]:
        for day in days()[::6]:
            for sku in SKUS:
                ages = [self.rng.randint(0, 20) for _ in range(5)]
                yield c.InventoryAge(
                    **self.base,
                    sku=sku,
                    product_id="P",
                    snapshot_on=day,
                    available=sum(ages),
                    age_0_90=ages[0],
                    age_91_180=ages[1],
                    age_181_270=ages[2],
                    age_271_365=ages[3],
                    age_over_365=ages[4],
                    currency=self.currency,
                    storage_cost_next_month_amount=None,
                )

    def _listings(self) -> Iterator[c.Listing]:
        for sku in SKUS:
            yield c.Listing(
                **self.base,
                sku=sku,
                product_id="P",
                title=sku,
                status="inactive" if sku == "ROPE" else "active",
                condition="new",
                channel="platform",
                currency=self.currency,
                price_amount=None,
                opened_on=None,
            )

    def _offers(self) -> Iterator[c.OfferSnapshot]:
        for day in days():
            for product in ("P1", "P2"):
                for hour in (6, 18):
                    for seller, condition in (("me", "new"), ("r1", "new"), ("r2", "new"), ("r3", "used")):
                        if seller == "me" and product == "P2" and day.day % 4 == 0:
                            continue  # we were out of stock
                        price = self.money(18, 26)
                        yield c.OfferSnapshot(
                            **self.base,
                            product_id=product,
                            seller_id=seller,
                            is_own=seller == "me",
                            condition=condition,
                            channel="platform",
                            observed_at=at(day, hour),
                            business_on=day,
                            currency=self.currency,
                            price_amount=price,
                            shipping_amount=Decimal(0),
                            points_amount=Decimal(0),
                            landed_amount=price,
                            is_featured=False,
                        )

    def _performance(self) -> Iterator[c.Performance]:
        for day in days()[::3]:
            for metric, scope in (
                ("odr", "platform"),
                ("odr", "merchant"),
                ("late_shipment_rate", "merchant"),
            ):
                yield c.Performance(
                    **self.base,
                    metric=metric,
                    scope=scope,
                    reported_on=day,
                    window_start_on=day - timedelta(days=60),
                    window_end_on=day,
                    rate=Decimal(self.rng.randint(0, 200)) / 10000,
                    target=Decimal("0.01"),
                    target_condition="less_than",
                    numerator=1,
                    denominator=self.rng.randint(10, 400),
                    status="good",
                )

    def _feedback(self) -> Iterator[c.Feedback]:
        for n, day in enumerate(days()):
            if n % 2:
                yield c.Feedback(
                    **self.base,
                    feedback_key=f"f{n}",
                    platform_order_id="",
                    business_on=day,
                    rating=self.rng.randint(1, 5),
                )


FAMILIES = tuple(Family)
