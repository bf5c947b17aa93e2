"""A promotion that is over while its price is not back (P8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from alerts.detectors.base import Detector, Scope
from alerts.engine.parameters import integer
from alerts.engine.saying import plain, say
from alerts.types import Check, Severity, Verdict
from config.lib.errors import gettext_noop
from pricing.selectors.promotions import items_of, promotions_query


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    look_back_days: int = integer(
        "Promotions that ended within so many days are looked at.", 30, low=1, high=365
    )
    extra_hours: int = integer(
        "Hours beyond the promotion's own deadline that are still borne.", 0, low=0, high=720
    )


@dataclass(frozen=True, slots=True)
class Ended:
    """A listing whose promotion ended. `is_restored` None: no sync has looked since."""

    promotion_id: int
    name: str
    store_id: int
    sku: str
    currency: str
    ends_at: datetime
    deadline: datetime
    restore_amount: Decimal
    observed_amount: Decimal | None
    is_restored: bool | None
    checked_at: datetime | None
    recommendation_id: int | None


@dataclass(frozen=True, slots=True)
class Inputs:
    """The listings of promotions that ended."""

    at: datetime
    ended: tuple[Ended, ...]


class PromotionNotRestored(Detector[Parameters, Inputs]):
    """See the module."""

    key = "promotion_not_restored"
    title = gettext_noop("Price not restored after a promotion")
    meaning = gettext_noop("A promotion is over, its deadline has passed, and the price was seen not back.")
    parameters = Parameters
    severity = Severity.CRITICAL
    cadence = timedelta(minutes=30)
    listens = frozenset({"pricing.promotion_not_restored", "pricing.promotion_changed"})
    why_not_back = gettext_noop("What was seen of a promotion's prices is kept for the present only.")

    def gather(self, scope: Scope[Parameters]) -> Inputs:
        """Two statements for all stores."""
        since = scope.at - timedelta(days=scope.parameters.look_back_days)
        rows = list(
            promotions_query()
            .filter(store_id__in=scope.store_ids, ends_at__lte=scope.at, ends_at__gte=since)
            .exclude(state="cancelled")
        )
        items = items_of([row["id"] for row in rows])
        return Inputs(scope.at, tuple(_ended(row, item) for row in rows for item in items.get(row["id"], ())))

    def decide(self, inputs: Inputs, parameters: Parameters) -> list[Check]:
        """Judge each listing whose promotion ended."""
        return [_check(each, inputs.at, parameters) for each in inputs.ended]


def _ended(row: Mapping[str, Any], item: Mapping[str, Any]) -> Ended:
    return Ended(
        promotion_id=row["id"],
        name=row["name"],
        store_id=row["store_id"],
        sku=item["sku"],
        currency=row["currency"],
        ends_at=row["ends_at"],
        deadline=row["ends_at"] + timedelta(hours=row["restore_hours"]),
        restore_amount=item["restore_amount"],
        observed_amount=item["observed_amount"],
        is_restored=item["is_restored"],
        checked_at=item["checked_at"],
        recommendation_id=item["recommendation_id"],
    )


def _check(each: Ended, at: datetime, asked: Parameters) -> Check:
    deadline = each.deadline + timedelta(hours=asked.extra_hours)
    if each.is_restored:
        verdict = Verdict.CLEAR
    elif each.is_restored is False:
        verdict = Verdict.BREACH if at >= deadline else Verdict.NO_DATA
    else:
        # No sync has looked since the end: nothing is claimed, and the freshness of the data speaks itself.
        verdict = Verdict.NO_DATA
    hours = Decimal(int((at - each.ends_at).total_seconds())) / 3600
    basis, evidence = say(
        gettext_noop(
            "Promotion {promotion} ended {hours} hours ago; {sku} was to cost {restore} {currency} again by "
            "{deadline} and was seen at {observed}."
        ),
        promotion=each.name,
        hours=plain(hours, 1),
        sku=each.sku,
        restore=each.restore_amount,
        currency=each.currency,
        deadline=each.deadline,
        observed=each.observed_amount,
    )
    evidence["promotion_id"] = str(each.promotion_id)
    if each.recommendation_id is not None:
        evidence["recommendation_id"] = str(each.recommendation_id)
    return Check(
        subject=f"promotion:{each.promotion_id}:{each.sku}",
        verdict=verdict,
        store_id=each.store_id,
        observed=each.observed_amount,
        limit=each.restore_amount,
        unit=each.currency,
        basis=basis,
        as_of=each.checked_at,
        evidence=evidence,
    )


DETECTOR = PromotionNotRestored()
