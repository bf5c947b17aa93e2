"""What the world is made of: stores, products, orders, money movements, stock. Plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from connectors.simulator.world.markets import Market


@dataclass(frozen=True, slots=True)
class Product:
    """A SKU of a store. `fulfilment_fee` is per unit before a planted rise; `rate` is units a day."""

    sku: str
    asin: str
    fnsku: str
    title: str
    category: str
    price: Decimal
    referral_rate: Decimal
    fulfilment_fee: Decimal
    rate: float
    conversion: float
    litres: Decimal
    opened_on: date
    active: bool
    advertised: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order. Amounts are for the whole line, as reported.

    `gross` holds the tax where the market's prices do, else it is item price plus tax. `discount` is
    seller-funded as reported (with tax where prices have it), `discount_ex_tax` without.
    """

    item_id: str
    product: Product
    quantity: int
    item_price: Decimal
    gross: Decimal
    tax: Decimal
    discount: Decimal
    discount_ex_tax: Decimal
    shipping: Decimal
    points: Decimal
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """An order and its life: pending, unshipped at `confirmed_at`, then cancelled or shipped."""

    id: str
    ordered_at: datetime
    day: date
    confirmed_at: datetime
    cancelled_at: datetime | None
    shipped_at: datetime | None
    lines: tuple[Line, ...]
    replaces: str
    is_business: bool
    place: tuple[str, str, str]
    promotion: str

    @property
    def is_replacement(self) -> bool:
        """Whether it was sent free of charge for an earlier order."""
        return bool(self.replaces)

    def status(self, at: datetime) -> str:
        """Pending, Unshipped, Shipped or Cancelled, as known at an instant."""
        if self.shipped_at is not None and at >= self.shipped_at:
            return "Shipped"
        if self.shipped_at is None and self.cancelled_at is not None and at >= self.cancelled_at:
            return "Cancelled"
        return "Unshipped" if at >= self.confirmed_at else "Pending"

    def line_status(self, line: Line, at: datetime) -> str:
        """The same for one line, which may be cancelled while the rest of the order ships."""
        if line.cancelled and self.cancelled_at is not None and at >= self.cancelled_at:
            return "Cancelled"
        return self.status(at)

    def updated_at(self, at: datetime) -> datetime:
        """The last change known at an instant."""
        events = (self.ordered_at, self.confirmed_at, self.cancelled_at, self.shipped_at)
        return max(event for event in events if event is not None and event <= at)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One amount of a transaction, signed from the seller's side; `kind` is what it means to us."""

    group: str
    name: str
    amount: Decimal
    kind: str


@dataclass(frozen=True, slots=True)
class TransactionItem:
    """The part of a transaction that belongs to one order line."""

    item_id: str
    sku: str
    asin: str
    title: str
    quantity: int
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Transaction:
    """A money movement. DEFERRED until `released_at`; then a twin is RELEASED under its own id."""

    id: str
    release_id: str
    type: str
    description: str
    posted_at: datetime
    released_at: datetime
    order_id: str
    items: tuple[TransactionItem, ...]
    leaves: tuple[Leaf, ...] = ()

    @property
    def is_deferred(self) -> bool:
        """Whether it was first deferred."""
        return bool(self.release_id)

    def all_leaves(self) -> list[tuple[TransactionItem | None, Leaf]]:
        """Every amount with the item it belongs to."""
        found: list[tuple[TransactionItem | None, Leaf]] = [
            (item, leaf) for item in self.items for leaf in item.leaves
        ]
        return found + [(None, leaf) for leaf in self.leaves]

    def total(self) -> Decimal:
        """The transaction's amount."""
        return sum((leaf.amount for _, leaf in self.all_leaves()), Decimal(0))


@dataclass(frozen=True, slots=True)
class Return:
    """One unit that came back to the warehouse."""

    order_id: str
    order_day: date
    line: Line
    returned_at: datetime
    disposition: str
    reason: str
    licence_plate: str


@dataclass(frozen=True, slots=True)
class StockDay:
    """What moved for one SKU on one shop day; `end` is the sellable balance, `bad` the unsellable one."""

    day: date
    start: int
    received: int
    shipped: int
    returned: int
    damaged: int
    end: int
    bad_returned: int
    bad: int
    reserved: int
    inbound: int


@dataclass(frozen=True, slots=True)
class StockBook:
    """One SKU's stock through time; `lots` are the units on hand at the start with their day of receipt."""

    lots: tuple[tuple[date, int], ...]
    days: dict[date, StockDay]


@dataclass(frozen=True, slots=True)
class TrafficDay:
    """Visits of one SKU on one shop day; `won` are the page views on which we had the Buy Box."""

    sku: str
    sessions: int
    page_views: int
    won: int


@dataclass(frozen=True, slots=True)
class AdDay:
    """One advertised SKU in one campaign on one day; `purchases` are (days after the click, units, sales)."""

    campaign_id: str
    campaign: str
    ad_group_id: str
    ad_id: str
    product: Product
    day: date
    impressions: int
    clicks: int
    cost: Decimal
    purchases: tuple[tuple[int, int, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Feedback:
    """A buyer's rating of the seller."""

    order_id: str
    at: datetime
    rating: int
    comment: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """A closed fortnight of money; its rows are those of the transactions released in it."""

    id: str
    report_id: str
    start: datetime
    end: datetime
    deposit_at: datetime
    transactions: tuple[Transaction, ...]


@dataclass(frozen=True, slots=True)
class CostSheet:
    """The unit cost of a SKU from a day on; `market` "" counts where no sheet of the market itself does."""

    sku: str
    market: str
    effective_on: date
    lines: tuple[tuple[str, str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Plant:
    """A cause put into the world on purpose, and what it should do to which figures."""

    kind: str
    account: str
    market: str
    sku: str
    start: date
    end: date | None
    cause: str
    effects: tuple[str, ...]
    size: Decimal

    def covers(self, day: date) -> bool:
        """Whether the cause acts on a day."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Account:
    """A client of the agency as Amazon knows it: sellers, applications and tokens. Nothing here is real."""

    key: str
    name: str
    client_id: str
    client_secret: str
    sellers: dict[str, str]
    refresh_tokens: dict[str, str]
    ads_refresh_tokens: dict[str, str]
    profiles: dict[str, str]


@dataclass(slots=True)
class Store:
    """Everything that happened in one shop on one marketplace.

    `asking` holds the prices that the seller changed since, by SKU; what was sold was sold at the old ones.
    """

    key: str
    account: Account
    market: Market
    name: str
    products: tuple[Product, ...]
    orders: list[Order] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    stock: dict[str, StockBook] = field(default_factory=dict)
    traffic: dict[date, tuple[TrafficDay, ...]] = field(default_factory=dict)
    ads: list[AdDay] = field(default_factory=list)
    feedback: list[Feedback] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    asking: dict[str, Decimal] = field(default_factory=dict)

    @property
    def seller_id(self) -> str:
        """The seller's id in the region of the marketplace."""
        return self.account.sellers[self.market.region]

    @property
    def profile_id(self) -> str:
        """The advertising profile of the store."""
        return self.account.profiles[self.market.code]

    def price_of(self, product: Product) -> Decimal:
        """What the seller asks for the product now."""
        return self.asking.get(product.sku, product.price)

    def today(self, at: datetime) -> date:
        """The shop day of an instant."""
        return self.market.day_of(at)
