"""Whether a suggestion can be computed anew from what was stored with it, to the same price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from config.lib.errors import NotFound
from pricing.engine import snapshot
from pricing.models import PriceRuleSetVersion, Recommendation
from pricing.rules.checks import check_price
from pricing.rules.evaluate import run as run_rules
from pricing.rules.parse import parse_rule_set
from pricing.types import PriceCheck, PricingContext, ProposalKind


def reproduce(recommendation_id: int) -> dict[str, Any]:
    """Compute a suggestion anew from its stored inputs and the stored version of its rule set. `NotFound`.

    `is_intact`: the inputs have their digest. `price` is what the rules say to them now, before what its
    family left of it, and `is_same` whether that is what they said then; both are None for a suggestion that
    no rules made.
    """
    row = (
        Recommendation.objects.filter(pk=recommendation_id)
        .values("kind", "inputs", "inputs_sha256", "trace", "suggested_amount", "rule_set_id")
        .first()
    )
    if row is None:
        raise NotFound(f"There is no recommendation {recommendation_id}.")
    is_intact = snapshot.digest(row["inputs"]) == row["inputs_sha256"]
    if row["kind"] != ProposalKind.RULES.value or row["rule_set_id"] is None:
        return {"is_intact": is_intact, "price": None, "is_same": None}
    price = _again(row["inputs"])
    told = None if price is None else format(price, "f")
    return {"is_intact": is_intact, "price": told, "is_same": price == _by_rules(dict(row))}


def _again(inputs: dict[str, Any]) -> Decimal | None:
    context = snapshot.load(inputs["context"])
    history = snapshot.load_days(inputs["price_days"])
    used = inputs["rule_set"]
    said = PriceRuleSetVersion.objects.get(rule_set_id=used["id"], version=used["version"])
    rule_set = parse_rule_set(said.document)

    def checks(asked: PricingContext, price: Decimal) -> tuple[PriceCheck, ...]:
        return check_price(asked, price, history)

    return run_rules(context, rule_set, checks=checks).price


def _by_rules(row: dict[str, Any]) -> Decimal:
    """The price before the family shortened the move, if it did."""
    family = [step["before"] for step in row["trace"] if (step["stage"], step["name"]) == ("limit", "family")]
    return Decimal(family[0]) if family and family[0] is not None else Decimal(row["suggested_amount"])
