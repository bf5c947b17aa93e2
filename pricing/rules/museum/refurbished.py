"""A refurbished offer is taken for a new one and followed down."""

from __future__ import annotations

from pricing.rules.museum.exhibit import Exhibit, led_astray, offer, seen
from pricing.rules.museum.ground import OWN_SELLER, PRICE, listing
from pricing.rules.syntax import RuleSet


def _judge(rule_set: RuleSet) -> str | None:
    own = offer(OWN_SELLER, str(PRICE), is_featured=True)
    used = [
        offer("A3RENEWED", "23.90", condition="refurbished"),
        offer("A4USED", "21.50", condition="used_very_good"),
    ]
    return led_astray(rule_set, listing(rivals=seen([own])), listing(rivals=seen([own, *used])))


EXHIBIT = Exhibit(
    key="refurbished",
    title="A refurbished offer matched as if it were new",
    source="Users' own account (condition matching), see complaint list",
    judge=_judge,
)
