"""How buyers rate the seller and how Amazon judges the account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from connectors.simulator.world.dice import Dice
from connectors.simulator.world.model import Feedback, Store

_COMMENTS = {
    5: "Great, thank you!",
    4: "Good product",
    3: "It is okay",
    2: "Late and dented",
    1: "Did not work",
}


def make_feedback(seed: int, store: Store) -> list[Feedback]:
    """About one shipped order in twelve is rated some days later."""
    dice = Dice(seed, "feedback", store.key)
    found = []
    for order in store.orders:
        if order.shipped_at is not None and not order.is_replacement and dice.chance(0.08):
            rating = dice.weighted((5, 4, 3, 2, 1), (70, 18, 6, 3, 3))
            at = order.shipped_at + timedelta(hours=dice.integer(70, 400))
            found.append(Feedback(order.id, at, rating, _COMMENTS[rating]))
    return sorted(found, key=lambda feedback: (feedback.at, feedback.order_id))


@dataclass(frozen=True, slots=True)
class Rate:
    """One of Amazon's rates: what was counted, over which days, and the limit."""

    count: int
    total: int
    start: date
    end: date
    target: Decimal
    higher_is_better: bool

    @property
    def rate(self) -> Decimal:
        """The share with four decimals, 0 where nothing was counted."""
        if not self.total:
            return Decimal(0)
        return (Decimal(self.count) / self.total).quantize(Decimal("0.0001"), ROUND_HALF_UP)

    @property
    def status(self) -> str:
        """Amazon's verdict; nothing counted is NONE."""
        if not self.total:
            return "NONE"
        is_good = self.rate > self.target if self.higher_is_better else self.rate < self.target
        return "GOOD" if is_good else "BAD"


@dataclass(frozen=True, slots=True)
class Health:
    """The account health of a store on a day. `claims`, `chargebacks`, `negative` make up the defects."""

    odr_afn: Rate
    odr_mfn: Rate
    claims: int
    chargebacks: int
    negative: int
    late_shipment: Rate
    cancellation: Rate
    valid_tracking: Rate
    on_time_delivery: Rate
    invoice_defect: Rate
    violations: int


def health_on(seed: int, store: Store, day: date) -> Health:
    """What the report says when it is asked for on a shop day; it speaks of the days before."""
    dice = Dice(seed, "health", store.key, day.isocalendar()[:2])
    yesterday = day - timedelta(days=1)
    sixty = (day - timedelta(days=60), yesterday)
    orders = sum(sixty[0] <= order.day <= sixty[1] for order in store.orders)
    negative = sum(
        sixty[0] <= store.market.day_of(feedback.at) <= sixty[1] and feedback.rating <= 1
        for feedback in store.feedback
    )
    claims, chargebacks = dice.integer(0, 2), dice.integer(0, 1)
    merchant = dice.integer(40, 90)
    month, late = (day - timedelta(days=30), yesterday), (day - timedelta(days=40), day - timedelta(days=10))
    return Health(
        odr_afn=Rate(negative + claims + chargebacks, orders, *sixty, Decimal("0.01"), False),
        odr_mfn=Rate(0, merchant, *sixty, Decimal("0.01"), False),
        claims=claims,
        chargebacks=chargebacks,
        negative=negative,
        late_shipment=Rate(dice.integer(0, 3), merchant, *month, Decimal("0.04"), False),
        cancellation=Rate(
            dice.integer(0, 1), merchant, day - timedelta(days=7), yesterday, Decimal("0.025"), False
        ),
        valid_tracking=Rate(merchant - dice.integer(0, 2), merchant, *late, Decimal("0.95"), True),
        on_time_delivery=Rate(merchant - dice.integer(0, 3), merchant, *late, Decimal("0.9"), True),
        invoice_defect=Rate(0, merchant, day - timedelta(days=7), yesterday, Decimal("0.05"), False),
        violations=dice.weighted((0, 1), (9, 1)),
    )
