"""Listings as values, for tests without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from config.lib.fx import FXTable
from config.lib.money import Money
from connectors.types import CostLine
from pricing.engine.landed import Converter, Measured, Sheet
from pricing.engine.listing_facts import FeeGroup, ListingFacts, Source, TableFees, TaxRate
from pricing.engine.terms import DEFAULTS, Profile
from pricing.structure import Band, BandFee, FeeTax, RateFee, Tier, TierMode
from pricing.types import Truth

ON = date(2026, 11, 20)
D = Decimal
TABLE = Source(Truth.TABLE, "the table", date(2026, 11, 1))
CURRENCIES = {"US": "USD", "JP": "JPY", "MX": "MXN"}
TAXES = {"US": D(0), "JP": D("0.10"), "MX": D("0.16")}
PER_EUR = {"USD": D("1.25"), "JP": D(160), "JPY": D(160), "MXN": D(20), "CNY": D(8)}


def rates(days: int = 130) -> FXTable:
    """The same rates every day."""
    return FXTable({ON - timedelta(days=n): PER_EUR for n in range(days)})


def sheet(market: str, **amounts: str) -> Sheet:
    """A cost sheet in the currency of a market, recorded on its first day."""
    currency = CURRENCIES[market]
    return Sheet(
        7,
        2,
        date(2026, 10, 1),
        datetime(2026, 10, 2, tzinfo=UTC),
        {CostLine(line): Money(D(amount), currency) for line, amount in amounts.items()},
    )


def jp_fees(tax: FeeTax = FeeTax.INCLUDED_CREDITABLE) -> dict[str, FeeGroup]:
    """The fees of the worked example JP01: 5 % up to 750 yen (at least 30), 15.4 % above; FBA 368 or 434."""
    tiers = (Tier(D(750), D("0.05")), Tier(None, D("0.154")))
    bands = (Band(D(1000), True, D(368)), Band(None, True, D(434)))
    return {
        "referral": FeeGroup((RateFee("referral", tiers, TierMode.WHOLE, D(30), tax),), TABLE),
        "fulfilment": FeeGroup((BandFee("fba", bands, tax),), TABLE),
    }


def us_fees() -> dict[str, FeeGroup]:
    """15 % referral; FBA 3.73 below 10 dollars, 4.60 up to 50, 4.86 above."""
    bands = (Band(D(10), False, D("3.73")), Band(D(50), True, D("4.60")), Band(None, True, D("4.86")))
    return {
        "referral": FeeGroup((RateFee("referral", (Tier(None, D("0.15")),), minimum=D("0.30")),), TABLE),
        "fulfilment": FeeGroup((BandFee("fba", bands),), TABLE),
    }


def listing(
    market: str,
    *,
    profile: Mapping[str, Any] | None = None,
    terms: Mapping[str, Any] | None = None,
    groups: Mapping[str, FeeGroup] | None = None,
    **values: Any,
) -> ListingFacts:
    """A listing of a market; without advertising and returns unless told."""
    currency = CURRENCIES[market]
    stated = {"ads_mode": "none", "return_rate": D(0), **(profile or {})}
    facts = ListingFacts(
        market=market,
        platform="amazon_sp",
        channel="platform",
        currency=currency,
        on=ON,
        price=D(30) if market == "US" else D(3000),
        profile=Profile("TENT", 3, **stated),
        terms=replace(DEFAULTS, **(terms or {})),
        table=TableFees(TaxRate(TAXES[market], "tax law"), groups=groups or {}),
        convert=Converter(currency, ON, rates()),
        measured=Measured(units=60, shipped=60, net=D(1500)),
    )
    return replace(facts, **values)
