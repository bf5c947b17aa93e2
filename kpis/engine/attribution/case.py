"""What the checks look at: one store in two windows, its SKUs, what was offered, stocked, and what happened.

Money is in the store's own currency. None means unknown, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from kpis.engine.attribution.verdict import ZERO

HISTORY_WEEKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SKUWindow:
    """A SKU in one window. `fulfilment` and `platform` are fees, `landed` the landed cost of what was sold.

    `stocked_days` counts days with a stock figure, `empty_days` those of them without a sellable unit.
    `own_price`, `rival_price` are the mean cheapest landed offers, `featured` how often ours was the featured
    one; `offers_late`: they were seen only after the window.
    """

    units: Decimal = ZERO
    net_sales: Decimal = ZERO
    live_sales: Decimal = ZERO
    fulfilment: Decimal = ZERO
    platform: Decimal = ZERO
    landed: Decimal | None = None
    ad_spend: Decimal = ZERO
    ad_sales: Decimal = ZERO
    ad_clicks: Decimal = ZERO
    stocked_days: int = 0
    empty_days: int = 0
    own_price: Decimal | None = None
    rival_price: Decimal | None = None
    featured: Decimal | None = None
    offers_late: bool = False
    rank: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreWindow:
    """A store in one window. `late` is the share of late shipments; `rate` the worth of its currency in the
    client's reporting currency (None: the same currency, or unknown)."""

    days: int
    units: Decimal = ZERO
    net_sales: Decimal = ZERO
    live_sales: Decimal = ZERO
    refunds: Decimal = ZERO
    profit: Decimal = ZERO
    ad_spend: Decimal | None = None
    sessions: Decimal | None = None
    buy_box: Decimal | None = None
    shipments: int = 0
    late: Decimal | None = None
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of the timeline: its kind (connectors.records.EventKind), SKU ("" all) and day."""

    kind: str
    sku: str
    on: date
    title: str = ""


@dataclass(frozen=True, slots=True)
class SKUHistory:
    """What a SKU sold in the weeks before the window, on how many days it could sell."""

    units: Decimal = ZERO
    days: int = 0

    @property
    def velocity(self) -> Decimal:
        """Units a day while it could be bought."""
        return self.units / self.days if self.days > 0 else ZERO


@dataclass(frozen=True, slots=True)
class SKUCase:
    """A SKU before and after."""

    sku: str
    before: SKUWindow
    after: SKUWindow
    history: SKUHistory


@dataclass(frozen=True, slots=True)
class Case:
    """One store before and after. `year_ago` is the same change a year earlier (0.1: +10 %), None unknown."""

    before: StoreWindow
    after: StoreWindow
    after_from: date
    skus: Mapping[str, SKUCase]
    happenings: tuple[Happening, ...] = ()
    year_ago: Decimal | None = None
    is_domestic: bool = True
    has_events: bool = field(default=False)

    @property
    def base(self) -> Decimal:
        """Net sales before: what a cause is measured against (those after, where there were none)."""
        return self.before.net_sales if self.before.net_sales > 0 else self.after.net_sales

    @property
    def margin_rate(self) -> Decimal:
        """The margin after advertising but for the advertising, of one unit of net sales, before."""
        if self.before.net_sales <= 0:
            return ZERO
        return (self.before.profit + (self.before.ad_spend or ZERO)) / self.before.net_sales

    def events(self, *kinds: str) -> list[Happening]:
        """The events of these kinds."""
        return [each for each in self.happenings if each.kind in kinds]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a SKU should have sold in the later window, by its history, and how far off it was."""

    expected: Decimal
    sold: Decimal

    @property
    def lost(self) -> Decimal:
        """Expected but not sold; negative where more was sold."""
        return self.expected - self.sold

    @property
    def is_fall(self) -> bool:
        """Is the fall more than chance? Units of a SKU vary like a Poisson count: two standard deviations,
        and a quarter of the expected at least."""
        return self.lost > 2 * self.expected.sqrt() and self.lost >= self.expected / 4


def expectation(case: Case, sku: SKUCase, *, in_stock_days_only: bool = False) -> Expectation:
    """Compare a SKU's units with its normal velocity, moved by what the store's other SKUs did.

    The others' move is halved towards no change: with few units it is mostly chance.
    """
    days = case.after.days - (sku.after.empty_days if in_stock_days_only else 0)
    return Expectation(sku.history.velocity * days * _others(case, sku), sku.after.units)


def price_of(sku: SKUCase) -> Decimal:
    """Net sales per unit, before (after, where nothing was sold before)."""
    for side in (sku.before, sku.after):
        if side.units > 0:
            return side.net_sales / side.units
    return ZERO


def _others(case: Case, sku: SKUCase) -> Decimal:
    expected = sum((s.history.velocity for s in case.skus.values() if s is not sku), ZERO) * case.after.days
    sold = sum((s.after.units for s in case.skus.values() if s is not sku), ZERO)
    if expected <= 0:
        return Decimal(1)
    return min(max(1 + (sold / expected - 1) / 2, Decimal("0.5")), Decimal("1.5"))
