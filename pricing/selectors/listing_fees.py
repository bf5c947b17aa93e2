"""What the tables say of a store's listings, with everything the client stated in their place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from config.lib.money import exponent
from connectors.facts.catalog import Listing
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from pricing.engine.terms import Profile, Terms
from pricing.fees.listing import query_for
from pricing.fees.query import FeeQuery, FeeQuote
from pricing.fees.schedule import quote_fees
from pricing.selectors.fee_overrides import StatedFees, load_overrides
from pricing.selectors.policies import terms_by_tier
from pricing.selectors.profiles import profiles_of
from pricing.types import Tier


@dataclass(frozen=True, slots=True)
class ListingFees:
    """Everything needed to quote a store's listings on any day, read at once."""

    store: StoreRef
    channels: Mapping[str, str]
    profiles: Mapping[str, Profile]
    terms: Mapping[Tier, Terms]

    def query(self, sku: str, on: date, stated: StatedFees) -> FeeQuery:
        """Return the question to ask of the schedules for a listing on a day."""
        profile = self.profiles.get(sku) or Profile(sku)
        return query_for(
            market=self.store.market,
            platform=self.store.platform,
            on=on,
            channel=self.channels.get(sku, "platform"),
            profile=profile,
            terms=self.terms[profile.tier],
            overrides=stated.of(sku=sku, category=profile.fee_category),
        )

    def quote(self, sku: str, on: date, stated: StatedFees) -> FeeQuote:
        """Return the fees of a listing on a day; errors as of `quote_fees`."""
        return quote_fees(self.query(sku, on, stated))

    @property
    def billing_unit(self) -> Decimal:
        """The smallest unit in which the platform bills."""
        return Decimal(1).scaleb(-exponent(self.store.currency))


def load_listing_fees(store_id: int, skus: Collection[str] | None, on: date) -> ListingFees:
    """Read the listings (None: all) and what was stated of them; `NotFound` for an unknown store."""
    store = get_store(store_id)
    rows = Listing.objects.filter(store_id=store_id)
    if skus is not None:
        rows = rows.filter(sku__in=list(skus))
    return ListingFees(
        store=store,
        channels=dict(rows.values_list("sku", "channel")),
        profiles=profiles_of(store_id, skus),
        terms=terms_by_tier(store_id, on),
    )


def quote_listings(store_id: int, skus: Collection[str] | None, on: date) -> dict[str, FeeQuote]:
    """Return the quotes of the listings (None: all) on a day, by SKU."""
    fees, stated = load_listing_fees(store_id, skus, on), load_overrides(store_id, on)
    return {sku: fees.quote(sku, on, stated) for sku in fees.channels}
