"""How divergences, changes of fees and rates, proposals and margins at risk are shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from config.lib.money import Money
from pricing.api.boundary import bounded
from pricing.engine.contribution import Contribution
from pricing.engine.divergence import Divergence
from pricing.engine.margin_at_risk import AtRisk, Mitigation
from pricing.selectors.fee_changes import FeeChange, FeeChanges
from pricing.selectors.fx_changes import FXChange, FXChanges
from pricing.selectors.margin_at_risk import StoreRisk
from pricing.services.fee_changes import ProposedSet
from pricing.types import Truth

_PLACES = Decimal("0.000001")
_MONEY = Decimal("0.0001")


def divergence_body(each: Divergence, currency: str) -> dict[str, Any]:
    """A divergence as it is shown."""
    amounts = ("amount", "expected", "price", "difference", "exposure")
    return {
        "sku": each.sku,
        "line": each.line,
        "stronger": each.stronger.value,
        "weaker": each.weaker.value,
        **{name: _money(getattr(each, name), currency) for name in amounts},
        "units": each.units,
        "points": _rate(each.points),
        "relative": _rate(each.relative),
        "margin_move": _rate(each.margin_move),
    }


def divergences_body(
    store_id: int, on: Any, currency: str, found: Collection[Divergence], limit: int
) -> dict[str, Any]:
    """The divergences of a store; the sum is of what was charged against what the tables say."""
    pairs = [each for each in found if (each.stronger, each.weaker) == (Truth.CHARGED, Truth.TABLE)]
    total = sum((each.exposure for each in pairs), Decimal(0))
    return bounded(
        {
            "store_id": store_id,
            "on": on,
            "total": len(found),
            "exposure": _money(total, currency),
            "data": [divergence_body(each, currency) for each in list(found)[:limit]],
        }
    )


def fee_changes_body(store_id: int, currency: str, changes: FeeChanges) -> dict[str, Any]:
    """A preview of a change of fees."""
    return bounded(
        {
            "store_id": store_id,
            "effective_on": changes.effective_on,
            "exposure": _money(changes.exposure, currency),
            "data": [_fee_change(each) for each in changes.changes],
            "unknown": [{"sku": sku, "missing": list(keys)} for sku, keys in changes.unknown.items()],
        }
    )


def fx_changes_body(store_id: int, currency: str, changes: FXChanges) -> dict[str, Any]:
    """A preview of a currency's move."""
    hedge = changes.hedge
    return bounded(
        {
            "store_id": store_id,
            "currency": changes.currency,
            "on": changes.on,
            "rate": format(changes.rate, "f"),
            "rate_on": changes.rate_on,
            "hedge": None
            if hedge is None
            else {
                "exposure": _money(hedge.exposure, currency),
                "value_at_risk": _money(hedge.value_at_risk, currency),
                "is_due": hedge.is_due,
                "cover": _money(hedge.cover, currency),
            },
            "data": [_fx_change(each) for each in changes.changes],
        }
    )


def proposed_body(done: ProposedSet) -> dict[str, Any]:
    """What a set of proposals led to."""
    return bounded(
        {
            "proposed": [asdict(each) for each in done.proposed],
            "held_back": [{"sku": sku, "reasons": list(why)} for sku, why in done.held_back.items()],
        }
    )


def risk_body(store_id: int, currency: str, risk: StoreRisk, limit: int) -> dict[str, Any]:
    """The margins at risk of a store."""
    now, at_risk = risk.market or (None, None)
    return bounded(
        {
            "store_id": store_id,
            "on": risk.on,
            "currency": risk.currency,
            "days": risk.shocks.days,
            "seed": risk.seed,
            "margin": _rate(now),
            "p5_margin": _rate(at_risk),
            "left_out": risk.left_out,
            "total": len(risk.listings),
            "data": [_at_risk(each, currency) for each in risk.listings[:limit]],
        }
    )


def _fee_change(each: FeeChange) -> dict[str, Any]:
    currency = each.context.currency
    return {
        "sku": each.context.sku,
        "title": each.context.title,
        "cause": each.cause,
        "before": _priced(each.kept.before, currency),
        "after": _priced(each.kept.after, currency),
        "keeping": _priced(each.kept.kept, currency),
        "exposure": None if each.exposure is None else _money(each.exposure, currency),
        "values": [asdict(value) for value in each.values],
        "divergences": [divergence_body(found, currency) for found in each.divergences],
        "held_back": list(each.held_back),
    }


def _fx_change(each: FXChange) -> dict[str, Any]:
    currency = each.context.currency
    return {
        "sku": each.context.sku,
        "title": each.context.title,
        "since": each.since,
        "move": _rate(each.move),
        "level": each.level.name.lower(),
        "cost_share": _rate(each.share),
        "trigger": _rate(each.trigger),
        "before": _priced(each.kept.before, currency),
        "after": _priced(each.kept.after, currency),
        "keeping": _priced(each.kept.kept, currency),
        "balanced": _priced(each.balanced, currency),
        "is_due": each.is_due,
        "held_back": list(each.held_back),
    }


def _at_risk(each: AtRisk, currency: str) -> dict[str, Any]:
    cheapest = each.cheapest
    return {
        "sku": each.sku,
        "margin": _rate(each.margin),
        "p5_margin": _rate(each.p5_margin),
        "monthly_loss": _money(each.monthly_loss, currency),
        "driver": each.driver,
        "mitigations": [_mitigation(way, currency) for way in each.mitigations],
        "cheapest": None if cheapest is None else cheapest.way,
    }


def _mitigation(way: Mitigation, currency: str) -> dict[str, Any]:
    cost = way.monthly_cost
    return {
        "way": way.way,
        "size": _money(way.size, currency),
        "monthly_cost": None if cost is None else _money(cost, currency),
        "is_enough": way.is_enough,
    }


def _priced(found: Contribution | None, currency: str) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "price": _money(found.price, currency),
        "contribution": _money(found.contribution, currency),
        "margin": _rate(found.margin),
    }


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    return Money(amount.quantize(_MONEY, ROUND_HALF_UP), currency).to_json()


def _rate(value: Decimal | None) -> str | None:
    return None if value is None else format(value.quantize(_PLACES, ROUND_HALF_UP), "f")
