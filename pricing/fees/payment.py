"""What payments cost: the methods weighted by their shares of orders, never a surcharge on one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

from config.lib.errors import Invalid
from pricing.fees.draft import Draft
from pricing.fees.query import FeeLine

ZERO = Decimal(0)


def check_mix(mix: Iterable[tuple[str, Decimal]]) -> None:
    """Refuse (`Invalid`) a mix whose shares are not from 0 to 1 or do not sum to exactly 1."""
    shares = [share for _, share in mix]
    if any(not 0 <= share <= 1 for share in shares) or (shares and sum(shares) != 1):
        raise Invalid("the shares of a payment mix lie from 0 to 1 and sum to 1")


def add_payment(draft: Draft, keys: Callable[[str], tuple[str, str]], default: str) -> None:
    """Add r = Σ share × rate and Σ share × fixed amount of the methods; `keys` gives a method's parameters.

    Payment fees stay with the processor on a refund. Without a mix everything is paid by `default`.
    """
    query, reader = draft.query, draft.reader
    if not reader.wants(FeeLine.PAYMENT):
        return
    check_mix(query.payment_mix)
    rate, fixed = ZERO, ZERO
    for method, share in query.payment_mix or ((default, Decimal(1)),):
        rate_key, fixed_key = keys(method)
        rate += share * (reader.number(FeeLine.PAYMENT, rate_key) or ZERO)
        fixed += share * ((reader.number(FeeLine.PAYMENT, fixed_key) if fixed_key else None) or ZERO)
    if rate:
        draft.fees.append(replace(reader.flat_fee("payment", rate), is_refundable=False))
    if fixed:
        draft.fees.append(reader.fixed_fee("payment_fixed", fixed))
