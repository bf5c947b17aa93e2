"""What the random world holds beyond sales and stock: deliveries, voices, papers, payouts, the team's work.

With the cases that break naive sums: orders in two packages, orders without payment, weekends and holidays,
promises that are not past, claims of unknown orders, several scopes of a figure, expired and missing papers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from config.lib.clock import now
from connectors import models as c

FAR_FUTURE = datetime(2100, 1, 1, tzinfo=UTC)
CLAIMS = ("item_not_received", "guarantee", "chargeback", "refund", "defect")
RATES = (
    "claims_rate",
    "meli_delayed_handling_rate",
    "meli_cancellation_rate",
    "rakuten_on_time_rate",
    "yahoo_late_ship_rate",
    "yahoo_excellent_share",
    "ebay_defect_rate",
    "ebay_late_rate",
    "seller_fault_cancel_rate",
)
WALMART = (
    "cancellation_rate",
    "on_time_delivery_rate",
    "valid_tracking_rate",
    "refund_rate",
    "response_rate",
    "negative_feedback_rate",
    "return_rate",
    "item_not_received_rate",
)
COUNTED = (
    "label_check_pass",
    "tax_filing_on_time",
    "price_display_compliance",
    "ja_support_coverage",
    "margin_floor_breach_rate",
    "data_completeness",
    "kpi_attainment",
    "clearance_cash_rate",
    "hedge_coverage",
    "payable_days",
    "price_deviation_pct",
    "below_floor_skus",
    "data_freshness_hours",
)
WORK = (
    "price_approval",
    "price_execution",
    "price_change",
    "promotion_restore",
    "alert_acknowledge",
    "action_item",
)
SKUS = ("TENT", "LAMP", "MUG", "ROPE")


def make_operations(rng: random.Random, store_id: int, market: str, days: list[date]) -> None:
    """Fill one store with operational facts of `days`; `tests.kpis.world` calls it last for every store."""
    own = random.Random()
    own.setstate(rng.getstate())  # a copy, so that what follows in the world stays as it was
    Operations(own, store_id, market, days).make()


class Operations:
    """Fills one store."""

    def __init__(self, rng: random.Random, store_id: int, market: str, days: list[date]) -> None:
        self.rng = rng
        self.market = market
        self.days = days
        self.currency = c.Store.objects.get(pk=store_id).currency
        self.base: dict[str, Any] = {
            "store_id": store_id,
            "run_id": 1,
            "source_updated_at": now(),
            "ingested_at": now(),
        }
        self.orders = list(
            c.OrderLine.objects.filter(store_id=store_id)
            .order_by("platform_order_id")
            .values_list("platform_order_id", "business_on")
            .distinct()
        )

    def make(self) -> None:
        c.Shipment.objects.bulk_create(self._shipments())
        c.InboundShipment.objects.bulk_create(self._inbound())
        c.CustomsDeclaration.objects.bulk_create(self._declarations())
        self._name_buyers()
        self._give_reasons()
        c.Conversation.objects.bulk_create(self._conversations())
        c.Review.objects.bulk_create(self._reviews())
        c.Survey.objects.bulk_create(self._surveys())
        c.Claim.objects.bulk_create(self._claims())
        c.Performance.objects.bulk_create(self._figures())
        c.Certificate.objects.bulk_create(self._certificates())
        c.Evidence.objects.bulk_create(self._checks())
        c.WorkItem.objects.bulk_create(self._work())
        c.Payout.objects.bulk_create(self._payouts())

    def _at(self, day: date, *, hours: float = 0) -> datetime:
        """A random minute of a day of the shop (16 to 22 o'clock UTC is the same day in all three), later."""
        minute = self.rng.randint(0, 359) if self.market != "JP" else self.rng.randint(-900, 359)
        start = datetime.combine(day, time(8 if self.market == "JP" else 16), tzinfo=UTC)
        return start + timedelta(minutes=minute, hours=hours)

    def _later(self, at: datetime | None, most_hours: int, chance: float = 0.9) -> datetime | None:
        if at is None or self.rng.random() > chance:
            return None
        return at + timedelta(minutes=self.rng.randint(1, most_hours * 60))

    def _shipments(self) -> Iterator[c.Shipment]:
        rng = self.rng
        for order, day in self.orders:
            channel = rng.choice(["merchant", "merchant", "platform"])
            paid = None if rng.random() < 0.05 else self._at(day)
            for part in range(rng.choice([1, 1, 2])):
                cancelled = rng.choice(["", "", "", "", "", "seller", "buyer"])
                shipped = None if cancelled else self._later(paid, 90)
                accepted = self._later(shipped, 30)
                promised = FAR_FUTURE if rng.random() < 0.1 else self._at(day, hours=24 * rng.randint(2, 6))
                yield c.Shipment(
                    **self.base,
                    shipment_key=f"{order}/{part}",
                    platform_order_id=order,
                    sku=rng.choice(SKUS),
                    channel=channel,
                    carrier="C1",
                    warehouse="W1",
                    quantity=rng.randint(1, 3),
                    business_on=day,
                    paid_at=paid,
                    ship_due_at=None,
                    shipped_at=shipped,
                    accepted_at=accepted,
                    promised_at=None if rng.random() < 0.05 else promised,
                    delivered_at=self._later(accepted, 150),
                    is_tracked=rng.random() < 0.9,
                    is_complete=rng.random() < 0.9,
                    cancelled_by=cancelled,
                    lost_units=rng.choice([0, 0, 0, 1]),
                    damaged_units=rng.choice([0, 0, 0, 0, 1]),
                )

    def _inbound(self) -> Iterator[c.InboundShipment]:
        rng = self.rng
        for n in range(12):
            departed = self._at(self.days[0] - timedelta(days=rng.randint(0, 60)))
            for sku in rng.sample(SKUS, 2):
                received = self._later(departed, 24 * 70, 0.8)
                yield c.InboundShipment(
                    **self.base,
                    inbound_key=f"i{n}",
                    sku=sku,
                    carrier="SEA",
                    warehouse="W1",
                    business_on=departed.date(),
                    departed_at=departed,
                    arrived_at=None,
                    checked_in_at=None,
                    received_at=received,
                    quantity_sent=100,
                    quantity_received=0 if received is None else 99,
                )

    def _declarations(self) -> Iterator[c.CustomsDeclaration]:
        rng = self.rng
        for n, day in enumerate(self.days):
            outcome = rng.choice(
                ["pending", "released", "released", "queried", "held", "rejected", "returned"]
            )
            required = rng.randint(0, 5)
            yield c.CustomsDeclaration(
                **self.base,
                declaration_key=f"d{n}",
                business_on=day,
                declared_at=self._at(day),
                decided_at=None,
                outcome=outcome,
                documents_required=required,
                documents_valid=rng.randint(0, required),
                currency=self.currency,
                customs_value_amount=Decimal(100),
                duty_amount=Decimal(5),
                import_tax_amount=Decimal(10),
            )

    def _name_buyers(self) -> None:
        """Half of the orders belong to one of twenty known buyers."""
        for order, _ in self.orders:
            if self.rng.random() < 0.5:
                lines = c.OrderLine.objects.filter(store_id=self.base["store_id"], platform_order_id=order)
                lines.filter(buyer_hash="").update(buyer_hash=f"buyer{self.rng.randint(1, 20)}")

    def _give_reasons(self) -> None:
        for row in c.Return.objects.filter(store_id=self.base["store_id"]).order_by("return_key"):
            row.reason = self.rng.choice(["DEFECTIVE", "wrong_item", "UNWANTED_ITEM", ""])
            row.save(update_fields=["reason"])

    def _conversations(self) -> Iterator[c.Conversation]:
        rng = self.rng
        for n, day in enumerate([day for day in self.days for _ in range(3)]):
            opened = self._at(day)
            if rng.random() < 0.05:
                opened = FAR_FUTURE
            yield c.Conversation(
                **self.base,
                conversation_key=f"c{n}",
                platform_order_id="",
                buyer_hash=rng.choice(["", f"buyer{rng.randint(1, 30)}"]),
                business_on=day,
                opened_at=opened,
                first_response_at=None if opened == FAR_FUTURE else self._later(opened, 30, 0.8),
                is_presale=rng.random() < 0.6,
                needs_reply=rng.random() < 0.8,
            )

    def _reviews(self) -> Iterator[c.Review]:
        for n, day in enumerate([day for day in self.days for _ in range(self.rng.randint(0, 3))]):
            yield c.Review(
                **self.base,
                review_key=f"r{n}",
                product_id="P1",
                sku="MUG",
                business_on=day,
                rating=self.rng.randint(1, 5),
            )

    def _surveys(self) -> Iterator[c.Survey]:
        for n, day in enumerate([day for day in self.days for _ in range(4)]):
            kind = self.rng.choice(["csat", "nps"])
            score = self.rng.randint(1, 5) if kind == "csat" else self.rng.randint(0, 10)
            yield c.Survey(**self.base, survey_key=f"s{n}", kind=kind, business_on=day, score=score)

    def _claims(self) -> Iterator[c.Claim]:
        rng = self.rng
        known = [pair for pair in self.orders if rng.random() < 0.4]
        strays = [(rng.choice(["", f"unknown{n}"]), day) for n, day in enumerate(self.days) if n % 4 == 0]
        for n, (order, day) in enumerate([*known, *known[:5], *strays]):
            cohort = day if n < len(known) + 5 else None
            opened = day if cohort is None else min(day + timedelta(days=4), self.days[-1])
            yield c.Claim(
                **self.base,
                claim_key=f"k{n}",
                platform_order_id=order,
                kind=rng.choice(CLAIMS),
                business_on=opened,
                opened_at=self._at(opened),
                is_seller_fault=rng.random() < 0.6,
                is_excluded=rng.random() < 0.2,
                cohort_on=cohort,
            )

    def _figures(self) -> Iterator[c.Performance]:
        rng = self.rng
        for day in self.days[::4]:
            for metric in RATES:
                for scope in ("a", "b"):
                    yield self._figure(metric, scope, day, Decimal(rng.randint(0, 10_000)) / 10_000)
            yield self._figure("account_health_rating", "", day, Decimal(rng.randint(90, 900)))
            yield self._figure("meli_level", "", day, Decimal(rng.randint(1, 5)))
            yield self._figure("tiktok_sps", "", day, Decimal(rng.randint(20, 50)) / 10)
            yield self._figure("policy_violations", "", day, Decimal(rng.randint(0, 3)), numerator=None)
            yield self._figure("listing_policy_violations", "", day, None, numerator=rng.randint(0, 3))
            for name in WALMART:
                limit = rng.choice([None, None, Decimal("0.05"), Decimal("0.95")])
                yield self._figure(
                    f"walmart_{name}",
                    "",
                    day,
                    rng.choice(
                        [None, Decimal(rng.randint(0, 10)) / 100, Decimal(rng.randint(88, 100)) / 100]
                    ),
                    target=limit,
                    target_condition=rng.choice(["LESS_THAN", "GREATER_THAN_OR_EQUAL", "less_than_or_equal"]),
                    status=rng.choice(["GOOD", "BAD", ""]),
                )

    def _figure(
        self, metric: str, scope: str, day: date, rate: Decimal | None, **changes: Any
    ) -> c.Performance:
        values = {
            "target": Decimal("0.01"),
            "target_condition": "LESS_THAN",
            "numerator": 1,
            "denominator": self.rng.randint(10, 400),
            "status": "good",
        }
        return c.Performance(
            **self.base,
            metric=metric,
            scope=scope,
            reported_on=day,
            window_start_on=day - timedelta(days=60),
            window_end_on=day,
            rate=rate,
            **{**values, **changes},
        )

    def _certificates(self) -> Iterator[c.Certificate]:
        """A register before the world and two within: papers come, expire, are no longer needed."""
        rng = self.rng
        for reported in (self.days[0] - timedelta(days=30), self.days[9], self.days[20]):
            for sku in ("", *SKUS, "GONE"):
                for kind in ("pse", "fcc"):
                    if rng.random() < 0.2:
                        continue
                    issued = None if rng.random() < 0.2 else reported - timedelta(days=rng.randint(-8, 300))
                    expires = None if rng.random() < 0.5 else reported + timedelta(days=rng.randint(-5, 25))
                    yield c.Certificate(
                        **self.base,
                        certificate_key=f"{sku}-{kind}-{rng.randint(1, 2)}",
                        sku=sku,
                        kind=kind,
                        reported_on=reported,
                        is_required=rng.random() < 0.8,
                        issued_on=issued,
                        expires_on=expires,
                        registration_no="",
                    )

    def _checks(self) -> Iterator[c.Evidence]:
        rng = self.rng
        for day in self.days[::2]:
            for metric in COUNTED:
                for subject in SKUS[: rng.randint(0, 4)]:
                    of = Decimal(rng.randint(0, 400)) / 4
                    yield c.Evidence(
                        **self.base,
                        metric=metric,
                        subject=subject,
                        observed_on=day,
                        numerator=self._counted(metric, of),
                        denominator=of,
                        rater="staff",
                        attachment_sha256="",
                        expires_on=None,
                    )

    def _counted(self, metric: str, of: Decimal) -> Decimal:
        if metric == "price_deviation_pct":
            return (of * self.rng.randint(-12, 12) / 100).quantize(Decimal("0.0001"))
        if metric == "below_floor_skus":
            return Decimal(self.rng.randint(0, 3))
        return Decimal(self.rng.randint(0, int(of * 4))) / 4

    def _work(self) -> Iterator[c.WorkItem]:
        rng = self.rng
        for n, day in enumerate(self.days):
            for kind in WORK:
                started = self._at(day)
                finished = self._later(started, 60, 0.8)
                due = rng.choice([None, started + timedelta(hours=rng.randint(1, 60)), FAR_FUTURE])
                yield c.WorkItem(
                    **self.base,
                    work_key=f"{kind}{n}",
                    kind=kind,
                    sku=rng.choice(SKUS),
                    owner="ana",
                    business_on=day,
                    started_at=started,
                    due_at=due,
                    finished_at=finished,
                    is_ok=rng.choice([True, True, False, None]),
                )

    def _payouts(self) -> Iterator[c.Payout]:
        rng = self.rng
        for n, day in enumerate(self.days[::3]):
            expected = Decimal(rng.randint(-2_000, 90_000)) / 10
            booked = rng.choice([None, Decimal(rng.randint(600, 800)) / 100])
            yield c.Payout(
                **self.base,
                payout_key=f"p{n}",
                business_on=day,
                currency=rng.choice([self.currency, "USD"]),
                expected_amount=expected,
                paid_amount=expected * rng.choice([Decimal(1), Decimal(1), Decimal("0.98"), Decimal("1.01")]),
                mean_days=Decimal(rng.randint(50, 300)) / 10,
                booked_rate=booked,
                paid_rate=None
                if booked is None
                else booked * rng.choice([Decimal(1), Decimal("0.99"), Decimal("1.02")]),
            )
