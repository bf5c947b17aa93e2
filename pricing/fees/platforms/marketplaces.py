"""Walmart, eBay and TikTok Shop."""

from __future__ import annotations

from decimal import Decimal

from pricing.fees.draft import Draft, category_key
from pricing.fees.query import FeeLine, Programme, ReturnTerms
from pricing.structure import Band


def quote_walmart(draft: Draft) -> None:
    """Fill the quote of a listing on Walmart: a referral fee, no monthly and no minimum fee."""
    draft.add_referral("us.walmart.referral", fallback="default")
    reader = draft.reader
    if draft.query.channel == "platform" and reader.wants(FeeLine.FULFILMENT):
        table = reader.weights(FeeLine.FULFILMENT, "us.walmart.wfs.fulfilment")
        if table is not None:
            prices = zip(table.prices, table.rows[0].amounts, strict=True)
            bands = (Band(upper, is_inclusive, amount) for (upper, is_inclusive), amount in prices)
            draft.fees.append(reader.band_fee("wfs", bands))


def quote_ebay(draft: Draft) -> None:
    """Fill the quote of a listing on eBay: shares of the whole sale, the buyer's sales tax included."""
    query, reader = draft.query, draft.reader
    if not reader.wants(FeeLine.REFERRAL):
        return
    if query.buyer_tax_rate is None:
        reader.ask(FeeLine.REFERRAL, "us.ebay.buyer_tax_rate", "state the mean sales tax that buyers pay")
        return
    multiplier = 1 + query.buyer_tax_rate
    key = category_key("us.ebay.final_value", query.category, "default")
    tiers = reader.tiers(FeeLine.REFERRAL, key) if key else None
    if tiers is not None:
        draft.fees.append(reader.rate_fee("fvf", tiers, base_multiplier=multiplier))
    bands = reader.bands(FeeLine.REFERRAL, "us.ebay.per_order")
    if bands is not None:
        draft.fees.append(reader.band_fee("per_order", bands, base_multiplier=multiplier))
    if Programme.INTERNATIONAL in query.programmes:
        rate = reader.number(FeeLine.PROGRAMME, "us.ebay.international")
        if rate is not None:
            draft.fees.append(reader.flat_fee("international", rate))


def quote_tiktok_us(draft: Draft) -> None:
    """Fill the quote of a listing on TikTok Shop US; a refund keeps a fifth of the referral, at most 5."""
    query, reader = draft.query, draft.reader
    draft.add_referral("us.tiktok_shop.referral", fallback="default")
    if Programme.PAYMENT_FEE in query.programmes and reader.wants(FeeLine.PAYMENT):
        rate = reader.number(FeeLine.PAYMENT, "us.tiktok_shop.payment")
        if rate is not None:
            draft.fees.append(reader.flat_fee("payment", rate))
    if query.channel == "platform" and reader.wants(FeeLine.FULFILMENT):
        amount = reader.number(FeeLine.FULFILMENT, "us.tiktok_shop.fbt.fulfilment")
        if amount is not None:
            draft.fees.append(reader.fixed_fee("fbt", amount))
    if reader.wants(FeeLine.RETURNS):
        kept = reader.number(FeeLine.RETURNS, "us.tiktok_shop.refund_admin.rate")
        cap = reader.number(FeeLine.RETURNS, "us.tiktok_shop.refund_admin.cap")
        draft.returns = ReturnTerms(kept or Decimal(0), cap)


def quote_tiktok_mx(draft: Draft) -> None:
    """Fill the quote of a listing on TikTok Shop Mexico, as far as presets tell it."""
    draft.add_referral("mx.tiktok_shop.referral")
