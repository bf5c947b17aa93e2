"""Amazon in Mexico: what is known of referral, fulfilment by price, plans and instalments."""

from __future__ import annotations

from decimal import Decimal

from pricing.fees.draft import Draft
from pricing.fees.query import FeeLine, Programme
from pricing.structure import RateFee, Tier, TierMode

LOW_PRICE = Decimal(299)
# Their fulfilment below 299 pesos is known although the tables are not.
SIX_PESOS = frozenset({"food", "health", "personal_care"})


def quote(draft: Draft) -> None:
    """Fill the quote of a listing on Amazon MX."""
    query, reader = draft.query, draft.reader
    draft.add_referral("mx.amazon.referral", fallback="default")
    if query.channel == "platform" and reader.wants(FeeLine.FULFILMENT):
        bands = reader.bands(FeeLine.FULFILMENT, "mx.amazon.fba.fulfilment")
        if bands is not None:
            draft.fees.append(reader.band_fee("fba", bands))
        elif query.category in SIX_PESOS:
            # Above the limit the amount stays a gap, which `bands` has noted; no band may pretend one.
            reader.number(FeeLine.FULFILMENT, "mx.amazon.fba.fulfilment.food_health_personal_care")
    if Programme.INSTALMENTS in query.programmes and reader.wants(FeeLine.PAYMENT):
        _add_instalments(draft)
    draft.add_plan("mx.amazon.plan", query.plan)


def _add_instalments(draft: Draft) -> None:
    rate = draft.reader.number(FeeLine.PAYMENT, "mx.amazon.instalments")
    if rate is None:
        return
    if draft.query.channel != "platform":
        draft.fees.append(draft.reader.flat_fee("instalments", rate))
        return
    made = draft.reader.flat_fee("instalments", rate)
    tiers = (Tier(LOW_PRICE, made.tiers[0].rate), Tier(None, Decimal(0)))
    draft.fees.append(RateFee("instalments", tiers, TierMode.WHOLE, None, made.tax))
