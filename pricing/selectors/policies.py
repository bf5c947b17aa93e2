"""How a store prices its listings on a day, tier by tier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from kpis.selectors.plans import list_targets
from pricing.engine.terms import DEFAULTS, TARGETS, Planned, StatedPolicy, Terms, lay_over
from pricing.models import PricingPolicy
from pricing.types import Tier

# The one KPI that says which margin a store is run for; it is before advertising, so as a target for what is
# left after advertising it errs on the dear side.
MARGIN_KPI = "gross_margin_pct"

TERM_COLUMNS = (
    "target_margin", "floor_margin", "cost_days", "fee_days", "fx_days", "competitor_hours", "stock_hours",
    "price_hours", "expiry_hours", "registration", "withholding", "is_fx_buffered", "ads_mode",
)  # fmt: skip


def list_policies(store_id: int, on: date) -> list[StatedPolicy]:
    """Return what is in force of a store on a day: at most one policy per tier, that of all tiers first."""
    rows = (
        PricingPolicy.objects.filter(store_id=store_id, effective_on__lte=on)
        .order_by("tier", "-effective_on", "-version")
        .distinct("tier")
    )
    return [to_stated(row) for row in rows]


def list_policy_versions(store_id: int, tier: str) -> list[StatedPolicy]:
    """Return every policy ever recorded for a tier of a store ("" all tiers), recorded last first."""
    rows = PricingPolicy.objects.filter(store_id=store_id, tier=tier).order_by("-version")
    return [to_stated(row) for row in rows]


def find_policy(store_id: int, tier: str) -> StatedPolicy | None:
    """Return the policy recorded last for a tier of a store, in force already or only later."""
    row = PricingPolicy.objects.filter(store_id=store_id, tier=tier).order_by("-version").first()
    return None if row is None else to_stated(row)


def terms_by_tier(store_id: int, on: date) -> dict[Tier, Terms]:
    """Return what holds for each tier on a day, nothing left open.

    The target margin is the tier's own, else the store's target of `gross_margin_pct` in force, else that of
    the store's policy for all tiers, else the proposed one.
    """
    stated = {each.tier: each.terms for each in list_policies(store_id, on)}
    whole = lay_over(DEFAULTS, stated.get("", Terms()))
    by_kpi = find_margin_target(store_id, on)
    found = {}
    for tier in Tier:
        own = stated.get(tier.value, Terms())
        target = own.target_margin
        if target is None and tier is not Tier.CLEARANCE:
            target = by_kpi
        if target is None:
            target = whole.target_margin
        if target is None:
            target = TARGETS[tier]
        found[tier] = lay_over(lay_over(whole, own), Terms(target_margin=target))
    return found


def find_margin_target(store_id: int, on: date) -> Decimal | None:
    """Return the margin that the store's scorecard aims at on a day; None where it has no such line.

    Stages need no look of their own: a store's stage decides which targets are set, and these are they.
    """
    for target in list_targets(store_id, on):
        if target.kpi == MARGIN_KPI:
            return target.goal.target
    return None


def to_stated(row: PricingPolicy) -> StatedPolicy:
    """The value of a row."""
    label = f"policy {row.tier or 'store'} {row.effective_on} v{row.version}"
    return StatedPolicy(
        store_id=row.store_id,
        tier=row.tier,
        effective_on=row.effective_on,
        version=row.version,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        terms=Terms(
            **{name: getattr(row, name) for name in TERM_COLUMNS},
            planning=read_planning(row.planning),
            required=None if row.required is None else tuple(row.required),
            version=label,
        ),
    )


def read_planning(raw: Mapping[str, Any]) -> dict[str, Planned]:
    """Planning values as they are stored, by line."""
    return {
        line: Planned(
            None if value.get("amount") is None else Decimal(value["amount"]),
            None if value.get("rate") is None else Decimal(value["rate"]),
        )
        for line, value in raw.items()
    }
