"""A promotion ended and its price was never restored; rules take it for the regular price."""

from __future__ import annotations

from decimal import Decimal

from pricing.rules.museum.exhibit import Exhibit, ask, offer, seen
from pricing.rules.museum.ground import OWN_SELLER, listing
from pricing.rules.syntax import RuleSet
from pricing.types import Lock, LockKind, Outcome

_PROMOTION = Decimal("21.99")


def _judge(rule_set: RuleSet) -> str | None:
    page = [offer(OWN_SELLER, str(_PROMOTION)), offer("A3RIVAL", "20.90", is_featured=True)]
    lock = Lock(LockKind.PROMOTION, 1, None, "ended, the regular price of 29.99 is not back")
    spoilt = listing(price=_PROMOTION, day_start_price=_PROMOTION, rivals=seen(page), locks=(lock,))
    proposal = ask(rule_set, spoilt)
    if proposal.outcome is Outcome.SUGGEST:
        return f"it suggests {proposal.price} from a promotion's price of {_PROMOTION}"
    return None


EXHIBIT = Exhibit(
    key="promotion_not_restored",
    title="Prices not restored after a promotion",
    source="Users' own account: 促销结束后未恢复原价 (S2, pit 6)",
    judge=_judge,
)
