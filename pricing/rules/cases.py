"""Hand checks of rule and ending, in the form of the reference examples (`manage.py method_cases`).

Both run the product's own engine: the rule is the preset of the source document, on a listing that is made up
so that exactly the price given keeps 20 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pricing.rules.endings import MERCADO_LIBRE, charm
from pricing.rules.evaluate import run
from pricing.rules.parse import parse_rule_set
from pricing.rules.presets import PRESETS
from pricing.structure import Cost, CostStructure
from pricing.types import Bounds, Objective, Outcome, PricingContext, Proposal, RivalView, Tier

_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
_CENT = Decimal("0.01")
_MARGIN = Decimal("0.20")
_HIGHEST = Decimal(100_000)


def charm_case(inp: Mapping[str, Any]) -> str | int:
    """Return the ending for {market, target, floor, meli}: a yen price as an integer, others as text."""
    market = str(inp["market"])
    price = charm(
        market,
        _decimal(inp["target"]),
        _decimal(inp["floor"]),
        platform=MERCADO_LIBRE if inp.get("meli") else "",
    )
    return int(price) if market == "JP" else _plain(price)


def rule_case(inp: Mapping[str, Any]) -> dict[str, str | Decimal]:
    """Return what the source document's rule does with {price, competitor, bsr, price_at_20pct,
    hours_since_change}: `action` suggest or hold, `reason`, and `price` (the present one when it holds)."""
    context = _context(inp)
    proposal = run(context, parse_rule_set(PRESETS["source_document"].document))
    price = proposal.price if proposal.price is not None else _decimal(inp["price"])
    action = "suggest" if proposal.outcome is Outcome.SUGGEST else "hold"
    return {"action": action, "reason": _reason(proposal), "price": Decimal(_plain(price))}


def _reason(proposal: Proposal) -> str:
    codes = {reason.code: reason for reason in proposal.reasons}
    if "until_margin_reached" in codes:
        return "floor >= current"
    if "until_margin" in codes:
        return "clamped to floor"
    if "cadence" in codes:
        return "< 4 h since last change"
    return proposal.reasons[0].text


def _context(inp: Mapping[str, Any]) -> PricingContext:
    price, competitor = _decimal(inp["price"]), _decimal(inp["competitor"])
    since = Fraction(_decimal(inp["hours_since_change"])) * 3_600_000_000
    changed_at = _AT - timedelta(microseconds=since.numerator // since.denominator)
    structure = CostStructure(
        currency="USD",
        tax_rate=Decimal(0),
        tick=_CENT,
        billing_unit=_CENT,
        highest=_HIGHEST,
        costs=(Cost("all", _decimal(inp["price_at_20pct"]) * (1 - _MARGIN)),),
        target_margin=_MARGIN,
    )
    return PricingContext(
        store_id=0,
        sku="case",
        product_id="case",
        market="US",
        platform="",
        channel="",
        currency="USD",
        at=_AT,
        on=_AT.date(),
        price=price,
        price_as_of=_AT,
        structure=structure,
        lines=(),
        missing=(),
        floor_margin=Decimal(0),
        target_margin=_MARGIN,
        rivals=RivalView(competitor, competitor, price, None, 1, _AT),
        rank=int(inp["bsr"]),
        stock_units=1,
        cover_days=None,
        stock_age_days=None,
        acos=None,
        fx_move=None,
        fee_change=None,
        stage="",
        tier=Tier.REGULAR,
        objective=Objective.PROFIT,
        bounds=Bounds(),
        locks=(),
        ages=(),
        last_changed_at=changed_at,
        changes_today=0,
        day_start_price=price,
        units_per_day=None,
        elasticity=None,
    )


def _decimal(value: Any) -> Decimal:
    """Read a number of a case; a JSON fraction by its shortest text, which is what was written."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _plain(price: Decimal) -> str:
    """Write a price without needless zeros: 449, 20.99."""
    text = f"{price:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
