"""How many came to look, how often the offer was the featured one, and what advertising brought."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from connectors.simulator.world import calendar
from connectors.simulator.world.dice import Dice
from connectors.simulator.world.model import AdDay, Product, Store, TrafficDay
from connectors.simulator.world.money import as_decimal, to_money
from connectors.simulator.world.plants import RIVAL_CUT, STOCK_OUT, Effects

_CLICK_PRICE = {"USD": Decimal("0.86"), "JPY": Decimal(88), "MXN": Decimal("9.40")}
# Share of a click's purchases by days after the click; what comes later than a week only 14-day figures show.
_LAGS = (0, 0, 0, 0, 1, 1, 2, 3, 5, 6, 8, 11, 13)


def make_traffic(
    seed: int, store: Store, effects: Effects, start: date, last: date
) -> dict[date, tuple[TrafficDay, ...]]:
    """Visits of every active SKU on every day."""
    found = {}
    day = start
    while day <= last:
        rows = []
        for product in store.products:
            if product.active:
                rows.append(
                    _visits(Dice(seed, "visits", store.key, product.sku, day), store, product, effects, day)
                )
        found[day] = tuple(rows)
        day += timedelta(days=1)
    return found


def _visits(dice: Dice, store: Store, product: Product, effects: Effects, day: date) -> TrafficDay:
    mean = product.rate * calendar.demand_factor(store.market.code, day) / product.conversion
    share = min(1.0, max(0.0, dice.normal(0.965, 0.015)))
    if store.stock[product.sku].days[day].end == 0 and effects.active(STOCK_OUT, product.sku, day):
        mean, share = mean * 0.45, 0.0
    elif effects.active(RIVAL_CUT, product.sku, day):
        share = min(0.4, max(0.1, dice.normal(0.25, 0.04)))
    sessions = dice.poisson(mean)
    page_views = sessions + dice.poisson(sessions * 0.3)
    return TrafficDay(product.sku, sessions, page_views, round(page_views * share))


def store_share(rows: tuple[TrafficDay, ...]) -> Decimal:
    """The Buy Box share of a store's day as Amazon prints it: per cent with two decimals."""
    views = sum(row.page_views for row in rows)
    won = sum(row.won for row in rows)
    return to_money(Decimal(100 * won) / views, "USD") if views else Decimal("0.00")


def ordered_by_day(store: Store) -> dict[date, dict[str, tuple[int, int, Decimal]]]:
    """Units, order lines and sales by day and SKU, as ordered: later cancellations do not change them."""
    found: dict[date, dict[str, tuple[int, int, Decimal]]] = defaultdict(dict)
    for order in store.orders:
        if order.is_replacement:
            continue
        for line in order.lines:
            units, lines, sales = found[order.day].get(line.product.sku, (0, 0, Decimal(0)))
            found[order.day][line.product.sku] = (units + line.quantity, lines + 1, sales + line.item_price)
    return found


def make_ads(seed: int, store: Store, effects: Effects, start: date, last: date) -> list[AdDay]:
    """One row per campaign, advertised SKU and day with impressions."""
    rows = []
    for number, product in enumerate(p for p in store.products if p.advertised):
        setup = Dice(seed, "campaign", store.key, product.sku)
        campaign = (
            setup.digits(15),
            f"SP {'Auto' if number % 2 else 'Manual'} {product.sku}",
            setup.digits(15),
        )
        ad_id = setup.digits(15)
        day = start
        while day <= last:
            dice = Dice(seed, "ads", store.key, product.sku, day)
            if not effects.active(STOCK_OUT, product.sku, day):
                factor = effects.clicks_factor(product.sku, day)
                row = _ad(dice, store, product, campaign, ad_id, day, factor)
                if row.impressions:
                    rows.append(row)
            day += timedelta(days=1)
    return rows


def _ad(
    dice: Dice,
    store: Store,
    product: Product,
    campaign: tuple[str, str, str],
    ad_id: str,
    day: date,
    factor: float,
) -> AdDay:
    clicks = dice.poisson(product.rate * calendar.demand_factor(store.market.code, day) * 4.2 * factor)
    impressions = clicks * dice.integer(120, 380) + dice.integer(0, 90)
    price = _CLICK_PRICE[store.market.currency] * as_decimal(dice.uniform(0.7, 1.35))
    price *= Decimal("1.2") if factor > 1 else 1
    purchases = []
    for _ in range(clicks):
        if dice.chance(0.12 / factor):
            units = 2 if dice.chance(0.1) else 1
            purchases.append((dice.choice(_LAGS), units, product.price * units))
    return AdDay(
        campaign_id=campaign[0],
        campaign=campaign[1],
        ad_group_id=campaign[2],
        ad_id=ad_id,
        product=product,
        day=day,
        impressions=impressions,
        clicks=clicks,
        cost=to_money(price * clicks, store.market.currency),
        purchases=tuple(purchases),
    )
