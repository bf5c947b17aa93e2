"""Every fortnight is closed: what was released in it is added up and paid out."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from connectors.simulator.world.dice import Dice
from connectors.simulator.world.finance import TOKEN
from connectors.simulator.world.model import Leaf, Settlement, Store, Transaction


def make_settlements(seed: int, store: Store, start: date, last: date) -> list[Settlement]:
    """The closed settlements of a store, oldest first; every released transaction is in exactly one."""
    dice = Dice(seed, "settlement", store.key)
    begin = store.market.start_of(start + timedelta(days=dice.integer(0, 6))) - timedelta(days=14)
    found = []
    while store.market.day_of(begin + timedelta(days=14)) <= last:
        end = begin + timedelta(days=14)
        inside = tuple(
            transaction for transaction in store.transactions if begin <= transaction.released_at < end
        )
        if inside:
            found.append(
                Settlement(
                    id=dice.digits(11),
                    report_id=dice.digits(13),
                    start=begin,
                    end=end,
                    deposit_at=end + timedelta(days=2),
                    transactions=inside,
                )
            )
        begin = end
    return found


def make_transfers(seed: int, store: Store) -> list[Transaction]:
    """The payments to the seller's bank, one for each settlement that left something."""
    dice = Dice(seed, "transfer", store.key)
    found = []
    for settlement in store.settlements:
        total = sum((transaction.total() for transaction in settlement.transactions), Decimal(0))
        if total > 0:
            at = settlement.end + timedelta(hours=1)
            leaf = Leaf("FundTransfer", "FundTransfer", -total, "transfer")
            found.append(
                Transaction(
                    dice.letters(43, TOKEN),
                    "",
                    "Transfer",
                    "Transfer to bank account",
                    at,
                    at,
                    "",
                    (),
                    (leaf,),
                )
            )
    return found
