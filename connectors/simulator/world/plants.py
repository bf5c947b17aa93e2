"""The causes put into the world on purpose, and how strongly each acts on a SKU on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from connectors.simulator.world.model import Plant, Product

STOCK_OUT, RIVAL_CUT, FEE_RISE = "stock_out", "rival_price_cut", "fee_rise"
COST_RISE, AD_SURGE, LISTING_EDIT = "cost_rise", "ad_surge", "listing_edit"


def make_plants(accounts: list[str], heroes: dict[tuple[str, str], Product], end: date) -> tuple[Plant, ...]:
    """Three causes around the last complete ISO week before `end`, spread over the clients there are.

    Each begins on the Monday of that week (the stock-out two days earlier, so that the last open orders have
    left the warehouse), which makes week on week the comparison that shows it.
    """
    monday = end - timedelta(days=end.weekday() + 7)
    first, last = accounts[0], accounts[-1]
    fee_market = "MX" if first == last else "US"
    return (
        Plant(
            kind=STOCK_OUT,
            account=first,
            market="US",
            sku=heroes[first, "US"].sku,
            start=monday - timedelta(days=2),
            end=monday + timedelta(days=6),
            cause="What was left of the best seller was damaged, and its replenishment is late.",
            effects=(
                "units, net_sales, gmv_ordered and sessions of the store fall, the SKU sells nothing",
                "stockout_rate rises by one SKU a day",
                "buy_box_pct falls a little: an offer without stock cannot be featured",
            ),
            size=Decimal(1),
        ),
        Plant(
            kind=RIVAL_CUT,
            account=last,
            market="JP",
            sku=heroes[last, "JP"].sku,
            start=monday,
            end=None,
            cause="A rival offers the best seller 15 % below our price.",
            effects=(
                "buy_box_pct of the store falls, that of the SKU from about 0.96 to about 0.25",
                "units and net_sales of the SKU fall by about 70 %, conversion_rate falls with them",
                "price_competitiveness_index of the store rises",
            ),
            size=Decimal("0.85"),
        ),
        Plant(
            kind=FEE_RISE,
            account=last,
            market=fee_market,
            sku="",
            start=monday,
            end=None,
            cause="Amazon raises the fulfilment fee of every size tier by 35 %, by the day of shipping.",
            effects=(
                "fulfilment_fees per unit rise by about 35 %",
                "gross_margin_pct and roi fall, sales stay",
            ),
            size=Decimal("1.35"),
        ),
    )


def make_more_plants(
    accounts: list[str], heroes: dict[tuple[str, str], Product], end: date
) -> tuple[Plant, ...]:
    """Three more causes of the same week: dearer goods, an advertising surge, and a listing made worse."""
    monday = end - timedelta(days=end.weekday() + 7)
    first = accounts[0]
    return (
        Plant(
            kind=COST_RISE,
            account=first,
            market="US",
            sku="",
            start=monday,
            end=None,
            cause="The factory and the forwarder raise their prices: every landed cost goes up by 20 %.",
            effects=("landed_cost_ratio rises, gross_margin_pct and roi fall, sales stay",),
            size=Decimal("1.2"),
        ),
        Plant(
            kind=AD_SURGE,
            account=first,
            market="JP",
            sku="",
            start=monday,
            end=None,
            cause="Bids and budgets are raised: twice the clicks, each 20 % dearer, no more sales.",
            effects=("ad_spend, acos and tacos rise, cm3_pct and roi fall, sales stay",),
            size=Decimal(2),
        ),
        Plant(
            kind=LISTING_EDIT,
            account=first,
            market="MX",
            sku=heroes[first, "MX"].sku,
            start=monday,
            end=None,
            cause="The best seller's pictures and text were replaced, and fewer visitors buy it.",
            effects=(
                "units and net_sales of the SKU fall by about 70 %, conversion_rate falls, visits stay",
            ),
            size=Decimal("0.3"),
        ),
    )


@dataclass(frozen=True, slots=True)
class Effects:
    """The plants of one store, asked day by day."""

    plants: tuple[Plant, ...]

    def active(self, kind: str, sku: str, day: date) -> Plant | None:
        """The plant of that kind which acts on the SKU on the day."""
        for plant in self.plants:
            if plant.kind == kind and plant.sku in ("", sku) and plant.covers(day):
                return plant
        return None

    def demand_factor(self, sku: str, day: date) -> float:
        """How much of the usual demand is left."""
        edit = self.active(LISTING_EDIT, sku, day)
        return (0.3 if self.active(RIVAL_CUT, sku, day) else 1.0) * (float(edit.size) if edit else 1.0)

    def clicks_factor(self, sku: str, day: date) -> float:
        """How many clicks advertising brings, by the usual."""
        surge = self.active(AD_SURGE, sku, day)
        return float(surge.size) if surge else 1.0

    def fulfilment_fee(self, product: Product, day: date, step: Decimal) -> Decimal:
        """The fee for one unit shipped on the day."""
        rise = self.active(FEE_RISE, product.sku, day)
        return product.fulfilment_fee if rise is None else (product.fulfilment_fee * rise.size).quantize(step)

    def loses_stock(self, sku: str, day: date) -> bool:
        """Whether what is left of the SKU is damaged on this day."""
        plant = self.active(STOCK_OUT, sku, day)
        return plant is not None

    def blocks_arrival(self, sku: str, day: date) -> bool:
        """Whether a delivery cannot arrive on this day: from four days before a stock-out to its end."""
        return any(
            plant.kind == STOCK_OUT
            and plant.sku == sku
            and plant.start - timedelta(days=4) <= day <= (plant.end or day)
            for plant in self.plants
        )
