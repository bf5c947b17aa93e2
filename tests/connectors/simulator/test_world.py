"""The world is the same every time, and its parts agree with one another."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.simulator.world import Size, World, generate
from connectors.simulator.world.model import Store
from connectors.simulator.world.money import to_money
from tests.connectors.simulator.conftest import END

SMALL = Size(accounts=1, skus=5, days=40)


def _print(world: World) -> str:
    parts = [(store.key, store.orders, store.transactions, store.returns) for store in world.stores.values()]
    return repr((parts, world.rates, world.cost_sheets, world.plants, world.accounts))


def test_same_seed_same_world() -> None:
    """Two worlds of one seed are equal to the last amount; another seed is another world."""
    assert _print(generate(3, END, SMALL)) == _print(generate(3, END, SMALL))
    assert _print(generate(3, END, SMALL)) != _print(generate(4, END, SMALL))


def test_default_world_is_made_quickly_and_has_a_few_thousand_orders(world: World) -> None:
    """The demo waits for it: under two seconds (the best of three, other work may disturb one)."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        generate(8, END)
        times.append(time.perf_counter() - began)
    assert min(times) < 2
    assert 2000 < sum(len(store.orders) for store in world.stores.values()) < 9000


def test_every_store_has_every_kind_of_event(world: World) -> None:
    """Cancelled, part-cancelled, replaced, discounted, returned: nothing is left to chance for the tests."""
    orders = [order for store in world.stores.values() for order in store.orders]
    assert any(order.shipped_at is None for order in orders)
    assert any(order.shipped_at and any(line.cancelled for line in order.lines) for order in orders)
    assert any(order.is_replacement for order in orders)
    assert any(line.discount for order in orders for line in order.lines)
    for store in world.stores.values():
        assert store.returns
        assert store.feedback
        assert store.settlements
        assert {transaction.is_deferred for transaction in store.transactions} == {True, False}
        has_points = any(line.points for order in store.orders for line in order.lines)
        assert has_points == (store.market.code == "JP")


def test_order_amounts_follow_the_markets_tax_rules(world: World) -> None:
    """US adds tax to the price; JP and MX hold it inside, price × r/(1+r) half up."""
    for store in world.stores.values():
        market = store.market
        for order in store.orders:
            for line in order.lines:
                if market.tax_included:
                    assert line.gross == line.item_price
                    expected = line.gross * market.tax_rate / (1 + market.tax_rate)
                    assert line.tax == to_money(expected, market.currency)
                else:
                    assert line.gross == line.item_price + line.tax
                price = Decimal(0) if order.is_replacement else line.product.price
                assert line.item_price == price * line.quantity
                assert Decimal(0) <= line.discount_ex_tax <= line.discount <= line.item_price


def test_stock_flows_balance_and_never_go_negative(world: World) -> None:
    """start + received + returned − shipped − damaged = end, and tomorrow starts where today ended."""
    for store in world.stores.values():
        for sku, book in store.stock.items():
            former = sum(units for _, units in book.lots)
            for day in sorted(book.days):
                moved = book.days[day]
                assert moved.start == former, (store.key, sku, day)
                assert (
                    moved.end == moved.start + moved.received + moved.returned - moved.shipped - moved.damaged
                )
                assert 0 <= moved.reserved <= moved.end
                former = moved.end


def test_stock_leaves_with_the_orders_that_shipped(world: World) -> None:
    """What the ledger says was shipped on a day is what the orders of the store say."""
    for store in world.stores.values():
        shipped: Counter[tuple[str, date]] = Counter()
        for order in store.orders:
            for line in order.lines:
                if order.shipped_at is not None and not line.cancelled:
                    shipped[line.product.sku, store.market.day_of(order.shipped_at)] += line.quantity
        for sku, book in store.stock.items():
            for day, moved in book.days.items():
                assert moved.shipped == shipped[sku, day]


def test_ages_add_up_to_what_is_on_hand(world: World) -> None:
    """First in, first out leaves exactly the units of the ledger, on any day."""
    for store in world.stores.values():
        for sku, book in store.stock.items():
            for day in (world.start, world.start + timedelta(days=45), world.end):
                assert sum(world.ages(store, sku, day)) == book.days[day].end


def test_released_money_is_settled_exactly_once(world: World) -> None:
    """Every transaction released inside the closed fortnights is in one settlement, the others in none."""
    for store in world.stores.values():
        settled = Counter(t.id for closed in store.settlements for t in closed.transactions)
        assert set(settled.values()) == {1}
        until = max(closed.end for closed in store.settlements)
        for transaction in store.transactions:
            is_due = transaction.type != "Transfer" and transaction.released_at < until
            assert (transaction.id in settled) == is_due


def test_every_shipped_order_is_charged_once_and_cancelled_ones_never(world: World) -> None:
    """One Shipment transaction for each shipped, paid order, after it left the warehouse."""
    for store in world.stores.values():
        charged = Counter(t.order_id for t in store.transactions if t.type == "Shipment")
        for order in store.orders:
            is_paid = order.shipped_at is not None and not order.is_replacement
            assert charged[order.id] == is_paid


def test_rates_have_no_weekends(world: World) -> None:
    """As the bank publishes them: business days only, all currencies each day."""
    assert all(day.weekday() < 5 for day in world.rates)
    assert all({"USD", "JPY", "MXN", "CNY"} <= set(row) for row in world.rates.values())


def _units(store: Store, sku: str, first: date, last: date) -> int:
    return sum(
        line.quantity
        for order in store.orders
        if first <= order.day <= last
        for line in order.lines
        if line.product.sku == sku
    )


def test_planted_causes_lie_in_the_last_three_weeks_and_act(world: World) -> None:
    """The stock-out sells nothing, the rival takes the Buy Box and sales, the fee rise raises fees."""
    found = {plant.kind: plant for plant in world.plants}
    assert set(found) == {"stock_out", "rival_price_cut", "fee_rise"}
    assert all(world.end - timedelta(days=21) <= plant.start <= world.end for plant in world.plants)

    out = found["stock_out"]
    assert out.end is not None
    store = world.stores["harbor-us"]
    assert _units(store, out.sku, out.start, out.end) == 0
    assert _units(store, out.sku, out.start - timedelta(days=9), out.start - timedelta(days=1)) > 10
    last_days = [out.start + timedelta(days=offset) for offset in range(3, 9)]
    assert all(store.stock[out.sku].days[day].end == 0 for day in last_days)

    cut = found["rival_price_cut"]
    rows = [row for row in world.stores["kumo-jp"].traffic[cut.start] if row.sku == cut.sku]
    assert rows[0].won / rows[0].page_views < 0.45
    hero = world.stores["kumo-jp"].products[0]
    offers = world.offers(world.stores["kumo-jp"], hero, cut.start)
    assert not next(offer for offer in offers if offer.own).featured
    assert min(offer.landed for offer in offers if not offer.own) < hero.price * Decimal("0.86")

    rise = found["fee_rise"]
    product = world.stores["kumo-us"].products[2]
    before = world.estimated_fees(
        world.stores["kumo-us"], product, product.price, rise.start - timedelta(days=1)
    )
    after = world.estimated_fees(world.stores["kumo-us"], product, product.price, rise.start)
    assert after[0] == before[0]
    assert after[1] == to_money(before[1] * rise.size, "USD")


@pytest.mark.parametrize("accounts", [1, 3])
def test_plants_find_a_place_in_worlds_of_other_sizes(accounts: int) -> None:
    """One client carries all three causes; none are planted when told so."""
    size = Size(accounts=accounts, skus=5, days=40)
    assert len({(p.account, p.market) for p in generate(1, END, size).plants}) == 3
    assert generate(1, END, replace(size, plants=False)).plants == ()
