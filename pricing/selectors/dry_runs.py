"""What a rule set would do with a store's listings now: nothing is written and nothing is proposed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.selectors.skus import list_skus
from connectors.selectors.stores import get_store
from pricing.rules.checks import check_price
from pricing.rules.evaluate import run
from pricing.rules.scope import Scope
from pricing.rules.syntax import RuleSet
from pricing.selectors.context import load_contexts
from pricing.types import Proposal


@dataclass(frozen=True, slots=True)
class DryRow:
    """What the rule set would do with one listing."""

    sku: str
    currency: str
    current: Decimal | None
    is_in_scope: bool
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class DryRun:
    """Some listings of a store in the order of their SKUs; `next_sku`: where the rest begins, None: nowhere.

    `outcomes` and `reasons` count the rows by outcome and by their first reason.
    """

    rows: tuple[DryRow, ...]
    outcomes: Mapping[str, int]
    reasons: Mapping[str, int]
    next_sku: str | None


def dry_run(
    *,
    store_id: int,
    rule_set: RuleSet,
    scope: Scope,
    skus: Sequence[str] = (),
    from_sku: str = "",
    most: int = 100,
) -> DryRun:
    """Run a rule set over listings of a store (`skus`, or all from `from_sku` on), at most `most` of them.

    Listings outside the scope are looked at too and marked. `NotFound` for an unknown store.
    """
    get_store(store_id)
    wanted = sorted(set(skus)) if skus else [sku for sku in list_skus(store_id) if sku >= from_sku]
    page, rest = wanted[:most], wanted[most:]
    rows = []
    for context in load_contexts(store_id=store_id, skus=page):
        is_in_scope = scope.covers(
            store_id=store_id, market=context.market, tier=context.tier.value, sku=context.sku
        )
        proposal = run(context, rule_set, checks=check_price)
        rows.append(DryRow(context.sku, context.currency, context.price, is_in_scope, proposal))
    return DryRun(
        rows=tuple(rows),
        outcomes=dict(Counter(row.proposal.outcome.value for row in rows)),
        reasons=dict(Counter(row.proposal.reasons[0].code for row in rows)),
        next_sku=rest[0] if rest else None,
    )
