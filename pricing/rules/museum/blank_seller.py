"""The seller id comes blank: our own offer looks like somebody else's, and as featured."""

from __future__ import annotations

from pricing.rules.museum.exhibit import Exhibit, led_astray, offer, seen
from pricing.rules.museum.ground import PRICE, listing
from pricing.rules.syntax import RuleSet


def _judge(rule_set: RuleSet) -> str | None:
    unnamed = offer("", str(PRICE), is_featured=True)
    return led_astray(rule_set, listing(rivals=seen([])), listing(rivals=seen([unnamed])))


EXHIBIT = Exhibit(
    key="blank_seller",
    title="A blank seller id hid who had the Buy Box; prices fell to their minimum",
    source="Informed, April 2018 (status page), about 200 sellers",
    judge=_judge,
)
