"""Amazon in Japan: tiers of the whole price, FBA by size with less up to 1,000 yen, plan or fee per item."""

from __future__ import annotations

from decimal import Decimal

from config.lib.errors import Invalid
from pricing.fees.draft import Draft
from pricing.fees.parameters import PARAMETERS
from pricing.fees.query import FeeLine
from pricing.fees.sizes import classify_jp
from pricing.fees.storage import held_cost
from pricing.structure import Band, Cost

FBA = "jp.amazon.fba"
MEDIA = "books_software"
QUANTUM = Decimal("0.0001")


def quote(draft: Draft) -> None:
    """Fill the quote of a listing on Amazon JP."""
    query, reader = draft.query, draft.reader
    draft.add_referral("jp.amazon.referral")
    if query.category == MEDIA and reader.wants(FeeLine.REFERRAL):
        closing = reader.number(FeeLine.REFERRAL, "jp.amazon.referral.closing_media")
        if closing is not None:
            draft.fees.append(reader.fixed_fee("closing", closing))
    if query.channel == "platform":
        draft.size_tier = _size_tier(draft)
        if draft.size_tier and reader.wants(FeeLine.FULFILMENT):
            _add_fulfilment(draft)
        if draft.size_tier and query.days_held is not None and reader.wants(FeeLine.STORAGE):
            _add_storage(draft)
    if query.plan == "individual" and reader.wants(FeeLine.PLAN):
        per_item = reader.number(FeeLine.PLAN, "jp.amazon.plan.individual")
        if per_item is not None:
            draft.fees.append(reader.fixed_fee("per_item", per_item))
    else:
        draft.add_plan("jp.amazon.plan", query.plan)


def size_tiers() -> list[str]:
    """Return the size tiers from small to large."""
    return PARAMETERS.children(f"{FBA}.size_tier")


def _size_tier(draft: Draft) -> str:
    query, reader = draft.query, draft.reader
    if query.size_tier:
        if query.size_tier not in size_tiers():
            raise Invalid(f"there is no size tier {query.size_tier!r}; known are {', '.join(size_tiers())}")
        return query.size_tier
    if query.parcel is None:
        if reader.wants(FeeLine.FULFILMENT) or query.days_held is not None:
            reader.ask(FeeLine.FULFILMENT, f"{FBA}.parcel", "state the packed size and weight of the unit")
        return ""
    standard = reader.limits(FeeLine.FULFILMENT, f"{FBA}.standard_limit")
    limits = [(tier, reader.limits(FeeLine.FULFILMENT, f"{FBA}.size_tier.{tier}")) for tier in size_tiers()]
    known = [(tier, found) for tier, found in limits if found is not None]
    if standard is None or len(known) < len(limits):
        return ""
    found = classify_jp(query.parcel, known, standard)
    if found is None:
        reader.ask(FeeLine.FULFILMENT, f"{FBA}.size_tier", "the parcel is larger than every known tier")
    return found or ""


def _add_fulfilment(draft: Draft) -> None:
    reader = draft.reader
    amount = reader.number(FeeLine.FULFILMENT, f"{FBA}.fulfilment.{draft.size_tier}")
    discount = reader.number(FeeLine.FULFILMENT, f"{FBA}.low_price_discount")
    limit = reader.number(FeeLine.FULFILMENT, f"{FBA}.low_price_limit")
    if amount is None or discount is None or limit is None:
        return
    bands = (Band(limit, True, amount - discount), Band(None, True, amount))
    draft.fees.append(reader.band_fee("fba", bands))


def _add_storage(draft: Draft) -> None:
    query, reader = draft.query, draft.reader
    if query.parcel is None:
        reader.ask(FeeLine.STORAGE, f"{FBA}.parcel", "state the packed size of the unit")
        return
    litres = query.parcel.cm3 / 1000
    kind = "standard" if draft.size_tier.startswith(("small", "standard")) else "large"

    def rate_of(season: str) -> Decimal | None:
        rate = reader.number(FeeLine.STORAGE, f"{FBA}.storage.{kind}.{season}")
        return None if rate is None else rate * litres

    cost = held_cost(query.on, query.days_held or 0, rate_of)
    if cost is not None:
        draft.costs.append(Cost("storage", reader.cost_of(cost, draft.fee_tax).quantize(QUANTUM)))
    _add_aged(draft)


def _add_aged(draft: Draft) -> None:
    """Add what a month costs at the age of the oldest unit."""
    age, reader = draft.query.stock_age_days, draft.reader
    if age is None:
        return
    first = reader.number(FeeLine.STORAGE, f"{FBA}.aged.first_day")
    if first is None or age < first:
        return
    amount = reader.number(FeeLine.STORAGE, f"{FBA}.aged.{'366_plus' if age > 365 else '271_365'}")
    if amount is not None:
        draft.add_cost("aged_storage", amount)
