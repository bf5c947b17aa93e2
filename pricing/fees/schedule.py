"""What a platform charges for selling a listing on a day, made of the dated parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from config.lib.errors import Invalid
from pricing.fees.draft import Draft
from pricing.fees.parameters import PARAMETERS
from pricing.fees.platforms import (
    amazon_jp,
    amazon_mx,
    amazon_us,
    japan_malls,
    marketplaces,
    mercado_libre,
    shopify,
)
from pricing.fees.query import FeeLine, FeeQuery, FeeQuote
from pricing.fees.reader import Reader, first_rate

CURRENCIES: Mapping[str, str] = {"US": "USD", "JP": "JPY", "MX": "MXN"}
# Connectors name Amazon's stores by its interface.
ALIASES: Mapping[str, str] = {"amazon_sp": "amazon"}
SCHEDULES: Mapping[tuple[str, str], Callable[[Draft], None]] = {
    ("US", "amazon"): amazon_us.quote,
    ("JP", "amazon"): amazon_jp.quote,
    ("MX", "amazon"): amazon_mx.quote,
    ("US", "walmart"): marketplaces.quote_walmart,
    ("US", "ebay"): marketplaces.quote_ebay,
    ("US", "tiktok_shop"): marketplaces.quote_tiktok_us,
    ("MX", "tiktok_shop"): marketplaces.quote_tiktok_mx,
    ("US", "shopify"): shopify.quote,
    ("JP", "shopify"): shopify.quote,
    ("MX", "shopify"): shopify.quote,
    ("JP", "rakuten"): japan_malls.quote_rakuten,
    ("JP", "yahoo_shopping"): japan_malls.quote_yahoo,
    ("MX", "mercado_libre"): mercado_libre.quote,
}
# Where the marketplace withholds tax from the seller; an own shop's processor does not.
_WITHHOLDING = frozenset({("MX", "amazon"), ("MX", "mercado_libre"), ("MX", "tiktok_shop")})
_REFERRALS: Mapping[tuple[str, str], str] = {
    ("MX", "mercado_libre"): "mx.mercado_libre.commission",
    ("US", "ebay"): "us.ebay.final_value",
}
_NO_CATEGORY = frozenset({"closing_media", "uplift_over_750"})


def quote_fees(query: FeeQuery) -> FeeQuote:
    """Return the fees of a listing, the parameters they rest on, and what nobody knows.

    `Invalid` for a market and platform without a schedule, a size tier or a payment mix that cannot be.
    """
    platform = ALIASES.get(query.platform, query.platform)
    schedule = SCHEDULES.get((query.market, platform))
    if schedule is None:
        known = ", ".join(f"{name} in {market}" for market, name in SCHEDULES)
        raise Invalid(f"there is no schedule for {platform} in {query.market}", remedy=f"Known: {known}.")
    reader = Reader(query)
    price_tax, fee_tax = _taxes(reader)
    reader.quote_in(is_included=_is_included(reader, platform), price_tax=price_tax, fee_tax=fee_tax)
    draft = Draft(reader, fee_tax)
    schedule(draft)
    withholding = _withholding(draft) if (query.market, platform) in _WITHHOLDING else ()
    return FeeQuote(
        currency=CURRENCIES[query.market],
        tax_rate=price_tax,
        size_tier=draft.size_tier,
        fees=tuple(draft.fees),
        costs=tuple(draft.costs),
        returns=draft.returns,
        withholding=withholding,
        monthly=tuple(draft.monthly),
        uses=tuple(reader.uses.values()),
        gaps=tuple(dict.fromkeys(reader.gaps)),
    )


def list_categories(market: str, platform: str) -> list[str]:
    """Return the fee categories of a platform; empty where its fees do not depend on one."""
    platform = ALIASES.get(platform, platform)
    prefix = _REFERRALS.get((market, platform), f"{market.lower()}.{platform}.referral")
    return [name for name in PARAMETERS.children(prefix) if name not in _NO_CATEGORY]


def _taxes(reader: Reader) -> tuple[Decimal, Decimal]:
    """Return the tax in the price that the seller remits, and the tax on the platform's fees."""
    query = reader.query
    keys = {
        "US": ("us.tax.in_price", "us.tax.in_price"),
        "JP": (
            "jp.tax.in_price.reduced" if query.is_reduced_tax else "jp.tax.in_price.standard",
            "jp.tax.in_price.standard",
        ),
        "MX": ("mx.tax.in_price", "mx.tax.in_price"),
    }[query.market]
    price_tax, fee_tax = (reader.number(FeeLine.TAX, key) or Decimal(0) for key in keys)
    return (Decimal(0) if query.is_tax_exempt else price_tax), fee_tax


def _is_included(reader: Reader, platform: str) -> bool:
    """Are the platform's fees quoted with tax in them? The marketplaces of Mexico show them so."""
    if (reader.query.market, platform) == ("JP", "amazon"):
        return reader.word(FeeLine.REFERRAL, "jp.amazon.fee_tax_mode") == "included"
    return reader.query.market == "MX" and platform != "shopify"


def _withholding(draft: Draft) -> tuple[tuple[str, Decimal], ...]:
    """Return what the marketplace withholds; income tax that cannot be reclaimed becomes a fee instead.

    IVA withheld is the seller's own output tax, so it never is a cost.
    """
    query, reader = draft.query, draft.reader
    if not reader.wants(FeeLine.WITHHOLDING):
        return ()
    with_rfc = query.tax_status == "with_rfc"
    isr = reader.number(
        FeeLine.WITHHOLDING, f"mx.withholding.isr.{'with_rfc' if with_rfc else 'without_rfc'}"
    )
    iva = reader.number(
        FeeLine.WITHHOLDING, f"mx.withholding.iva.{'with_rfc' if with_rfc else 'without_rfc_or_foreign'}"
    )
    if not query.is_withholding_creditable and isr is not None:
        plain = Reader(query)
        draft.fees.insert(first_rate(draft.fees), plain.flat_fee("isr", isr, is_on_net=True))
        isr = None
    return tuple((name, rate) for name, rate in (("isr", isr), ("iva", iva)) if rate is not None)
