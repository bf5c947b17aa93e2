"""One shop, day by day: goods arrive, are ordered, shipped, cancelled, replaced and returned."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from connectors.simulator.world import calendar
from connectors.simulator.world.baskets import Basket, make_line, pack
from connectors.simulator.world.dice import Dice
from connectors.simulator.world.model import Line, Order, Product, Return, StockBook, StockDay, Store
from connectors.simulator.world.plants import Effects

_RETURN_SHARE = {"APPAREL": 0.11, "ELECTRONICS": 0.07}
_ORDER_PREFIX = {"US": ("111", "112", "113", "114"), "MX": ("701", "702"), "JP": ("250", "503")}


@dataclass
class _Shelf:
    """One SKU while the days go by."""

    on_hand: int
    lots: tuple[tuple[date, int], ...]
    reserved: int = 0
    bad: int = 0
    arriving: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    shipping: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    freed: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    back: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    back_bad: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    days: dict[date, StockDay] = field(default_factory=dict)


class Shop:
    """Runs a store from `start` to `last`, leaving orders, returns and stock books in it."""

    def __init__(self, seed: int, store: Store, effects: Effects, start: date, last: date) -> None:
        self.store, self.effects, self.start, self.last = store, effects, start, last
        self.dice = Dice(seed, "shop", store.key)
        self.shelves = {product.sku: self._stock_up(seed, product) for product in store.products}
        self.replacements: dict[date, list[Order]] = defaultdict(list)

    def run(self) -> None:
        """Live through every day."""
        day = self.start
        while day <= self.last:
            self._live(day)
            day += timedelta(days=1)
        self.store.orders.sort(key=lambda order: (order.ordered_at, order.id))
        self.store.returns.sort(key=lambda returned: (returned.returned_at, returned.licence_plate))
        self.store.stock = {
            sku: StockBook(lots=shelf.lots, days=shelf.days) for sku, shelf in self.shelves.items()
        }

    def _stock_up(self, seed: int, product: Product) -> _Shelf:
        dice = Dice(seed, "stock", self.store.key, product.sku)
        if not product.active:
            return _Shelf(0, ())
        fresh = max(3, round(product.rate * dice.uniform(25, 50)))
        lots = [(self.start - timedelta(days=dice.integer(5, 60)), fresh)]
        if dice.chance(0.5):
            lots.append((self.start - timedelta(days=dice.integer(70, 150)), dice.integer(4, 25)))
        if dice.chance(0.35):
            lots.append((self.start - timedelta(days=dice.integer(160, 420)), dice.integer(8, 40)))
        lots.sort()
        return _Shelf(sum(units for _, units in lots), tuple(lots))

    def _live(self, day: date) -> None:
        opening = {}
        wanted: list[tuple[Product, int]] = []
        for product in self.store.products:
            shelf = self.shelves[product.sku]
            start = shelf.on_hand
            received, returned = shelf.arriving.pop(day, 0), shelf.back.pop(day, 0)
            free = start + received + returned - shelf.reserved
            damaged = free if self.effects.loses_stock(product.sku, day) else 0
            bad_returned = shelf.back_bad.pop(day, 0)
            shelf.bad += damaged + bad_returned
            shelf.on_hand = start + received + returned - damaged
            opening[product.sku] = (start, received, returned, damaged, bad_returned)
            factor = calendar.demand_factor(self.store.market.code, day)
            mean = product.rate * factor * self.effects.demand_factor(product.sku, day)
            units = min(self.dice.about(mean), shelf.on_hand - shelf.reserved)
            if units > 0:
                shelf.reserved += units
                wanted.append((product, units))
        for basket in pack(self.dice, wanted):
            self._order(day, basket)
        for original in self.replacements.pop(day, ()):
            self._replace(day, original)
        for product in self.store.products:
            self._close(day, product, opening[product.sku])

    def _close(self, day: date, product: Product, opening: tuple[int, int, int, int, int]) -> None:
        shelf = self.shelves[product.sku]
        start, received, returned, damaged, bad_returned = opening
        shipped, freed = shelf.shipping.pop(day, 0), shelf.freed.pop(day, 0)
        shelf.on_hand -= shipped
        shelf.reserved -= shipped + freed
        self._replenish(day, product, shelf)
        shelf.days[day] = StockDay(
            day=day,
            start=start,
            received=received,
            shipped=shipped,
            returned=returned,
            damaged=damaged,
            end=shelf.on_hand,
            bad_returned=bad_returned,
            bad=shelf.bad,
            reserved=shelf.reserved,
            inbound=sum(shelf.arriving.values()),
        )

    def _replenish(self, day: date, product: Product, shelf: _Shelf) -> None:
        coming = shelf.on_hand - shelf.reserved + sum(shelf.arriving.values())
        if not product.active or coming > product.rate * 20 + 2:
            return
        arrival = day + timedelta(days=self.dice.integer(8, 14))
        while self.effects.blocks_arrival(product.sku, arrival):
            arrival += timedelta(days=1)
        shelf.arriving[arrival] += max(6, round(product.rate * 35))

    def _moment(self, day: date) -> datetime:
        hour = self.dice.weighted(calendar.HOURS, calendar.HOUR_WEIGHTS)
        local = datetime.combine(
            day,
            time(hour, self.dice.integer(0, 59), self.dice.integer(0, 59)),
            tzinfo=self.store.market.zone,
        )
        # The night the clocks change has an hour that does not exist; the way through UTC mends it.
        return local.astimezone(UTC)

    def _order(self, day: date, basket: Basket) -> None:
        dice, market = self.dice, self.store.market
        ordered = self._moment(day)
        confirmed = ordered + timedelta(minutes=dice.integer(28, 180))
        is_cancelled = dice.chance(0.035)
        drop = len(basket) > 1 and dice.chance(0.06)
        cancelled_at = confirmed + timedelta(minutes=dice.integer(10, 400)) if is_cancelled or drop else None
        shipped = None if is_cancelled else confirmed + timedelta(minutes=dice.integer(430, 2300))
        is_promoted = dice.chance(0.12)
        lines = []
        for index, (product, units) in enumerate(basket):
            gone = is_cancelled or (drop and index == len(basket) - 1)
            lines.append(make_line(dice, market, product, units, is_promoted, gone))
        order = Order(
            id=f"{dice.choice(_ORDER_PREFIX[market.code])}-{dice.digits(7)}-{dice.digits(7)}",
            ordered_at=ordered,
            day=day,
            confirmed_at=confirmed,
            cancelled_at=cancelled_at,
            shipped_at=shipped,
            lines=tuple(lines),
            replaces="",
            is_business=dice.chance(0.04),
            place=dice.choice(market.places),
            promotion=f"{market.code}-AUTUMN-{day:%m}" if is_promoted else "",
        )
        self.store.orders.append(order)
        for line in order.lines:
            self._follow(order, line)
        if shipped is not None and not drop and dice.chance(0.012):
            self.replacements[day + timedelta(days=dice.integer(5, 9))].append(order)

    def _follow(self, order: Order, line: Line) -> None:
        """Book what the line will do to the shelf, now and later."""
        shelf, market = self.shelves[line.product.sku], self.store.market
        if line.cancelled or order.shipped_at is None:
            assert order.cancelled_at is not None
            shelf.freed[market.day_of(order.cancelled_at)] += line.quantity
            return
        shelf.shipping[market.day_of(order.shipped_at)] += line.quantity
        share = _RETURN_SHARE.get(line.product.category, 0.045)
        if line.discount or line.points or order.is_replacement or not self.dice.chance(share):
            return
        at = order.shipped_at + timedelta(hours=self.dice.integer(6 * 24, 17 * 24))
        for _ in range(line.quantity if self.dice.chance(0.4) else 1):
            disposition, reason = self.dice.weighted(
                (
                    ("SELLABLE", "UNWANTED_ITEM"),
                    ("SELLABLE", "NOT_AS_DESCRIBED"),
                    ("CUSTOMER_DAMAGED", "NOT_COMPATIBLE"),
                    ("DEFECTIVE", "DEFECTIVE"),
                ),
                (5, 2, 2, 1.5),
            )
            day = market.day_of(at)
            (shelf.back if disposition == "SELLABLE" else shelf.back_bad)[day] += 1
            self.store.returns.append(
                Return(order.id, order.day, line, at, disposition, reason, f"LPNRR{self.dice.digits(9)}")
            )

    def _replace(self, day: date, original: Order) -> None:
        line = original.lines[0]
        shelf = self.shelves[line.product.sku]
        if shelf.on_hand - shelf.reserved < 1:
            return
        shelf.reserved += 1
        ordered = self._moment(day)
        free = make_line(self.dice, self.store.market, line.product, 1, False, False, free=True)
        confirmed = ordered + timedelta(minutes=30)
        order = Order(
            id=f"{original.id[:3]}-{self.dice.digits(7)}-{self.dice.digits(7)}",
            ordered_at=ordered,
            day=day,
            confirmed_at=confirmed,
            cancelled_at=None,
            shipped_at=confirmed + timedelta(minutes=self.dice.integer(430, 2000)),
            lines=(free,),
            replaces=original.id,
            is_business=False,
            place=original.place,
            promotion="",
        )
        self.store.orders.append(order)
        self._follow(order, free)
