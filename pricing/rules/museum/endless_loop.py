"""Back to the regular price when the Buy Box is won, undercut when it is lost: round and round."""

from __future__ import annotations

from pricing.engine.price_war import Ending
from pricing.rules.museum.exhibit import Exhibit
from pricing.rules.syntax import RuleSet
from pricing.rules.wars import fight

_OPPONENTS = ("still", "match", "undercut_tick", "automate")


def _judge(rule_set: RuleSet) -> str | None:
    for verdict in fight(rule_set, bots=_OPPONENTS):
        if verdict.ending is Ending.LOOP:
            return (
                f"against a rival that {verdict.bot}s, from {verdict.start} to {verdict.rival},"
                f" the same prices come again every {verdict.cycle} turns"
            )
    return None


EXHIBIT = Exhibit(
    key="endless_loop",
    title="Regular price when winning plus undercut when losing: prices never come to rest",
    source="M2E Pro documentation (the combination had to be forbidden)",
    judge=_judge,
)
