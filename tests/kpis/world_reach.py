"""What the random world holds around sales: visits of an own shop, ranks, expenses, duty, reports, goods
under way, new listings, and buyers of years ago."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from config.lib.clock import now
from connectors import models as c

EXPENSES = ("overhead", "fx_loss", "non_creditable_tax", "marketing", "acquisition")


def provenance() -> dict[str, Any]:
    """The columns every fact has."""
    return {"run_id": 1, "source_updated_at": now(), "ingested_at": now()}


def noon(day: date, hours: float = 12) -> datetime:
    """An instant so many hours into a day (UTC)."""
    return datetime.combine(day, time(0), tzinfo=UTC) + timedelta(hours=hours)


class Reach:
    """Fills one store; every draw is its own, so the facts of others stay what they were."""

    def __init__(
        self, rng: random.Random, store_id: int, currency: str, scale: int, days: list[date], skus: list[str]
    ) -> None:
        self.rng, self.currency, self.scale = rng, currency, scale
        self.days, self.skus = days, skus
        self.base = {"store_id": store_id, **provenance()}

    def money(self, low: int, high: int) -> Decimal:
        return Decimal(self.rng.randint(low * 100, high * 100)) / 100 * self.scale

    def make(self) -> None:
        c.FunnelDay.objects.bulk_create(self._funnel())
        c.RankDay.objects.bulk_create(self._ranks())
        c.Expense.objects.bulk_create(self._expenses())
        c.CustomsDeclaration.objects.bulk_create(self._declarations())
        c.InboundShipment.objects.bulk_create(self._inbound())
        c.Evidence.objects.bulk_create(self._checks())
        c.Performance.objects.bulk_create(self._reports())
        c.Event.objects.bulk_create(self._events())
        c.TrafficDay.objects.bulk_create(self._product_traffic())
        c.AdDay.objects.bulk_create(self._targets())
        c.Charge.objects.bulk_create(self._sku_charges())
        for sku, day in zip(self.skus, self.days, strict=False):
            c.Listing.objects.filter(store_id=self.base["store_id"], sku=sku).update(opened_on=day)

    def _funnel(self) -> Iterator[c.FunnelDay]:
        for day in self.days[::2]:
            sessions, started = self.rng.randint(50, 400), self.rng.randint(0, 30)
            yield c.FunnelDay(
                **self.base,
                channel="web",
                business_on=day,
                sessions=sessions,
                cart_sessions=self.rng.randint(0, 50),
                checkouts_started=started,
                checkouts_completed=self.rng.randint(0, started),
                orders=self.rng.randint(0, 20),
            )

    def _ranks(self) -> Iterator[c.RankDay]:
        for day in self.days:
            for sku in self.skus:
                for category in ("outdoor", "camping"):
                    if self.rng.random() < 0.4:
                        yield c.RankDay(
                            **self.base,
                            sku=sku,
                            product_id="P",
                            category=category,
                            business_on=day,
                            rank=self.rng.randint(1, 9000),
                        )

    def _expenses(self) -> Iterator[c.Expense]:
        for n, day in enumerate(self.days):
            for kind in EXPENSES:
                if self.rng.random() < 0.3:
                    yield c.Expense(
                        **self.base,
                        expense_key=f"{kind}-{n}",
                        kind=kind,
                        business_on=day,
                        sku="",
                        currency=self.rng.choice([self.currency, "USD"]),
                        amount=self.money(1, 9),
                    )

    def _declarations(self) -> Iterator[c.CustomsDeclaration]:
        for n, day in enumerate(self.days[::3]):
            outcome = self.rng.choice(["pending", "released", "queried", "rejected"])
            yield c.CustomsDeclaration(
                **self.base,
                declaration_key=f"duty-{n}",
                business_on=day,
                declared_at=noon(day),
                decided_at=None if outcome == "pending" else noon(day, 20),
                outcome=outcome,
                documents_required=4,
                documents_valid=self.rng.randint(2, 4),
                currency="USD",
                customs_value_amount=self.money(100, 900),
                duty_amount=self.money(5, 60),
                import_tax_amount=Decimal(0),
            )

    def _inbound(self) -> Iterator[c.InboundShipment]:
        """Departures of eight months, some not received yet."""
        for sku in self.skus[:3]:
            day = self.days[0] - timedelta(days=240)
            n = 0
            while day <= self.days[-1]:
                checked_in = noon(day + timedelta(days=self.rng.randint(20, 60)), 30 * self.rng.random())
                received = checked_in + timedelta(hours=self.rng.randint(5, 400))
                is_received = received < noon(self.days[-1], 24) and self.rng.random() < 0.9
                yield c.InboundShipment(
                    **self.base,
                    inbound_key=f"{sku}-{n}",
                    sku=sku,
                    carrier="sea",
                    warehouse="W",
                    business_on=day,
                    departed_at=noon(day),
                    arrived_at=None,
                    checked_in_at=checked_in,
                    received_at=received if is_received else None,
                    quantity_sent=10,
                    quantity_received=10 if is_received else 0,
                )
                day += timedelta(days=self.rng.randint(5, 45))
                n += 1

    def _checks(self) -> Iterator[c.Evidence]:
        for day in self.days[::4]:
            for metric in ("budget_pacing", "invalid_click_ratio", "forecast_mape"):
                for subject in ("a", "b"):
                    yield c.Evidence(
                        **self.base,
                        metric=metric,
                        subject=subject,
                        observed_on=day,
                        numerator=Decimal(self.rng.randint(0, 90)),
                        denominator=Decimal(self.rng.randint(50, 100)),
                        rater="ads",
                        attachment_sha256="",
                        expires_on=None,
                    )

    def _reports(self) -> Iterator[c.Performance]:
        for day in self.days[::5]:
            for metric, rate in (
                ("ipi", Decimal(self.rng.randint(200, 800))),
                ("excess_rate", None),
                ("stranded_rate", None),
            ):
                yield c.Performance(
                    **self.base,
                    metric=metric,
                    scope="",
                    reported_on=day,
                    window_start_on=day,
                    window_end_on=day,
                    rate=rate,
                    target=None,
                    target_condition="",
                    numerator=self.rng.randint(0, 40),
                    denominator=self.rng.randint(100, 400),
                    status="",
                )

    def _events(self) -> Iterator[c.Event]:
        """Two SKUs went live by an event, one of them before its listing says so; one is sold off."""
        for key, kind, sku, title in (
            ("live-1", "listing_live", self.skus[0], "live"),
            ("live-2", "listing_live", f"{self.skus[0]}-OLD", "live"),
            ("sale", "promotion", self.skus[1], "Summer clearance"),
        ):
            day = self.rng.choice(self.days)
            yield c.Event(
                **self.base,
                event_key=key,
                kind=kind,
                sku=sku,
                business_on=day,
                occurred_at=noon(day),
                ended_at=None,
                title=title,
            )

    def _product_traffic(self) -> Iterator[c.TrafficDay]:
        """Views of the product that all stocked SKUs belong to."""
        for day in self.days[::3]:
            yield c.TrafficDay(
                **self.base,
                business_on=day,
                product_id="P",
                sku="",
                sessions=5,
                page_views=self.rng.randint(1, 60),
                buy_box_share=None,
                units_ordered=0,
                orders=0,
                currency=self.currency,
                ordered_sales_amount=Decimal(0),
            )

    def _targets(self) -> Iterator[c.AdDay]:
        """Ad groups without an order, some with many clicks."""
        for day in self.days[::2]:
            for sku in self.skus:
                yield c.AdDay(
                    **self.base,
                    profile_id="1",
                    campaign_id="tail",
                    ad_group_id=sku,
                    ad_product="sp",
                    sku=sku,
                    product_id="P",
                    business_on=day,
                    impressions=self.rng.randint(50, 500),
                    clicks=self.rng.randint(0, 4),
                    currency=self.currency,
                    cost_amount=self.money(0, 3),
                    sales_7d_amount=Decimal(0),
                    sales_14d_amount=Decimal(0),
                    orders_7d=int(self.rng.random() < 0.03),
                    units_7d=0,
                )

    def _sku_charges(self) -> Iterator[c.Charge]:
        """Storage of single SKUs, and return fees of orders nobody knows."""
        for n, day in enumerate(self.days[::6]):
            for kind in ("storage_fee", "return_fee"):
                yield c.Charge(
                    **self.base,
                    transaction_id=f"sku-{n}-{kind}",
                    line_no="1",
                    kind=kind,
                    status="released",
                    platform_order_id="",
                    sku=self.rng.choice(self.skus),
                    posted_at=noon(day),
                    business_on=day,
                    cohort_on=None,
                    quantity=1,
                    currency=self.currency,
                    amount=-self.money(1, 4),
                    description="",
                )

    def past_orders(self) -> None:
        """Orders of the two years before the world, of buyers who may come back into it."""
        lines = []
        for n in range(40):
            day = self.days[0] - timedelta(days=self.rng.choice([2, 20, 100, 330, 345, 360, 380, 500, 720]))
            day += timedelta(days=self.rng.randint(0, 9))
            lines.append(
                c.OrderLine(
                    **self.base,
                    platform_order_id=f"past-{n}",
                    line_no="1",
                    sku="PAST",
                    product_id="P",
                    ordered_at=noon(day),
                    business_on=day,
                    status="shipped",
                    channel="merchant",
                    quantity=1,
                    currency=self.currency,
                    gross_amount=self.money(10, 90),
                    tax_amount=Decimal(0),
                    tax_collector="seller",
                    shipping_amount=Decimal(0),
                    shipping_tax_amount=Decimal(0),
                    discount_amount=Decimal(0),
                    points_amount=Decimal(0),
                    is_replacement=False,
                    is_business=False,
                    buyer_hash=f"b{self.rng.randint(0, 14)}",
                )
            )
        c.OrderLine.objects.bulk_create(lines)
