"""What was stated of a listing and of its store's way of pricing, as values, with what holds unless told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from pricing.types import Objective, Tier


class AdsMode(StrEnum):
    """How advertising is told off against a unit."""

    MEASURED = "measured"
    """What was spent over what was sold in 30 days, as a share of net revenue."""
    SHARE = "share"
    """A stated share of net revenue."""
    CLICK = "click"
    """Cost per click / conversion rate × the share of units that advertising sells."""
    NONE = "none"


class Registration(StrEnum):
    """May the seller reclaim the tax it pays, and does it owe the tax in its prices?"""

    TAXABLE = "taxable"
    EXEMPT = "exempt"


class Withholding(StrEnum):
    """How a Mexican platform withholds tax: by what it knows of the seller. Nothing elsewhere."""

    RFC = "rfc"
    NO_RFC = "no_rfc"
    NON_RESIDENT = "non_resident"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a bundle and how many of it."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What was stated of a listing; see `pricing.models.ListingProfile` for the meaning of the fields."""

    sku: str
    version: int = 0
    fee_category: str = ""
    size_tier: str = ""
    length_cm: Decimal | None = None
    width_cm: Decimal | None = None
    height_cm: Decimal | None = None
    weight_grams: Decimal | None = None
    origin: str = ""
    hts_code: str = ""
    duty_rate: Decimal | None = None
    extra_duty_rate: Decimal | None = None
    is_importer: bool = True
    is_tax_exempt: bool | None = None
    is_reduced_tax: bool = False
    ads_mode: str = ""
    ads_share: Decimal | None = None
    ads_cost_per_click: Decimal | None = None
    ads_conversion_rate: Decimal | None = None
    ads_unit_share: Decimal | None = None
    return_rate: Decimal | None = None
    return_admin_rate: Decimal | None = None
    return_admin_cap: Decimal | None = None
    return_processing: Decimal | None = None
    return_salvage: Decimal | None = None
    payment_mix: Mapping[str, Decimal] = field(default_factory=dict)
    pack_size: int = 1
    condition: str = ""
    lowest: Decimal | None = None
    highest: Decimal | None = None
    advertised: Decimal | None = None
    tier: Tier = Tier.REGULAR
    objective: Objective = Objective.PROFIT
    target_margin: Decimal | None = None
    floor_margin: Decimal | None = None
    family: str = ""
    family_rank: int | None = None
    components: tuple[Component, ...] = ()
    elasticity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What to assume of a line that nobody knows: an amount per unit, or a share of the price."""

    amount: Decimal | None = None
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """How a store prices the listings of a tier; None and "" are left open for a broader rule.

    `version` names the rows it was made of, for the record.
    """

    target_margin: Decimal | None = None
    floor_margin: Decimal | None = None
    cost_days: int | None = None
    fee_days: int | None = None
    fx_days: int | None = None
    competitor_hours: int | None = None
    stock_hours: int | None = None
    price_hours: int | None = None
    expiry_hours: int | None = None
    registration: str = ""
    withholding: str = ""
    is_fx_buffered: bool | None = None
    ads_mode: str = ""
    planning: Mapping[str, Planned] = field(default_factory=dict)
    required: tuple[str, ...] | None = None
    version: str = ""


DEFAULTS = Terms(
    # Domain reference, section 8: costs at most 90 days, fees 30, exchange rates 2, rivals a day. Stock and
    # our own price are read several times a day, so two days without either means that reading them fails.
    floor_margin=Decimal(0),
    cost_days=90,
    fee_days=30,
    fx_days=2,
    competitor_hours=24,
    stock_hours=48,
    price_hours=48,
    expiry_hours=24,
    registration=Registration.TAXABLE,
    withholding=Withholding.RFC,
    is_fx_buffered=True,
    ads_mode=AdsMode.MEASURED,
    required=("purchase", "duty", "import_tax", "referral", "fulfilment"),
)
"""What holds where nobody stated anything; the target margin has its own last resort (`TARGETS`)."""

TARGETS: Mapping[Tier, Decimal] = MappingProxyType(
    {
        # Proposed: clearance only has to break even, heroes trade margin for reach.
        Tier.HERO: Decimal("0.15"),
        Tier.REGULAR: Decimal("0.20"),
        Tier.TAIL: Decimal("0.25"),
        Tier.CLEARANCE: Decimal(0),
    }
)
"""The target margin of a tier for which nobody set one."""


def lay_over(broad: Terms, narrow: Terms) -> Terms:
    """Return `broad` with everything that `narrow` states; planning values line by line."""
    stated = {
        each.name: value
        for each in fields(narrow)
        if each.name not in ("planning", "version")
        and (value := getattr(narrow, each.name)) not in (None, "")
    }
    version = " ".join(part for part in (broad.version, narrow.version) if part)
    return replace(broad, **stated, planning={**broad.planning, **narrow.planning}, version=version)


@dataclass(frozen=True, slots=True)
class StatedPolicy:
    """One recorded policy: what it states, for which tier ("" all), from when on, by whom."""

    store_id: int
    tier: str
    effective_on: date
    version: int
    recorded_at: datetime
    recorded_by: str
    terms: Terms
