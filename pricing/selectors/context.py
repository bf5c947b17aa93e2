"""Everything known of the listings of a store at a moment: the one input of rules, floors and suggestions.

Set-wise: the number of statements does not depend on the number of listings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

from config.lib import clock
from config.lib.calendars import business_day, day_bounds
from config.lib.errors import NotFound
from config.lib.money import Money
from connectors.selectors.freshness import list_freshness
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from kpis.selectors.happenings import list_events
from kpis.selectors.stages import stage_of
from pricing.engine.build import Built, build, frame_of
from pricing.engine.fee_truth import quoted
from pricing.engine.landed import ZERO, Measured
from pricing.engine.listing_facts import ListingFacts, Observed, Part, Source
from pricing.engine.state import cover_days, input_age, per_day, rate_age
from pricing.engine.terms import Profile, Terms
from pricing.selectors.charged_fees import ChargedFees, charged_rates
from pricing.selectors.competitors import rivals_of
from pricing.selectors.cost_lines import CostFacts, read_cost_facts
from pricing.selectors.fee_overrides import load_overrides
from pricing.selectors.fee_tables import FeeTables
from pricing.selectors.history import PriceChange, changes_on, last_changes, prices_at
from pricing.selectors.listing_state import (
    FamilyMember,
    ListingRow,
    ListingStates,
    family_prices,
    list_listing_rows,
    read_states,
    regular_prices,
)
from pricing.selectors.locks import locks_of
from pricing.selectors.policies import terms_by_tier
from pricing.selectors.profiles import profiles_of
from pricing.types import Bounds, InputAge, Lock, PricingContext, RivalView, Tier, Truth

_DAYS_OF_SALES = 30
_HOURS = 24
# A table is checked by people and does not go stale like a reading: warned of after half a year.
_TABLE_DAYS = 180
_MOVE = Decimal("0.000001")
_NO_RIVALS = RivalView(None, None, None, None, 0, None)


@dataclass(frozen=True, slots=True)
class Loaded:
    """All that was read for a number of listings of a store."""

    store: StoreRef
    at: datetime
    on: date
    listings: Mapping[str, ListingRow]
    profiles: Mapping[str, Profile]
    terms: Mapping[Tier, Terms]
    families: Mapping[str, tuple[FamilyMember, ...]]
    costs: CostFacts
    charged: Mapping[str, ChargedFees]
    tables: FeeTables
    states: ListingStates
    rivals: Mapping[str, RivalView]
    locks: Mapping[str, tuple[Lock, ...]]
    changes: Mapping[str, PriceChange]
    changes_today: Mapping[str, int]
    day_start: Mapping[str, Decimal]
    regular: Mapping[str, Decimal]
    listings_read_at: datetime | None
    stage: str
    events: tuple[str, ...]

    def terms_of(self, sku: str) -> Terms:
        """What holds for a listing by its tier."""
        return self.terms[self.profile_of(sku).tier]

    def profile_of(self, sku: str) -> Profile:
        """What was stated of a listing."""
        return self.profiles.get(sku) or Profile(sku)


def load_contexts(
    *, store_id: int, skus: Collection[str] | None = None, at: datetime | None = None
) -> list[PricingContext]:
    """Return what is known of these listings (None: all active ones) at an instant (None: now), by SKU.

    SKUs that the store does not list are left out. `NotFound` for an unknown store.
    """
    loaded = load(store_id=store_id, skus=skus, at=at)
    return [context_of(loaded, sku) for sku in loaded.listings]


def get_context(store_id: int, sku: str, at: datetime | None = None) -> PricingContext:
    """Return what is known of one listing; `NotFound` where the store does not list the SKU."""
    found = load_contexts(store_id=store_id, skus=[sku], at=at)
    if not found:
        raise NotFound(f"store {store_id} has no listing {sku!r}")
    return found[0]


def load(
    *,
    store_id: int,
    skus: Collection[str] | None = None,
    at: datetime | None = None,
    on: date | None = None,
) -> Loaded:
    """Read everything for these listings, in a fixed number of statements.

    `on` is the shop day whose costs and fees are wanted where it is not that of `at`; what is measured is
    always as of `at`.
    """
    store, at = get_store(store_id), at or clock.now()
    today = business_day(at, store.time_zone)
    on = on or today
    listings = {row.sku: row for row in list_listing_rows(store, skus)}
    profiles = profiles_of(store_id, None if skus is None else list(listings))
    changes = last_changes(store_id, None if skus is None else list(listings))
    wanted = {sku: row.channel for sku, row in listings.items()}
    parts = {
        part.sku: wanted.get(part.sku, wanted[sku])
        for sku in listings
        if sku in profiles
        for part in profiles[sku].components
    }
    since = min((change.observed_at.date() for change in changes.values()), default=None)
    return Loaded(
        store=store,
        at=at,
        on=on,
        listings=listings,
        profiles=profiles,
        terms=terms_by_tier(store_id, on),
        families=family_prices(store_id, {each.family for each in profiles.values() if each.family}),
        costs=read_cost_facts(
            store=store, channels={**parts, **wanted}, on=min(on, today), sheets_on=on, back_to=since
        ),
        charged=charged_rates(store_id, None if skus is None else list(listings), min(on, today)),
        tables=FeeTables(store, load_overrides(store_id, on)),
        states=read_states(store, listings, min(on, today)),
        rivals=_rivals(store, listings, profiles, at),
        locks=locks_of(store_id, None if skus is None else list(listings), at),
        changes=changes,
        changes_today=changes_on(store_id, None if skus is None else list(listings), on),
        day_start=prices_at(store_id, list(listings), day_bounds(on, store.time_zone)[0]),
        regular=regular_prices(store_id, list(listings), at),
        listings_read_at=_listings_read_at(store),
        stage=stage_of(store_id, on),
        events=tuple(sorted(list_events([store], on, on).get(store.id, {}).get(on, frozenset()))),
    )


def facts_of(loaded: Loaded, sku: str) -> ListingFacts:
    """The facts that a listing's cost structure is built from."""
    row, profile = loaded.listings[sku], loaded.profile_of(sku)
    costs = loaded.costs
    return ListingFacts(
        market=loaded.store.market,
        platform=loaded.store.platform,
        channel=row.channel,
        currency=loaded.store.currency,
        on=loaded.on,
        price=row.price,
        profile=profile,
        terms=loaded.terms_of(sku),
        table=loaded.tables.of(profile, loaded.terms_of(sku), row.channel, loaded.on),
        convert=costs.convert,
        sheet=costs.sheets.get(sku),
        parts=tuple(Part(part, costs.sheets.get(part.sku)) for part in profile.components),
        measured=costs.measured.get(sku, Measured()),
        store=costs.store,
        estimate=costs.estimates.get(sku),
        charged=_charged(loaded.charged.get(sku), loaded.store.currency),
    )


def margins_of(loaded: Loaded, sku: str) -> tuple[Decimal, Decimal]:
    """The floor and the target margin of a listing: as stated of it, else as its tier's policy has them."""
    profile, terms = loaded.profile_of(sku), loaded.terms_of(sku)
    floor = profile.floor_margin if profile.floor_margin is not None else terms.floor_margin
    target = profile.target_margin if profile.target_margin is not None else terms.target_margin
    return floor or ZERO, target or ZERO


def context_of(loaded: Loaded, sku: str) -> PricingContext:
    """Put together what is known of one listing."""
    row, profile, states = loaded.listings[sku], loaded.profile_of(sku), loaded.states
    floor_margin, target_margin = margins_of(loaded, sku)
    built = build(facts_of(loaded, sku), target_margin)
    stock = states.stock.get(sku)
    pace = _pace(loaded, row)
    rivals = loaded.rivals.get(row.product_id, _NO_RIVALS)
    change = loaded.changes.get(sku)
    return PricingContext(
        store_id=loaded.store.id,
        sku=sku,
        product_id=row.product_id,
        market=loaded.store.market,
        platform=loaded.store.platform,
        channel=row.channel,
        currency=loaded.store.currency,
        at=loaded.at,
        on=loaded.on,
        price=row.price,
        price_as_of=_price_read_at(loaded, row),
        structure=built.structure,
        lines=built.lines,
        missing=built.missing,
        floor_margin=floor_margin,
        target_margin=target_margin,
        rivals=rivals,
        rank=states.ranks.get(sku),
        stock_units=stock[0] if stock else None,
        cover_days=cover_days(stock[0] if stock else None, pace),
        stock_age_days=states.ages.get(sku),
        acos=states.acos.get(sku),
        fx_move=_fx_move(loaded, sku, change),
        fee_change=_fee_change(loaded, sku, change),
        stage=loaded.stage,
        tier=profile.tier,
        objective=profile.objective,
        bounds=Bounds(profile.lowest, profile.highest, profile.advertised),
        locks=loaded.locks.get(sku, ()),
        ages=tuple(_ages(loaded, row, built, rivals)),
        last_changed_at=change.observed_at if change else None,
        changes_today=loaded.changes_today.get(sku, 0),
        day_start_price=loaded.day_start.get(sku),
        units_per_day=pace,
        elasticity=states.elasticities.get(sku, profile.elasticity),
        events=loaded.events,
        title=row.title,
        family=profile.family,
        family_rank=profile.family_rank,
        condition=profile.condition or row.condition or "new",
        pack_size=profile.pack_size,
        regular_price=loaded.regular.get(sku, row.price),
        **_neighbours(loaded, profile),
    )


def _neighbours(loaded: Loaded, profile: Profile) -> dict[str, Decimal | None]:
    """The prices between which the order of the family's variations keeps this one."""
    members, rank = loaded.families.get(profile.family, ()), profile.family_rank
    if rank is None:
        return {}
    below = max((each.rank for each in members if each.rank < rank), default=None)
    above = min((each.rank for each in members if each.rank > rank), default=None)
    return {
        "family_below": max((each.price for each in members if each.rank == below), default=None),
        "family_above": min((each.price for each in members if each.rank == above), default=None),
    }


def _charged(found: ChargedFees | None, currency: str) -> dict[str, Observed]:
    """What orders were charged per unit at their median price, by line."""
    if found is None or not found.price or found.currency != currency:
        return {}
    reference = f"charged {found.first} to {found.last}, {found.units} units"
    source = Source(Truth.CHARGED, reference, found.as_of)
    amounts = {
        "referral": found.referral_rate and found.referral_rate * found.price,
        "fulfilment": found.fulfilment_amount,
        "payment": found.payment_rate and found.payment_rate * found.price,
    }
    return {
        line: Observed(amount, found.price, source) for line, amount in amounts.items() if amount is not None
    }


def _rivals(
    store: StoreRef, listings: Mapping[str, ListingRow], profiles: Mapping[str, Profile], at: datetime
) -> dict[str, RivalView]:
    packs, conditions = {}, {}
    for sku, row in listings.items():
        profile = profiles.get(sku)
        if profile is not None:
            packs[row.product_id] = profile.pack_size
        conditions[row.product_id] = (profile and profile.condition) or row.condition
    products = [row.product_id for row in listings.values()]
    return rivals_of(store=store, product_ids=products, at=at, packs=packs, conditions=conditions)


def _listings_read_at(store: StoreRef) -> datetime | None:
    """As of when the store's listings are known, where a stream brings them; a price that did not change is
    not written again, so its own row does not say."""
    known = list_freshness([store.id], {"listings"})
    return max((state.data_as_of for state in known if state.data_as_of is not None), default=None)


def _price_read_at(loaded: Loaded, row: ListingRow) -> datetime:
    return max(row.read_at, loaded.listings_read_at or row.read_at)


def _pace(loaded: Loaded, row: ListingRow) -> Decimal | None:
    """Units a day over 30 days, or since the listing was opened if that is less; None on its first day."""
    days = _DAYS_OF_SALES
    if row.opened_on is not None:
        days = min(days, (loaded.on - row.opened_on).days)
    if days <= 0:
        return None
    return per_day(loaded.costs.measured.get(row.sku, Measured()).units, days)


def _fx_move(loaded: Loaded, sku: str, change: PriceChange | None) -> Decimal | None:
    """How much dearer the foreign part of a unit's cost became since its price was last set, as a share.

    None where no change of the price was seen, nothing is paid in foreign money, or a rate is not known.
    """
    if change is None:
        return None
    convert, then = loaded.costs.convert, business_day(change.observed_at, loaded.store.time_zone)
    before = now = ZERO
    for quantity, money in foreign_costs(loaded, sku):
        old, new = convert.rate(money.currency, then), convert.rate(money.currency)
        if old is None or new is None:
            return None
        before += quantity * money.amount * old[0]
        now += quantity * money.amount * new[0]
    return (now / before - 1).quantize(_MOVE, rounding=ROUND_HALF_UP) if before else None


def foreign_costs(loaded: Loaded, sku: str) -> list[tuple[int, Money]]:
    """The costs of a unit in other currencies than the store's, each with how often it is in the unit."""
    sheets = [(1, loaded.costs.sheets.get(sku))]
    sheets += [
        (part.quantity, loaded.costs.sheets.get(part.sku)) for part in loaded.profile_of(sku).components
    ]
    return [
        (quantity, money)
        for quantity, sheet in sheets
        if sheet is not None
        for money in sheet.lines.values()
        if money.currency != loaded.store.currency
    ]


def _fee_change(loaded: Loaded, sku: str, change: PriceChange | None) -> Decimal | None:
    """How many points of the price the tables' fees rose since the price was last set; None where unknown."""
    row, profile = loaded.listings[sku], loaded.profile_of(sku)
    if change is None or not row.price:
        return None
    then = business_day(change.observed_at, loaded.store.time_zone)
    terms = loaded.terms_of(sku)
    now_fees = loaded.tables.of(profile, terms, row.channel, loaded.on)
    old_fees = loaded.tables.of(profile, terms, row.channel, then)
    if now_fees.groups.keys() != old_fees.groups.keys() or not now_fees.groups:
        return None
    frame = frame_of(facts_of(loaded, sku))
    moved = sum(
        (
            quoted(now_fees.groups[line].fees, row.price, frame)
            - quoted(old_fees.groups[line].fees, row.price, frame)
            for line in now_fees.groups
            if now_fees.groups[line].fees != old_fees.groups[line].fees
        ),
        ZERO,
    )
    return (moved / row.price).quantize(_MOVE, rounding=ROUND_HALF_UP)


def _ages(loaded: Loaded, row: ListingRow, built: Built, rivals: RivalView) -> Iterator[InputAge]:
    """How old each input is that the listing has; what was never there is missing, not old."""
    terms, at = loaded.terms_of(row.sku), loaded.at
    yield input_age("price", _price_read_at(loaded, row), terms.price_hours or 0, at)
    if built.stated_at is not None:
        yield input_age("cost", built.stated_at, (terms.cost_days or 0) * _HOURS, at)
    if built.fees_on is not None:
        yield input_age("fees", _end_of(built.fees_on, at), (terms.fee_days or 0) * _HOURS, at)
    if built.table_on is not None:
        limit = max(terms.fee_days or 0, _TABLE_DAYS) * _HOURS
        yield input_age("fee_table", _end_of(built.table_on, at), limit, at)
    if built.fx_on is not None:
        yield rate_age(built.fx_on, _end_of(built.fx_on, at), terms.fx_days or 0, loaded.on)
    if rivals.as_of is not None:
        yield input_age("competitor", rivals.as_of, terms.competitor_hours or 0, at)
    stock = loaded.states.stock.get(row.sku)
    if stock is not None:
        yield input_age("stock", stock[1], terms.stock_hours or 0, at)


def _end_of(day: date, at: datetime) -> datetime:
    """The end of a day, but not later than now."""
    return min(datetime.combine(day, time(23, 59, 59), tzinfo=UTC), at)
