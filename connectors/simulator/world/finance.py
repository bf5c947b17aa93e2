"""What Amazon credits and charges for what happened in a shop, leaf by leaf."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from connectors.simulator.world.dice import Dice
from connectors.simulator.world.markets import Market
from connectors.simulator.world.model import Leaf, Line, Order, Return, Store, Transaction, TransactionItem
from connectors.simulator.world.money import STEP, ZERO, to_money
from connectors.simulator.world.plants import Effects

TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"  # noqa: S105 (an alphabet)


def referral_fee(line_price: Decimal, units: int, rate: Decimal, market: Market) -> Decimal:
    """Amazon's share of a line: a rate of the price, at least the minimum for each unit. Positive."""
    return max(to_money(line_price * rate, market.currency), market.minimum_referral * units)


def make_transactions(
    seed: int, store: Store, effects: Effects, start: date, last: date
) -> list[Transaction]:
    """Every transaction of a store but the fund transfers, oldest first."""
    dice = Dice(seed, "finance", store.key)
    found = [
        _shipment(dice, store, order, effects)
        for order in store.orders
        if order.shipped_at is not None and not order.is_replacement
    ]
    orders = {order.id: order for order in store.orders}
    by_line: dict[tuple[str, str], list[Return]] = defaultdict(list)
    for returned in store.returns:
        by_line[returned.order_id, returned.line.item_id].append(returned)
    for group in by_line.values():
        found.append(_refund(dice, store, orders[group[0].order_id], group))
        if group[0].line.product.category == "APPAREL":
            found.append(_return_fee(dice, store, group))
    found += _returnless_refunds(dice, store, {item for _, item in by_line})
    found += _monthly(dice, store, start, last)
    found += _advertising(dice, store)
    return sorted(found, key=lambda transaction: (transaction.posted_at, transaction.id))


def _shipment(dice: Dice, store: Store, order: Order, effects: Effects) -> Transaction:
    assert order.shipped_at is not None
    posted = order.shipped_at + timedelta(minutes=dice.integer(40, 1300))
    deferred = not dice.chance(0.08)
    released = posted + timedelta(days=9, minutes=dice.integer(0, 2600)) if deferred else posted
    fee_day = store.market.day_of(order.shipped_at)
    items = tuple(
        _item(line, line.quantity, _sold(store.market, line, effects, fee_day))
        for line in order.lines
        if not line.cancelled
    )
    return Transaction(
        id=dice.letters(43, TOKEN),
        release_id=dice.letters(43, TOKEN) if deferred else "",
        type="Shipment",
        description="Order Payment",
        posted_at=posted,
        released_at=released,
        order_id=order.id,
        items=items,
    )


def _item(line: Line, quantity: int, leaves: list[Leaf]) -> TransactionItem:
    product = line.product
    return TransactionItem(
        line.item_id,
        product.sku,
        product.asin,
        product.title,
        quantity,
        tuple(leaf for leaf in leaves if leaf.amount),
    )


def _sold(market: Market, line: Line, effects: Effects, fee_day: date) -> list[Leaf]:
    price = line.item_price - line.discount
    referral = referral_fee(price, line.quantity, line.product.referral_rate, market)
    fulfilment = effects.fulfilment_fee(line.product, fee_day, STEP[market.currency]) * line.quantity
    withheld = ZERO if market.tax_included else -line.tax
    return [
        Leaf("ProductCharges", "OurPricePrincipal", line.gross - line.tax, "sale"),
        Leaf("Tax", "OurPriceTax", line.tax, "sale_tax"),
        Leaf("MarketplaceWithheldTax", "MarketplaceFacilitatorTax-Principal", withheld, "withheld_tax"),
        Leaf("PromoRebates", "OurPriceDiscount", -line.discount_ex_tax, "discount"),
        Leaf("PromoRebates", "OurPriceTaxDiscount", line.discount_ex_tax - line.discount, "discount"),
        Leaf("Shipping", "ShippingPrincipal", line.shipping, "shipping_credit"),
        Leaf("PromoRebates", "ShippingDiscount", -line.shipping, "discount"),
        Leaf("PointsGranted", "CostOfPointsGranted", -line.points, "discount"),
        Leaf("AmazonFees", "FBAPerUnitFulfillmentFee", -fulfilment, "fulfilment_fee"),
        Leaf("AmazonFees", "Commission", -referral, "referral_fee"),
    ]


def _given_back(market: Market, line: Line, units: int) -> list[Leaf]:
    """A refund of some units of a line: price and tax back, commission back less Amazon's refund fee."""
    share = Decimal(units) / line.quantity
    principal = to_money((line.gross - line.tax) * share, market.currency)
    tax = to_money(line.tax * share, market.currency)
    commission = referral_fee(line.item_price, line.quantity, line.product.referral_rate, market)
    commission = to_money(commission * share, market.currency)
    kept = to_money(commission * Decimal("0.2"), market.currency)
    withheld = ZERO if market.tax_included else tax
    return [
        Leaf("ProductCharges", "OurPricePrincipal", -principal, "refund"),
        Leaf("Tax", "OurPriceTax", -tax, "refund_tax"),
        Leaf("MarketplaceWithheldTax", "MarketplaceFacilitatorTax-Principal", withheld, "withheld_tax"),
        Leaf("AmazonFees", "Commission", commission, "referral_fee"),
        Leaf("AmazonFees", "RefundCommission", -kept, "refund_fee"),
    ]


def _refund(dice: Dice, store: Store, order: Order, group: list[Return]) -> Transaction:
    line, posted = group[0].line, group[0].returned_at + timedelta(minutes=dice.integer(30, 3000))
    item = _item(line, len(group), _given_back(store.market, line, len(group)))
    return _settled(dice, "Refund", "Refund Order", posted, order.id, (item,))


def _returnless_refunds(dice: Dice, store: Store, returned: set[str]) -> list[Transaction]:
    """Now and then the buyer gets the money and keeps the goods."""
    found = []
    for order in store.orders:
        for line in order.lines:
            is_plain = not (line.discount or line.points or line.cancelled or line.item_id in returned)
            if order.shipped_at is None or order.is_replacement or not is_plain or not dice.chance(0.008):
                continue
            posted = order.shipped_at + timedelta(hours=dice.integer(60, 300))
            item = _item(line, line.quantity, _given_back(store.market, line, line.quantity))
            found.append(_settled(dice, "Refund", "Refund Order", posted, order.id, (item,)))
    return found


def _return_fee(dice: Dice, store: Store, group: list[Return]) -> Transaction:
    line = group[0].line
    fee = Leaf(
        "AmazonFees", "FBACustomerReturnPerUnitFee", -store.market.return_fee * len(group), "return_fee"
    )
    posted = group[-1].returned_at + timedelta(hours=dice.integer(4, 40))
    item = _item(line, len(group), [fee])
    return _settled(dice, "ServiceFee", "FBA Customer Return Fee", posted, group[0].order_id, (item,))


def _settled(
    dice: Dice,
    kind: str,
    description: str,
    posted: datetime,
    order_id: str = "",
    items: tuple[TransactionItem, ...] = (),
    leaves: tuple[Leaf, ...] = (),
) -> Transaction:
    return Transaction(
        dice.letters(43, TOKEN), "", kind, description, posted, posted, order_id, items, leaves
    )


def _monthly(dice: Dice, store: Store, start: date, last: date) -> list[Transaction]:
    """Subscription on the 3rd, storage of the month before on the 9th, long-stored goods on the 16th."""
    market, found, day = store.market, [], start
    while day <= last:
        noon = datetime.combine(day, time(17, dice.integer(0, 59)), tzinfo=UTC)
        if day.day == 3:
            leaf = Leaf("AmazonFees", "Subscription", -market.subscription, "subscription_fee")
            found.append(_settled(dice, "ServiceFee", "Subscription", noon, leaves=(leaf,)))
        if day.day in (9, 16):
            for product in store.products:
                units = store.stock[product.sku].days[day].end
                found += _storage(dice, market, product.litres * units, day.day == 16, noon)
        day += timedelta(days=1)
    return found


def _storage(dice: Dice, market: Market, litres: Decimal, aged: bool, at: datetime) -> list[Transaction]:
    rate = market.storage_rate * (Decimal("0.3") if aged else 1)
    amount = to_money(litres * rate, market.currency)
    if not amount:
        return []
    name, kind = ("FBALongTermStorageFee", "aged_storage_fee") if aged else ("FBAStorageFee", "storage_fee")
    leaf = Leaf("AmazonFees", name, -amount, kind)
    return [_settled(dice, "ServiceFee", "FBA Inventory Storage Fee", at, leaves=(leaf,))]


def _advertising(dice: Dice, store: Store) -> list[Transaction]:
    """Advertising is billed by the week, on its Monday after."""
    weeks: dict[date, Decimal] = defaultdict(Decimal)
    for row in store.ads:
        weeks[row.day + timedelta(days=7 - row.day.weekday())] += row.cost
    found = []
    for monday, cost in sorted(weeks.items()):
        at = store.market.start_of(monday) + timedelta(hours=11, minutes=dice.integer(0, 59))
        leaf = Leaf("AmazonFees", "AdvertisingFee", -cost, "ad_fee")
        found.append(_settled(dice, "ProductAdsPayment", "Sponsored Products charges", at, leaves=(leaf,)))
    return found
