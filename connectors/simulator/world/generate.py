"""Make a whole world from a seed, an end date and a size: pure, the same every time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from connectors.simulator.world import ages, service, visits
from connectors.simulator.world.accounts import make_account
from connectors.simulator.world.catalogue import make_products
from connectors.simulator.world.costs import make_cost_sheets, with_rises
from connectors.simulator.world.finance import make_transactions, referral_fee
from connectors.simulator.world.fx import make_rates
from connectors.simulator.world.markets import MARKETS
from connectors.simulator.world.model import Account, CostSheet, Plant, Product, Store
from connectors.simulator.world.money import STEP
from connectors.simulator.world.offers import Offer, offers_on
from connectors.simulator.world.plants import COST_RISE, Effects, make_more_plants, make_plants
from connectors.simulator.world.settle import make_settlements, make_transfers
from connectors.simulator.world.shop import Shop


@dataclass(frozen=True, slots=True)
class Size:
    """How big a world is: clients, SKUs per store, days of past, days of future the clock may be moved into.

    `volume` scales demand (1.0 is about nine orders a day in a store). `mixed_costs` False puts every cost
    line in the market's own currency, so that no exchange rate enters the truth. `more_plants` adds dearer
    goods, an advertising surge and a worse listing to the three plants there are.
    """

    accounts: int = 2
    skus: int = 14
    days: int = 90
    horizon: int = 7
    volume: float = 1.0
    mixed_costs: bool = True
    plants: bool = True
    more_plants: bool = False


@dataclass(slots=True)
class World:
    """Everything that happened from `start` to `last`; `end` is the day the tale is told on."""

    seed: int
    size: Size
    start: date
    end: date
    last: date
    accounts: tuple[Account, ...]
    stores: dict[str, Store]
    plants: tuple[Plant, ...]
    cost_sheets: dict[str, tuple[CostSheet, ...]]
    rates: dict[date, dict[str, Decimal]]
    effects: dict[str, Effects] = field(default_factory=dict)

    def store_of(self, seller_id: str, marketplace_id: str) -> Store | None:
        """The store of a seller on a marketplace."""
        for store in self.stores.values():
            if store.seller_id == seller_id and store.market.marketplace_id == marketplace_id:
                return store
        return None

    def offers(self, store: Store, product: Product, day: date) -> tuple[Offer, ...]:
        """Who offers the product on a shop day."""
        return offers_on(self.seed, store, product, self.effects[store.key], day)

    def health(self, store: Store, day: date) -> service.Health:
        """The account health report asked for on a shop day."""
        return service.health_on(self.seed, store, day)

    def ages(self, store: Store, sku: str, day: date) -> tuple[int, int, int, int, int]:
        """Units by age at the end of a shop day."""
        return ages.buckets_at(store.stock[sku], day)

    def has_ended(self, at: datetime) -> bool:
        """Whether an instant lies behind the last day, somewhere."""
        return any(store.today(at) > self.last for store in self.stores.values())

    def estimated_fees(
        self, store: Store, product: Product, price: Decimal, day: date
    ) -> tuple[Decimal, Decimal]:
        """Referral and fulfilment fee Amazon would estimate on a day for one unit at a price."""

        referral = referral_fee(price, 1, product.referral_rate, store.market)
        fulfilment = self.effects[store.key].fulfilment_fee(product, day, STEP[store.market.currency])
        return referral, fulfilment


def generate(seed: int, end: date, size: Size | None = None) -> World:
    """The world of a seed. `end` is the last day of its past; it goes on for `size.horizon` days after.

    At least two: when `end` is over in Los Angeles, Tokyo is in the middle of the next day.
    """
    size = size or Size()
    start, last = end - timedelta(days=size.days - 1), end + timedelta(days=max(size.horizon, 2))
    accounts = tuple(make_account(seed, number) for number in range(size.accounts))
    shelves = {
        account.key: {
            code: make_products(seed, number, market, size.skus, start, size.volume)
            for code, market in MARKETS.items()
        }
        for number, account in enumerate(accounts)
    }
    heroes = {
        (key, code): products[0] for key, markets in shelves.items() for code, products in markets.items()
    }
    keys = [account.key for account in accounts]
    plants = make_plants(keys, heroes, end) if size.plants else ()
    plants += make_more_plants(keys, heroes, end) if size.more_plants else ()
    world = World(
        seed=seed,
        size=size,
        start=start,
        end=end,
        last=last,
        accounts=accounts,
        stores={},
        plants=plants,
        cost_sheets={
            account.key: with_rises(
                make_cost_sheets(seed, number, shelves[account.key], start, size.days, size.mixed_costs),
                [p for p in plants if p.kind == COST_RISE and p.account == account.key],
            )
            for number, account in enumerate(accounts)
        },
        rates=make_rates(seed, start - timedelta(days=30), last),
    )
    for account in accounts:
        for code in MARKETS:
            _open_store(world, account, code, shelves[account.key][code])
    return world


def _open_store(world: World, account: Account, code: str, products: tuple[Product, ...]) -> None:
    market = MARKETS[code]
    store = Store(f"{account.key}-{code.lower()}", account, market, f"{account.name} {code}", products)
    own = tuple(plant for plant in world.plants if (plant.account, plant.market) == (account.key, code))
    effects = Effects(own)
    world.effects[store.key] = effects
    world.stores[store.key] = store
    Shop(world.seed, store, effects, world.start, world.last).run()
    store.traffic = visits.make_traffic(world.seed, store, effects, world.start, world.last)
    store.ads = visits.make_ads(world.seed, store, effects, world.start, world.last)
    store.transactions = make_transactions(world.seed, store, effects, world.start, world.last)
    store.settlements = make_settlements(world.seed, store, world.start, world.last)
    store.transactions += make_transfers(world.seed, store)
    store.transactions.sort(key=lambda transaction: (transaction.posted_at, transaction.id))
    store.feedback = service.make_feedback(world.seed, store)
