"""What selling one unit of a listing costs at any price, as a `CostStructure` whose every line has a source.

Pure: facts in, structure out. The lines are those of the domain reference (D1): goods, freight, duty, import
tax, inbound, referral, fulfilment, storage, payment, advertising, returns, packaging, after-sales, local
service, FX buffer, and withholding as an effect on cash. A line that nobody knows is named and has no amount.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from config.lib.money import exponent
from pricing.engine.contribution import Contribution, evaluate
from pricing.engine.cost_part import CostPart, can_reclaim, cost_part, is_exempt, is_import
from pricing.engine.fee_truth import ChosenFee, Frame, choose_fee, rate_of
from pricing.engine.listing_facts import ListingFacts, Observed, RefundTerms, Source
from pricing.engine.terms import AdsMode, Withholding
from pricing.structure import (
    Ads,
    AdsByClick,
    AdsByShare,
    CostStructure,
    Fee,
    FeeTax,
    RateFee,
    Returns,
)
from pricing.types import Truth, UsedLine

ZERO, ONE = Decimal(0), Decimal(1)
# Fewer units than this say little about how many come back.
RETURN_SAMPLE = 30
_HEADROOM = 20
_SHARES = frozenset({"referral", "payment"})
_ALWAYS = ("referral", "fulfilment")


@dataclass(frozen=True, slots=True)
class Built:
    """A cost structure with its lines, the required lines that nobody knows, and how old its sources are.

    `stated_at` is when the costs were last vouched for, `fees_on` the oldest day of a charge or estimate in
    use, `table_on` the day on which the tables in use were checked, `fx_on` the oldest exchange rate's.
    """

    structure: CostStructure
    lines: tuple[UsedLine, ...]
    missing: tuple[str, ...]
    landed: Decimal
    stated_at: datetime | None
    fees_on: date | None
    table_on: date | None
    fx_on: date | None


def build(facts: ListingFacts, target_margin: Decimal = ZERO) -> Built:
    """Build the cost structure of a listing from everything known of it."""
    costs = cost_part(facts)
    fees, fee_lines, read_on, table_on = _fees(facts)
    ads, ads_line = _ads(facts)
    returns, returns_line = _returns(facts, costs.landed)
    withholding, withheld_lines = _withholding(facts)
    structure = CostStructure(
        currency=facts.currency,
        tax_rate=ZERO if is_exempt(facts) else facts.tax.rate,
        tick=_unit(facts.currency),
        billing_unit=_unit(facts.currency),
        highest=_highest(facts, costs),
        fees=tuple(fees),
        costs=costs.costs,
        ads=ads,
        returns=returns,
        withholding=withholding,
        target_margin=target_margin,
    )
    lines = [*costs.lines, *fee_lines, *withheld_lines]
    lines += [line for line in (ads_line, returns_line) if line is not None]
    filled = with_amounts(structure, lines, facts.price)
    return Built(
        structure,
        filled,
        _missing(facts, filled),
        costs.landed,
        costs.stated_at,
        read_on,
        table_on,
        costs.fx_on,
    )


def with_amounts(
    structure: CostStructure, lines: Iterable[UsedLine], price: Decimal | None
) -> tuple[UsedLine, ...]:
    """Return the lines with what each comes to per unit at a price; lines that have an amount keep it."""
    if price is None or price <= 0:
        return tuple(lines)
    at = evaluate(structure, price)
    amounts = _amounts(structure, at)
    return tuple(
        replace(line, amount=amounts[line.name])
        if line.truth is not Truth.MISSING and line.name in amounts
        else line
        for line in lines
    )


_LINES = {
    "commission": "referral",
    "fvf": "referral",
    "per_item": "closing",
    "per_order": "closing",
    "fba": "fulfilment",
    "fuel_surcharge": "fulfilment",
    "low_inventory": "fulfilment",
    "wfs": "fulfilment",
    "fbt": "fulfilment",
    "fixed_or_ship": "fulfilment",
    "payment_fixed": "payment",
    "instalments": "payment",
    "isr": "withholding_isr",
}


def line_of(fee_name: str) -> str:
    """The line that a fee of the tables belongs to; a fee of its own where no line gathers it."""
    return _LINES.get(fee_name, fee_name)


def _amounts(structure: CostStructure, at: Contribution) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for name, amount in at.fees:
        found[line_of(name)] = found.get(line_of(name), ZERO) + amount
    if structure.ads is not None:
        found["advertising"] = at.ads
    if structure.returns is not None:
        found["returns"] = _returns_cost(structure, at)
    for name, rate in structure.withholding:
        found[f"withholding_{name}"] = (rate * at.net_revenue).quantize(_unit(structure.currency))
    return found


def _returns_cost(structure: CostStructure, at: Contribution) -> Decimal:
    """What returns take from the contribution of a unit: the difference to none coming back."""
    without = evaluate(replace(structure, returns=None), at.price)
    return without.contribution - at.contribution


def _fees(facts: ListingFacts) -> tuple[list[Fee], list[UsedLine], date | None, date | None]:
    frame = frame_of(facts)
    fees: list[Fee] = []
    lines: list[UsedLine] = []
    days: dict[bool, list[date]] = {True: [], False: []}
    for name in dict.fromkeys((*_ALWAYS, *facts.table.groups, *facts.charged)):
        observed = _observed(facts, name)
        # Who ships its own goods pays the platform for it only where it was seen to.
        is_own = name == "fulfilment" and facts.channel != "platform"
        if is_own and not observed and name not in facts.table.groups:
            continue
        chosen = choose_fee(
            name,
            observed=observed,
            table=facts.table.groups.get(name),
            planned=facts.terms.planning.get(name),
            frame=frame,
            is_share=name in _SHARES,
        )
        lines.append(_fee_line(facts, name, chosen))
        if chosen is not None:
            fees += chosen.fees
            if chosen.source.as_of is not None:
                days[chosen.source.truth is Truth.TABLE].append(chosen.source.as_of)
    return fees, lines, min(days[False], default=None), min(days[True], default=None)


def frame_of(facts: ListingFacts) -> Frame:
    """What a listing's fees are computed in."""
    unit = _unit(facts.currency)
    return Frame(facts.currency, facts.tax.rate, unit, unit, _fee_tax(facts))


def _observed(facts: ListingFacts, name: str) -> list[Observed]:
    """What was charged, then what the platform estimates, as far as there is either."""
    found = [facts.charged[name]] if name in facts.charged else []
    estimate = facts.estimate
    if estimate is None or estimate.price <= 0 or estimate.currency != facts.currency:
        return found
    amount = {
        "referral": estimate.referral,
        "fulfilment": estimate.fulfilment,
        "closing": estimate.closing,
    }.get(name)
    # A platform that ships nothing estimates no fulfilment; that is no statement about what it would cost.
    if amount is None or (amount == 0 and name == "fulfilment"):
        return found
    source = Source(Truth.ESTIMATED, f"platform's estimate of {estimate.estimated_on}", estimate.estimated_on)
    return [*found, Observed(amount, estimate.price, source)]


def _fee_line(facts: ListingFacts, name: str, chosen: ChosenFee | None) -> UsedLine:
    if chosen is None:
        note = facts.table.gaps.get(name, "")
        return UsedLine(name, None, None, Truth.MISSING, "", None, note=note)
    # A share that depends on the price has no one rate to name.
    rates = {tier.rate for fee in chosen.fees if isinstance(fee, RateFee) for tier in fee.tiers}
    return _sourced(name, None, rates.pop() if len(rates) == 1 else None, chosen.source)


def _ads(facts: ListingFacts) -> tuple[Ads | None, UsedLine | None]:
    profile = facts.profile
    mode = profile.ads_mode or facts.terms.ads_mode
    reference = f"profile version {profile.version}"
    if mode == AdsMode.NONE:
        return None, None
    if mode == AdsMode.SHARE and profile.ads_share is not None:
        return AdsByShare(profile.ads_share), _ads_line(profile.ads_share, Truth.STATED, reference, facts.on)
    per_click = (profile.ads_cost_per_click, profile.ads_conversion_rate, profile.ads_unit_share)
    if mode == AdsMode.CLICK and None not in per_click:
        ads = AdsByClick(*(value for value in per_click if value is not None))
        return ads, _ads_line(None, Truth.STATED, f"{reference}: cost per click", facts.on)
    rate = _measured_ads(facts)
    if rate is not None:
        window = f"spent over what was sold in 30 days, {facts.measured.units} units"
        return AdsByShare(rate), _ads_line(rate, Truth.CHARGED, window, facts.on)
    planned = facts.terms.planning.get("advertising")
    if planned is not None and planned.rate is not None:
        line = _ads_line(planned.rate, Truth.PLANNED, "the store's policy", facts.on)
        return AdsByShare(planned.rate), line
    return None, _ads_line(None, Truth.MISSING, "", None)


def _ads_line(rate: Decimal | None, truth: Truth, reference: str, as_of: date | None) -> UsedLine:
    return UsedLine("advertising", None, rate, truth, reference, as_of)


def _measured_ads(facts: ListingFacts) -> Decimal | None:
    """What advertising took of net revenue in 30 days; None where nothing was sold or it cannot be told."""
    measured = facts.measured
    if measured.net <= 0 or measured.ads_currencies > 1:
        return None
    if measured.ads is None:
        return ZERO
    found = facts.convert.rate(measured.ads_currency or facts.currency)
    return None if found is None else rate_of(measured.ads * found[0], measured.net)


def _returns(facts: ListingFacts, landed: Decimal) -> tuple[Returns | None, UsedLine | None]:
    profile, measured = facts.profile, facts.measured
    planned = facts.terms.planning.get("returns")
    enough = measured.shipped >= RETURN_SAMPLE
    if profile.return_rate is not None:
        rate, truth, reference = (
            profile.return_rate,
            Truth.STATED,
            f"profile version {profile.version}",
        )
    elif enough or (planned is None and measured.shipped > 0):
        rate = min(rate_of(Decimal(measured.returned), Decimal(measured.shipped)), ONE)
        truth, reference = Truth.CHARGED, f"{measured.returned} of {measured.shipped} shipped in 30 days"
    elif planned is not None and planned.rate is not None:
        rate, truth, reference = planned.rate, Truth.PLANNED, "the store's policy"
    else:
        return None, UsedLine("returns", None, None, Truth.MISSING, "", None)
    note = "" if enough or truth is not Truth.CHARGED else f"few units: fewer than {RETURN_SAMPLE}"
    line = UsedLine("returns", None, rate, truth, reference, facts.on, note=note)
    refund = _refund(facts)
    return Returns(
        rate=rate,
        admin_rate=refund.admin_rate,
        cap=refund.cap,
        processing=refund.processing,
        salvage=_salvage(facts),
        landed=landed,
    ), line


def _refund(facts: ListingFacts) -> RefundTerms:
    """What one return costs beside the goods: as stated, else as charged per return, else by the tables.

    What was charged per return holds the share of the referral fee that was kept.
    """
    profile, measured, table = facts.profile, facts.measured, facts.table.refund
    if profile.return_processing is None and measured.return_fees is not None and measured.returned:
        charged = (measured.return_fees / measured.returned).quantize(Decimal("0.0001"))
        return RefundTerms(profile.return_admin_rate or ZERO, profile.return_admin_cap, charged)
    admin = profile.return_admin_rate
    return RefundTerms(
        table.admin_rate if admin is None else admin,
        table.cap if profile.return_admin_cap is None and admin is None else profile.return_admin_cap,
        table.processing if profile.return_processing is None else profile.return_processing,
    )


def _salvage(facts: ListingFacts) -> Decimal:
    """The share of a returned unit's cost that is won back: as stated, else the share found sellable."""
    if facts.profile.return_salvage is not None:
        return facts.profile.return_salvage
    measured = facts.measured
    if not measured.returned:
        return ZERO
    return ONE - rate_of(Decimal(min(measured.spoilt, measured.returned)), Decimal(measured.returned))


def _withholding(facts: ListingFacts) -> tuple[tuple[tuple[str, Decimal], ...], list[UsedLine]]:
    """Withheld tax that is credited later, or that settles the tax due on the sale: cash, never a cost."""
    if facts.terms.withholding == Withholding.NONE:
        return (), []
    cash = tuple((name, rate) for name, (rate, _) in facts.table.withheld.items())
    note = "an effect on cash, not a cost"
    lines = [
        _sourced(f"withholding_{name}", None, rate, replace(source, note=note))
        for name, (rate, source) in facts.table.withheld.items()
    ]
    return cash, lines


def _sourced(name: str, amount: Decimal | None, rate: Decimal | None, source: Source) -> UsedLine:
    return UsedLine(
        name, amount, rate, source.truth, source.reference, source.as_of, source.confidence, source.note
    )


def _missing(facts: ListingFacts, lines: Iterable[UsedLine]) -> tuple[str, ...]:
    """The required lines that can apply to the listing and that nobody knows."""
    unknown = {line.name for line in lines if line.truth is Truth.MISSING}
    foreign = {"duty", "import_tax"}
    reclaimed = can_reclaim(facts) and facts.profile.is_importer
    applies = [
        name
        for name in facts.terms.required or ()
        if name not in foreign
        or (is_import(facts) and (name == "duty" or (facts.market != "US" and not reclaimed)))
    ]
    # A foreign amount without a rate makes a known line unknown, whatever the policy requires.
    unrated = [line.name for line in lines if line.truth is Truth.MISSING and "no exchange rate" in line.note]
    parts = [f"component {part.component.sku}" for part in facts.parts if part.sheet is None]
    return tuple(dict.fromkeys([*(name for name in applies if name in unknown), *unrated, *parts]))


def _fee_tax(facts: ListingFacts) -> FeeTax:
    """How platforms of a market quote fees that no table tells: Japan and Mexico including tax."""
    if facts.tax.rate == 0:
        return FeeTax.EX
    return FeeTax.INCLUDED_CREDITABLE if can_reclaim(facts) else FeeTax.INCLUDED_NOT_CREDITABLE


def _unit(currency: str) -> Decimal:
    return ONE.scaleb(-exponent(currency))


def _highest(facts: ListingFacts, costs: CostPart) -> Decimal:
    """The end of the search: the power of ten at least twenty times what the unit costs or sells for."""
    known = [facts.price or ZERO, sum((cost.amount for cost in costs.costs), ZERO)]
    known += [bound for bound in (facts.profile.highest,) if bound is not None]
    need = max(known) * _HEADROOM
    highest = Decimal(1000) if _unit(facts.currency) < 1 else Decimal(100_000)
    while highest < need:
        highest *= 10
    return highest
