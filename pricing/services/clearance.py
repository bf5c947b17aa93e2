"""Suggesting the steps of the clearance ladder, and counting what clearance brought."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from config.lib import clock
from config.lib.calendars import business_day
from connectors.records import EvidenceRecord
from connectors.selectors.stores import list_stores
from connectors.services.record_facts import record_facts
from connectors.types import LANDED_LINES, ChargeKind, Family, StoreRef
from pricing.engine.clearance import Charges
from pricing.models import Recommendation
from pricing.selectors.clearance import ClearanceCase, list_clearance
from pricing.services.proposals import Draft, propose_all
from pricing.types import ProposalKind, Reason, RecommendationState, Tier
from tenants import audit

METRIC = "clearance_cash_rate"
SOURCE = "pricing.clearance"
WINDOW = timedelta(days=90)
_SUNK_AGES = frozenset({"cost", "fx", "competitor"})
_LANDED = frozenset(line.value for line in LANDED_LINES)
_CARRIED_OUT = (RecommendationState.EXECUTED, RecommendationState.PARTIAL, RecommendationState.DEVIATED)
_CHARGES = (
    ChargeKind.REFERRAL_FEE, ChargeKind.FULFILMENT_FEE, ChargeKind.PAYMENT_FEE, ChargeKind.RETURN_FEE,
    ChargeKind.REFUND_FEE, ChargeKind.REFUND,
)  # fmt: skip
_CASH = """
with sold as (
  select platform_order_id, sum(quantity) as units,
         sum(gross_amount - tax_amount - discount_amount - points_amount) as net
  from fact_order_line
  where store_id = %(store)s and sku = %(sku)s and business_on between %(first)s and %(last)s
    and status <> 'cancelled' and not is_replacement
  group by platform_order_id
)
select coalesce(sum(units), 0), coalesce(sum(net), 0) + coalesce((
  select sum(amount) from fact_charge
  where store_id = %(store)s and sku = %(sku)s and kind = any(%(kinds)s)
    and platform_order_id in (select platform_order_id from sold)), 0)
from sold
"""


@dataclass(frozen=True, slots=True)
class ClearanceResult:
    """What became of one listing: the suggestion, or why there is none (`code`, `text`)."""

    sku: str
    recommendation_id: int | None
    code: str
    text: str


def propose_clearance(
    *, store_id: int, charges: Charges, skus: Collection[str] | None = None
) -> list[ClearanceResult]:
    """Suggest the price of the ladder's step for every listing with old stock (or those named), by SKU.

    Below what was paid only for listings of the clearance tier; locked listings, stale or missing inputs and
    prices at their step already are told and left alone. Nothing is written to any platform.
    """
    cases = list_clearance(store_id=store_id, charges=charges, skus=skus)
    refused = {case.context.sku: reason for case in cases if (reason := _refusal(case)) is not None}
    drafts = [_draft(case) for case in cases if case.context.sku not in refused]
    with transaction.atomic():
        opened = {done.sku: done for done in propose_all(drafts)}
        audit.record(
            "clearance.proposed",
            target=("store", store_id),
            after={"opened": sorted(opened), "left": {sku: reason[0] for sku, reason in refused.items()}},
        )
    results = [
        ClearanceResult(sku, done.recommendation_id, "suggested", done.headline)
        for sku, done in opened.items()
    ]
    results += [ClearanceResult(sku, None, *reason) for sku, reason in refused.items()]
    results += [
        ClearanceResult(sku, None, "no_old_stock", "the last snapshot shows no unit older than 90 days")
        for sku in sorted(set(skus or ()) - {case.context.sku for case in cases})
    ]
    return sorted(results, key=lambda result: result.sku)


def record_clearance_cash() -> int:
    """Record, per active store, what cleared units of the last 90 days brought against their landed cost.

    Cleared are units sold from the day on which a clearance price was seen live. Net cash is net sales less
    the fees and refunds charged to their orders. Stores without clearance record nothing; returns how many
    facts changed.
    """
    now = clock.now()
    changed = 0
    for store in list_stores():
        today = business_day(now, store.time_zone)
        cash, cost = _cleared(store, today)
        if cost <= 0:
            continue
        record = EvidenceRecord(
            metric=METRIC,
            subject="store",
            observed_on=today,
            numerator=cash,
            denominator=cost,
            rater="product",
            attachment_sha256="",
            expires_on=today + timedelta(days=1),
            source_updated_at=now,
        )
        done = record_facts(
            store_id=store.id, records=[record], dataset=Family.EVIDENCE, covered=None, source=SOURCE
        )
        changed += done.inserted + done.changed
    return changed


def _refusal(case: ClearanceCase) -> tuple[str, str] | None:
    context = case.context
    if case.band is None:
        return "young", f"the stock is {case.age_days} days old, too young for the ladder"
    if case.band.cut is None:
        return "remove", f"the stock is {case.age_days} days old: the ladder ends, remove or liquidate it"
    if context.locks:
        return "locked", f"the price is locked: {context.locks[0].reason}"
    stale = [age.name for age in context.ages if not age.is_fresh and age.name not in _SUNK_AGES]
    if stale:
        return "stale", f"too old to go by: {', '.join(stale)}"
    if case.price is None:
        if case.missing and case.floor is None:
            return "missing", f"not known: {', '.join(case.missing)}"
        return "no_price", "no price keeps the floor"
    if case.is_on_step:
        return "on_step", "the price is at the step of the stock's age already"
    return None


def _draft(case: ClearanceCase) -> Draft:
    context = case.context
    if case.price is None or case.band is None:
        raise ValueError(f"{context.sku} has no step")
    is_clearance = context.tier is Tier.CLEARANCE
    told = {
        "age_days": str(case.age_days),
        "cut": str(case.band.cut),
        "regular_price": str(case.regular_price),
        "floor": str(case.floor),
    }
    text = f"stock {case.age_days} days old: {case.band.cut:.0%} off the regular {case.regular_price:f}"
    reasons = [Reason("clearance_step", text, told)]
    if case.is_below_cost:
        reasons.append(Reason("below_cost", "the price does not bring back what the goods cost"))
    return Draft(
        context=context,
        kind=ProposalKind.CLEARANCE,
        price=case.price,
        reasons=reasons,
        floor=case.floor if is_clearance else None,
        extra={"clearance": _inputs(case)},
    )


def _inputs(case: ClearanceCase) -> dict[str, Any]:
    best = case.ways[0] if case.ways else None
    return {
        "regular_price": str(case.regular_price),
        "age_days": case.age_days,
        "units": case.units,
        "best_way": None if best is None or best.value is None else best.way.value,
        "ways": {way.way.value: None if way.value is None else str(way.value) for way in case.ways},
        "missing": list(case.missing),
    }


def _cleared(store: StoreRef, today: date) -> tuple[Decimal, Decimal]:
    """Net cash and landed cost of what was sold in the window at clearance prices."""
    rows = Recommendation.objects.filter(
        store_id=store.id,
        kind=ProposalKind.CLEARANCE.value,
        state__in=[state.value for state in _CARRIED_OUT],
        observed_at__isnull=False,
    ).order_by("sku", "observed_at", "id")
    cash = cost = Decimal(0)
    for row in rows.distinct("sku"):
        observed_at = row.observed_at
        if observed_at is None:
            continue
        begun = business_day(observed_at, store.time_zone)
        units, net = _sold(store, row.sku, max(begun, today - WINDOW + timedelta(days=1)), today)
        landed = _landed(row.inputs)
        if units and landed:
            cash, cost = cash + net, cost + units * landed
    return cash.quantize(Decimal("0.0001")), cost.quantize(Decimal("0.0001"))


def _sold(store: StoreRef, sku: str, first: date, last: date) -> tuple[int, Decimal]:
    values: dict[str, Any] = {
        "store": store.id,
        "sku": sku,
        "first": first,
        "last": last,
        "kinds": [kind.value for kind in _CHARGES],
    }
    with connection.cursor() as cursor:
        cursor.execute(_CASH, values)
        units, net = cursor.fetchone()
    return int(units), Decimal(net)


def _landed(inputs: dict[str, Any]) -> Decimal:
    """What a unit had cost when the step was suggested, by the snapshot of its inputs."""
    costs = inputs["context"]["structure"]["costs"]
    return sum((Decimal(cost["amount"]) for cost in costs if cost["name"] in _LANDED), Decimal(0))
