"""What a transaction of the Finances API 2024-06-19 means: the leaves of its breakdown trees as charges.

A deferred sale is told twice: under its own id (DEFERRED, later DEFERRED_RELEASED) and, once the money is
released, under a second id (RELEASED) that points back with DEFERRED_TRANSACTION_ID. It is counted once,
under the first id and on the day it happened; the copy is left out, so nothing doubles and nothing has to be
taken back later.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from connectors.engine.protocol import StreamContext
from connectors.platforms.amazon_sp.mapping.charge_kinds import is_refund, kind_of
from connectors.platforms.amazon_sp.mapping.tax import TaxRule, included_tax, rule_of
from connectors.platforms.common.moments import ShopClock, parse_instant
from connectors.platforms.common.numbers import ZERO, json_count, json_decimal
from connectors.types import ChargeKind, ChargeRecord

_LONGEST_LINE = 80
_LONGEST_TEXT = 200
_PRINCIPAL = {ChargeKind.SALE: ChargeKind.SALE_TAX, ChargeKind.REFUND: ChargeKind.REFUND_TAX}


@dataclass(frozen=True, slots=True)
class _Leaf:
    path: tuple[str, ...]
    amount: Decimal
    currency: str


def concerns(transaction: Mapping[str, Any], marketplace_id: str) -> bool:
    """Tell whether a transaction belongs to the store and is not the copy of a released, deferred one."""
    details = transaction.get("marketplaceDetails") or {}
    metadata = transaction.get("sellingPartnerMetadata") or {}
    place = details.get("marketplaceId") or metadata.get("marketplaceId")
    if place and place != marketplace_id:
        return False
    released = str(transaction.get("transactionStatus") or "").upper() == "RELEASED"
    return not (released and _related(transaction, "DEFERRED_TRANSACTION_ID"))


def charges(transaction: Mapping[str, Any], context: StreamContext, clock: ShopClock) -> list[ChargeRecord]:
    """Return the charges of a transaction; they add up to its total. `ValueError`/`KeyError` if bad."""
    posted_at = parse_instant(transaction["postedDate"])
    total = transaction.get("totalAmount") or {}
    common = ChargeRecord(
        transaction_id=_identity(transaction),
        line_no="",
        kind=ChargeKind.OTHER,
        status=str(transaction.get("transactionStatus") or "").upper(),
        platform_order_id=_related(transaction, "ORDER_ID"),
        sku="",
        posted_at=posted_at,
        business_on=clock.day(posted_at),
        quantity=0,
        currency=str(total.get("currencyCode") or context.store.currency),
        amount=ZERO,
        description=str(transaction.get("description") or "")[:_LONGEST_TEXT],
        source_updated_at=context.now,
    )
    builder = _Builder(transaction, common, rule_of(context.store.market))
    items = [item for item in transaction.get("items") or [] if item.get("breakdowns")]
    for number, item in enumerate(items):
        builder.add_item(f"i{number}", item)
    if not items:
        builder.add_tree("t", transaction.get("breakdowns") or [])
    builder.close(_money(total))
    return builder.lines


class _Builder:
    """Turns leaves into charges with keys that stay the same when the transaction is read again."""

    def __init__(self, transaction: Mapping[str, Any], common: ChargeRecord, rule: TaxRule) -> None:
        self._type = str(transaction.get("transactionType") or "")
        self._refund = is_refund(self._type, common.description)
        self._common = common
        self._rule = rule
        self._keys: Counter[str] = Counter()
        self.lines: list[ChargeRecord] = []

    def add_item(self, prefix: str, item: Mapping[str, Any]) -> None:
        """Add the leaves of one item, with its SKU and, on principal lines, its units."""
        product: Mapping[str, Any] = next(
            (part for part in item.get("contexts") or [] if part.get("sku") or part.get("asin")), {}
        )
        self.add_tree(
            prefix,
            item["breakdowns"],
            sku=str(product.get("sku") or ""),
            quantity=json_count(product.get("quantityShipped")),
        )

    def add_tree(self, prefix: str, tree: Any, *, sku: str = "", quantity: int = 0) -> None:
        """Add every leaf of a breakdown tree."""
        # The transaction's own breakdowns are seen as a list and, in Amazon's example, as one node.
        nodes = tree if isinstance(tree, list) else tree.get("breakdowns") or []
        leaves = [leaf for node in nodes for leaf in _leaves(node, (), self._common.currency)]
        kinds = [kind_of(self._type, leaf.path, refund=self._refund) for leaf in leaves]
        has_tax = bool({ChargeKind.SALE_TAX, ChargeKind.REFUND_TAX} & set(kinds))
        for leaf, kind in zip(leaves, kinds, strict=True):
            is_principal = kind in _PRINCIPAL and "principal" in "/".join(leaf.path).lower()
            record = replace(
                self._common,
                line_no=self._key(f"{prefix}/{'/'.join(leaf.path)}"),
                kind=kind,
                sku=sku,
                quantity=quantity if is_principal else 0,
                currency=leaf.currency,
                amount=leaf.amount,
            )
            self.lines.append(record)
            if is_principal and self._rule.inclusive and not has_tax:
                self._split(record)

    def _split(self, record: ChargeRecord) -> None:
        """Take the tax out of a principal that holds it, where no tax is told beside it."""
        tax = included_tax(record.amount, self._rule.rate, record.currency)
        self.lines[-1] = replace(record, amount=record.amount - tax)
        key = self._key(f"{record.line_no[:60]}/included-tax")
        self.lines.append(replace(record, line_no=key, kind=_PRINCIPAL[record.kind], amount=tax, quantity=0))

    def close(self, total: Decimal | None) -> None:
        """Add what the leaves leave of the total, so that charges always add up to it."""
        if total is None:
            return
        rest = total - sum((line.amount for line in self.lines), ZERO)
        if rest:
            kind = kind_of(self._type, ("remainder",), refund=False)
            line = replace(self._common, line_no="remainder", kind=kind, amount=rest)
            self.lines.append(line)

    def _key(self, path: str) -> str:
        if len(path) > _LONGEST_LINE - 4:
            path = f"{path[:60]}~{hashlib.sha256(path.encode()).hexdigest()[:12]}"
        self._keys[path] += 1
        return path if self._keys[path] == 1 else f"{path}#{self._keys[path]}"


def _leaves(node: Mapping[str, Any], above: tuple[str, ...], currency: str) -> Iterator[_Leaf]:
    path = (*above, str(node.get("breakdownType") or "?"))
    inner = node.get("breakdowns") or []
    amount = _money(node.get("breakdownAmount"))
    told = ZERO
    for child in inner:
        for leaf in _leaves(child, path, currency):
            told += leaf.amount
            yield leaf
    own = str((node.get("breakdownAmount") or {}).get("currencyCode") or currency)
    # A node whose parts do not add up to it keeps the difference itself; a leaf is the case without parts.
    if amount is not None and amount != told:
        yield _Leaf(path, amount - told, own)


def _money(value: Mapping[str, Any] | None) -> Decimal | None:
    if not value or value.get("currencyAmount") is None:
        return None
    return json_decimal(value["currencyAmount"])


def _related(transaction: Mapping[str, Any], name: str) -> str:
    for related in transaction.get("relatedIdentifiers") or []:
        if related.get("relatedIdentifierName") == name:
            return str(related.get("relatedIdentifierValue") or "")
    return ""


def _identity(transaction: Mapping[str, Any]) -> str:
    """Return the transaction's id, or one made of everything that tells it apart where Amazon gives none."""
    given = transaction.get("transactionId")
    if given:
        return str(given)
    related = sorted(
        f"{part.get('relatedIdentifierName')}={part.get('relatedIdentifierValue')}"
        for part in transaction.get("relatedIdentifiers") or []
    )
    parts = [str(transaction.get(name)) for name in ("transactionType", "postedDate", "totalAmount")]
    return "derived-" + hashlib.sha256("|".join([*parts, *related]).encode()).hexdigest()[:40]
