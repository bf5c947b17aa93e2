"""The question to ask of the schedules for a listing, made of what was stated of it and its store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pricing.engine.terms import Profile, Registration, Terms, Withholding
from pricing.fees.query import FeeLine, FeeQuery, Override, TaxStatus
from pricing.fees.sizes import Parcel

_STATUS = {
    Withholding.RFC: TaxStatus.WITH_RFC,
    Withholding.NO_RFC: TaxStatus.WITHOUT_RFC,
    Withholding.NON_RESIDENT: TaxStatus.FOREIGN,
}


def query_for(
    *,
    market: str,
    platform: str,
    on: date,
    channel: str,
    profile: Profile,
    terms: Terms,
    overrides: Mapping[str, Override],
    skip: frozenset[FeeLine] = frozenset(),
) -> FeeQuery:
    """Return the query of a listing on a day; what nobody stated becomes a gap of the quote."""
    is_exempt = profile.is_tax_exempt
    if is_exempt is None:
        is_exempt = terms.registration == Registration.EXEMPT
    # Whoever has no RFC in Mexico cannot reclaim what is withheld, nor the IVA on fees.
    is_resident = market != "MX" or terms.withholding == Withholding.RFC
    skipped = set(skip)
    if terms.withholding in ("", Withholding.NONE):
        skipped.add(FeeLine.WITHHOLDING)
    return FeeQuery(
        market=market,
        platform=platform,
        on=on,
        channel=channel,
        category=profile.fee_category,
        size_tier=profile.size_tier,
        parcel=parcel_of(profile),
        payment_mix=tuple(sorted(profile.payment_mix.items())),
        is_tax_exempt=is_exempt,
        is_fee_tax_creditable=is_resident and not is_exempt,
        is_reduced_tax=profile.is_reduced_tax,
        tax_status=_STATUS.get(Withholding(terms.withholding or "none"), TaxStatus.WITH_RFC),
        is_withholding_creditable=is_resident,
        skip=frozenset(skipped),
        overrides=overrides,
    )


def parcel_of(profile: Profile) -> Parcel | None:
    """Return the packed unit, None where a side or the weight was not stated."""
    stated = (profile.length_cm, profile.width_cm, profile.height_cm, profile.weight_grams)
    known = [each for each in stated if isinstance(each, Decimal)]
    return Parcel(*known) if len(known) == len(stated) else None
