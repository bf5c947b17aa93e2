"""The museum: ten disasters of repricers that every rule set has to survive; a new one is a file here."""

from __future__ import annotations

from pricing.rules.museum import (
    blank_seller,
    duty_lost,
    endless_loop,
    own_offer,
    penny_price,
    promotion_not_restored,
    refurbished,
    shipping_shift,
    stale_feed,
    unit_slip,
)
from pricing.rules.syntax import RuleSet
from pricing.rules.verdicts import ExhibitVerdict, Museum

EXHIBITS = tuple(
    module.EXHIBIT
    for module in (
        penny_price,
        own_offer,
        blank_seller,
        shipping_shift,
        endless_loop,
        refurbished,
        stale_feed,
        unit_slip,
        duty_lost,
        promotion_not_restored,
    )
)


def visit(rule_set: RuleSet) -> Museum:
    """Let every disaster happen to the rule set."""
    verdicts = []
    for exhibit in EXHIBITS:
        how = exhibit.judge(rule_set)
        verdicts.append(
            ExhibitVerdict(exhibit.key, exhibit.title, exhibit.source, how is None, how or "survived")
        )
    return Museum(tuple(verdicts))
