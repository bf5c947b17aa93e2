"""Which lots were bought, and how units are costed."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from config.lib.errors import NotFound
from config.lib.money import Money
from connectors.facts.costs import CostingRule, CostLot
from connectors.types import CostLine
from connectors.values import CostingRuleView, CostLotView


def list_lots(keys: Collection[str]) -> list[CostLotView]:
    """Return the lots of these keys that there are, in the order of their arrival."""
    return lot_views(CostLot.objects.filter(lot_key__in=list(keys)).order_by("received_on", "id"))


def lots_of(skus: Collection[str]) -> list[CostLotView]:
    """Return the lots of SKUs in the order of their arrival."""
    return lot_views(CostLot.objects.filter(sku__in=list(skus)).order_by("received_on", "id"))


def lots_query(*, sku: str | None = None, market: str | None = None) -> QuerySet[CostLot]:
    """The rows of the list of lots, for paging."""
    rows = CostLot.objects.all()
    if sku is not None:
        rows = rows.filter(sku=sku)
    if market is not None:
        rows = rows.filter(market=market)
    return rows


def lot_views(rows: Iterable[CostLot]) -> list[CostLotView]:
    """Return lots as values."""
    return [
        CostLotView(
            id=row.pk,
            lot_key=row.lot_key,
            sku=row.sku,
            market=row.market,
            received_on=row.received_on,
            quantity=row.quantity,
            lines={
                CostLine(line): Money.parse(money["amount"], money["currency"])
                for line, money in row.lines.items()
            },
            version=row.version,
            recorded_at=row.recorded_at,
        )
        for row in rows
    ]


def list_rules() -> list[CostingRuleView]:
    """Return every costing rule, the general ones first."""
    return [_rule(row) for row in CostingRule.objects.order_by("sku", "market")]


def find_rule(sku: str, market: str) -> CostingRuleView | None:
    """Return the rule set for exactly this SKU and market ("" for all), None when there is none."""
    row = CostingRule.objects.filter(sku=sku, market=market).first()
    return None if row is None else _rule(row)


def get_rule(sku: str, market: str) -> CostingRuleView:
    """Return the rule set for exactly this SKU and market; `NotFound` when there is none."""
    found = find_rule(sku, market)
    if found is None:
        raise NotFound(f"there is no costing rule for {sku or 'all SKUs'} in {market or 'all markets'}")
    return found


def _rule(row: CostingRule) -> CostingRuleView:
    return CostingRuleView(row.sku, row.market, row.method, row.effective_on, row.version, row.recorded_at)
