"""A price shown as "was" beside the present one was really asked: 二重価格表示, former prices, Buen Fin."""

from __future__ import annotations

from collections.abc import Mapping

from pricing.engine.double_pricing import STANDARDS, judge_former_price
from pricing.engine.price_history import PriceHistory
from pricing.rules.checks.given import Given
from pricing.types import PriceCheck

CODES: Mapping[str, str] = {"US": "us_former_price", "JP": "jp_double_price", "MX": "mx_former_price"}


def check(given: Given) -> PriceCheck | None:
    """Block a former price that the price history does not prove by the standard of the market.

    A history nobody has told of proves nothing; see `pricing.engine.double_pricing` for the standards.
    """
    reference, market = given.claim.reference_price, given.context.market
    if reference is None or market not in STANDARDS:
        return None
    past = given.history if given.history is not None else PriceHistory()
    evidence = judge_former_price(market, past, reference, given.on, present=given.price)
    if evidence.may_show:
        return None
    return PriceCheck(
        code=CODES[market],
        blocks=True,
        text="The price history does not prove the former price that would be shown.",
        reference=evidence.standard.law,
        values={
            "reference": str(reference),
            "days": str(len(evidence.counted)),
            "days_on_sale": str(len(evidence.sold)),
            "lacking": ", ".join(reason.code for reason in evidence.reasons),
        },
    )
