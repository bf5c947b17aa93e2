"""Amazon in the United States: referral by category, FBA by size tier, weight and price band, storage."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, Decimal

from config.lib.errors import Invalid
from pricing.fees.draft import Draft
from pricing.fees.query import FeeLine, Programme, ReturnTerms
from pricing.fees.reader import Reader
from pricing.fees.sizes import US_TIERS, classify_us, shipping_ounces
from pricing.fees.storage import held_cost
from pricing.fees.values import SizeLimits, WeightRow, WeightTable
from pricing.structure import Band, Cost, MultipleFee

FBA = "us.amazon.fba"
QUANTUM = Decimal("0.0001")
# The categories that Amazon calls media; they have no minimum fee and a closing fee instead.
MEDIA = frozenset({"books", "dvd_music_video_software", "video_game_consoles", "video_games_accessories"})
APPAREL = frozenset({"clothing_accessories"})
# Every return of these pays processing, whatever the return rate (apparel and shoes).
ALWAYS_PROCESSED = frozenset({"clothing_accessories", "footwear"})
_TIERS = (*US_TIERS, "xl_0_50", "xl_50_70", "xl_70_150", "xl_150_plus")
_AGED = (
    (181, "181_210"),
    (211, "211_240"),
    (241, "241_270"),
    (271, "271_300"),
    (301, "301_330"),
    (331, "331_365"),
)
_AGED_GREATER = ((456, "456_plus"), (366, "366_455"))


def quote(draft: Draft) -> None:
    """Fill the quote of a listing on Amazon US."""
    query, reader = draft.query, draft.reader
    draft.add_referral("us.amazon.referral")
    if query.category in MEDIA and reader.wants(FeeLine.REFERRAL):
        closing = reader.number(FeeLine.REFERRAL, "us.amazon.referral.closing_media")
        if closing is not None:
            draft.fees.append(reader.fixed_fee("closing", closing))
    if query.channel == "platform":
        draft.size_tier = _size_tier(draft)
        if reader.wants(FeeLine.FULFILMENT):
            _add_fulfilment(draft)
        if reader.wants(FeeLine.STORAGE):
            _add_storage(draft)
        if Programme.INBOUND_PLACEMENT in query.programmes and reader.wants(FeeLine.PLACEMENT):
            _add_placement(draft)
    _add_returns(draft)
    draft.add_plan("us.amazon.plan", query.plan)


def is_peak(on: date) -> bool:
    """Does a day lie in the peak season of fulfilment, 15 October to 14 January?"""
    return (on.month, on.day) >= (10, 15) or (on.month, on.day) <= (1, 14)


def amounts_at(row: WeightRow, ounces: Decimal) -> tuple[Decimal, ...]:
    """Return a row's amounts for a weight: every begun step above `step_from` adds its amount."""
    if row.step is None or row.per_step is None or row.step_from is None:
        return row.amounts
    steps = max(Decimal(0), (ounces - row.step_from) / row.step).to_integral_value(rounding=ROUND_CEILING)
    return tuple(amount + steps * row.per_step for amount in row.amounts)


def row_for(table: WeightTable, ounces: Decimal) -> WeightRow | None:
    """Return the row that holds a weight, None beyond the table."""
    for row in table.rows:
        if row.over < ounces and (row.up_to is None or ounces <= row.up_to):
            return row
    return None


def _size_tier(draft: Draft) -> str:
    query, reader = draft.query, draft.reader
    if query.size_tier:
        if query.size_tier not in _TIERS:
            raise Invalid(f"there is no size tier {query.size_tier!r}; known are {', '.join(_TIERS)}")
        return query.size_tier
    if query.parcel is None:
        if reader.wants(FeeLine.FULFILMENT) or query.days_held is not None:
            reader.ask(FeeLine.FULFILMENT, f"{FBA}.parcel", "state the packed size and weight of the unit")
        return ""
    limits = {tier: reader.limits(FeeLine.FULFILMENT, f"{FBA}.size_tier.{tier}") for tier in US_TIERS}
    known = {tier: found for tier, found in limits.items() if found is not None}
    divisor = _divisor(reader)
    if len(known) < len(US_TIERS) or divisor is None:
        return ""

    def of(tier: str) -> SizeLimits:
        return known[tier]

    return classify_us(query.parcel, of, divisor)


def _divisor(reader: Reader) -> Decimal | None:
    return reader.number(FeeLine.FULFILMENT, f"{FBA}.dimensional_divisor")


def _add_fulfilment(draft: Draft) -> None:
    query, reader = draft.query, draft.reader
    if not draft.size_tier:
        return
    tier = "apparel" if query.category in APPAREL else draft.size_tier
    table = reader.weights(FeeLine.FULFILMENT, f"{FBA}.fulfilment.{tier}")
    divisor = _divisor(reader)
    if table is None or divisor is None:
        return
    if query.parcel is None:
        reader.ask(FeeLine.FULFILMENT, f"{FBA}.parcel", "state the packed size and weight of the unit")
        return
    ounces = shipping_ounces(draft.size_tier, query.parcel, divisor)
    row = row_for(table, ounces)
    if row is None:
        reader.ask(FeeLine.FULFILMENT, f"{FBA}.fulfilment.{tier}", f"the table has no row for {ounces} oz")
        return
    addition = Decimal(0)
    if is_peak(query.on):
        addition = reader.number(FeeLine.FULFILMENT, f"{FBA}.fulfilment.peak_addition") or addition
    amounts = [amount + addition for amount in amounts_at(row, ounces)]
    bands = (Band(upper, flag, amount) for (upper, flag), amount in zip(table.prices, amounts, strict=True))
    draft.fees.append(reader.band_fee("fba", bands))
    surcharge = reader.number(FeeLine.FULFILMENT, f"{FBA}.fuel_logistics_surcharge")
    if surcharge:
        draft.fees.append(MultipleFee("fuel_surcharge", surcharge, "fba", reader.surcharge_tax()))
    _add_low_inventory(draft)


def _add_low_inventory(draft: Draft) -> None:
    query, reader = draft.query, draft.reader
    if query.days_of_supply is None:
        return
    least = reader.number(FeeLine.FULFILMENT, f"{FBA}.low_inventory.days")
    if least is not None and max(query.days_of_supply) < least:
        amount = reader.number(FeeLine.FULFILMENT, f"{FBA}.low_inventory.amount")
        if amount is not None:
            draft.fees.append(reader.fixed_fee("low_inventory", amount))


def _add_storage(draft: Draft) -> None:
    query, reader = draft.query, draft.reader
    if query.days_held is None or not draft.size_tier:
        return
    if query.parcel is None:
        reader.ask(FeeLine.STORAGE, f"{FBA}.parcel", "state the packed size of the unit")
        return
    volume = query.parcel.ft3
    kind = "standard" if draft.size_tier.endswith("standard") else "bulky"

    def rate_of(season: str) -> Decimal | None:
        rate = _monthly_rate(draft, kind, season)
        return None if rate is None else rate * volume

    cost = held_cost(query.on, query.days_held, rate_of)
    if cost is not None:
        draft.costs.append(Cost("storage", cost.quantize(QUANTUM)))
    _add_aged(draft, volume)


def _monthly_rate(draft: Draft, kind: str, season: str) -> Decimal | None:
    query, reader = draft.query, draft.reader
    if Programme.UTILISATION in query.programmes and (kind, season) == ("standard", "jan_sep"):
        if query.stock_weeks is None:
            reader.ask(FeeLine.STORAGE, f"{FBA}.storage.weeks", "state how many weeks the stock lasts")
            return None
        bands = reader.bands(FeeLine.STORAGE, f"{FBA}.storage.utilisation.standard.jan_sep") or ()
        return next((b.amount for b in bands if b.upper is None or query.stock_weeks <= b.upper), None)
    return reader.number(FeeLine.STORAGE, f"{FBA}.storage.{kind}.{season}")


def _add_aged(draft: Draft, volume: Decimal) -> None:
    """Add the aged inventory surcharge of a month, by the age of the oldest unit."""
    age, reader = draft.query.stock_age_days, draft.reader
    if age is None or age < _AGED[0][0]:
        return
    for first, name in _AGED_GREATER:
        if age >= first:
            by_volume = reader.number(FeeLine.STORAGE, f"{FBA}.aged.{name}.per_ft3")
            by_unit = reader.number(FeeLine.STORAGE, f"{FBA}.aged.{name}.per_unit")
            if by_volume is not None and by_unit is not None:
                amount = max(by_volume * volume, by_unit).quantize(QUANTUM)
                draft.costs.append(Cost("aged_storage", amount))
            return
    name = [name for first, name in _AGED if age >= first][-1]
    rate = reader.number(FeeLine.STORAGE, f"{FBA}.aged.{name}.per_ft3")
    if rate is not None:
        draft.costs.append(Cost("aged_storage", (rate * volume).quantize(QUANTUM)))


def _add_placement(draft: Draft) -> None:
    reader, tier, parcel = draft.reader, draft.size_tier, draft.query.parcel
    if tier not in ("small_standard", "large_standard", "large_bulky") or parcel is None:
        reader.ask(FeeLine.PLACEMENT, f"{FBA}.inbound_placement", f"no table for size tier {tier or '?'}")
        return
    bands = reader.bands(FeeLine.PLACEMENT, f"{FBA}.inbound_placement.{tier}")
    divisor = _divisor(reader)
    if bands is None or divisor is None:
        return
    ounces = shipping_ounces(tier, parcel, divisor)
    amount = next(band.amount for band in bands if band.upper is None or ounces <= band.upper)
    draft.costs.append(Cost("placement", amount))


def _add_returns(draft: Draft) -> None:
    query, reader = draft.query, draft.reader
    if not reader.wants(FeeLine.RETURNS):
        return
    rate = reader.number(FeeLine.RETURNS, "us.amazon.refund_admin.rate")
    cap = reader.number(FeeLine.RETURNS, "us.amazon.refund_admin.cap")
    processing = Decimal(0)
    if query.channel == "platform" and (
        query.category in ALWAYS_PROCESSED or Programme.RETURNS_PROCESSING in query.programmes
    ):
        processing = reader.number(FeeLine.RETURNS, "us.amazon.returns.processing") or processing
    draft.returns = ReturnTerms(rate or Decimal(0), cap, processing)
