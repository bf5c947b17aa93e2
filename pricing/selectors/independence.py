"""Which markets' prices follow another market's: by what syncs observed, and by what rule sets say."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from config.lib.fx import FXRateMissing, FXRateStale, FXTable
from connectors.selectors.stores import list_stores
from pricing.models import PriceObservation
from pricing.rules.independence import Derived, ForeignReference, MarketPrice, find_derived, find_references
from pricing.selectors.rule_sets import load_active
from tenants.selectors.fx import fx_table

DAYS = 90


def list_derived(on: date, *, days: int = DAYS) -> tuple[Derived, ...]:
    """Return the SKUs whose prices in one market follow another market's, over the days before `on`.

    SKUs are the same article in every store of the client. Where two stores share a market, each price
    counts for the market.
    """
    markets = {store.id: store.market for store in list_stores()}
    first = on - timedelta(days=days)
    rows = (
        PriceObservation.objects.filter(
            store_id__in=list(markets), business_on__range=(first, on), kind="listing"
        )
        .order_by("observed_at", "id")
        .values_list("store_id", "sku", "business_on", "amount", "currency")
    )
    prices: dict[str, dict[str, list[MarketPrice]]] = defaultdict(lambda: defaultdict(list))
    currencies: set[str] = set()
    for store_id, sku, day, amount, currency in rows:
        prices[sku][markets[store_id]].append(MarketPrice(day, amount, currency))
        currencies.add(currency)
    several = {sku: by_market for sku, by_market in prices.items() if len(by_market) > 1}
    if not several:
        return ()
    table = fx_table(currencies, first, on)

    def rate_on(frm: str, to: str, day: date) -> Decimal | None:
        return _rate(table, frm, to, day)

    return find_derived(several, rate_on)


def list_foreign_references() -> list[tuple[int, ForeignReference]]:
    """Return the places where a rule set in force for a market speaks of another one, with the set's id."""
    stores = list_stores()
    markets = {store.market for store in stores}
    found = {
        (rules.id, reference): None
        for store in stores
        for rules in load_active(store.id).all
        if store.market in (rules.scope.markets or (store.market,))
        for reference in find_references(rules.rule_set, store.market, markets)
    }
    return list(found)


def _rate(table: FXTable, frm: str, to: str, day: date) -> Decimal | None:
    """The rate of a day; None where it is missing or too old, for then nothing is concluded."""
    try:
        return table.rate(frm, to, day)[0]
    except (FXRateMissing, FXRateStale):
        return None
