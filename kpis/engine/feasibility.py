"""Can a target be met with what the store has, and with what it has ever done?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpis.engine.plan_rules import PlanFacts, PlannedLine, Problem, Resources, error, meets, warning

# What cannot be reached by sending each order from abroad (S1 question 8: "24 h shipping without a warehouse
# in the country"); the values are where it begins to be out of reach, proposed.
_NEEDS_LOCAL_STOCK = {
    "ship_24h_rate": Decimal("0.50"),
    "last_mile_days": Decimal(8),
    "rakuten_on_time_rate": Decimal("0.80"),
    "yahoo_excellent_share": Decimal("0.50"),
}
_LANGUAGES = {"JP": "ja", "MX": "es", "US": "en"}
_ANSWERED_BY_PEOPLE = frozenset({"first_response_hours", "csat", "response_sla_rate"})
_PAID_BY_ADS = frozenset({"acos", "tacos", "roas", "ad_cvr", "ctr", "mer", "budget_pacing"})

_HOURS_A_WEEK = Decimal(168)
_WORKING_DAYS_UNTIL = Decimal(60)
_HALF = Decimal("0.5")

LEAST_HISTORY = 8
MOST_HISTORY = 26
RARE = Decimal("0.10")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a target stands to history: how many of `n` weeks met it, and the share of them."""

    met: int
    n: int

    @property
    def share(self) -> Decimal:
        """Share of the weeks that met the target, 0 to 1."""
        return Decimal(self.met) / self.n if self.n else Decimal(0)


def stand(line: PlannedLine, history: Sequence[Decimal]) -> Standing:
    """Count the weeks of the history that met the line's target."""
    recent = history[-MOST_HISTORY:]
    return Standing(sum(meets(value, line.goal) for value in recent), len(recent))


def check_history(lines: Sequence[PlannedLine], facts: PlanFacts) -> Iterator[Problem]:
    """Targets that the store met never, or in fewer than one week of ten, of its last 26."""
    for line in lines:
        found = stand(line, facts.history.get(line.kpi, ()))
        if not line.goal.is_set or found.n < LEAST_HISTORY:
            continue
        if found.met == 0:
            yield warning(
                "infeasible_history",
                line.kpi,
                "target",
                f"It is better than the best of the last {found.n} complete weeks (percentile 100).",
                "Set a step that can be reached, and the rest as a later target.",
            )
        elif found.share <= RARE:
            percentile = ((1 - found.share) * 100).quantize(Decimal(1))
            yield warning(
                "hard_by_history",
                line.kpi,
                "target",
                f"{found.met} of the last {found.n} complete weeks met it (percentile {percentile}).",
                "Say what will be done differently, or set a nearer step.",
            )


def check_resources(lines: Sequence[PlannedLine], facts: PlanFacts) -> Iterator[Problem]:
    """Targets that the store's warehouses, people or money rule out."""
    for line in lines:
        if line.goal.target is None:
            continue
        if facts.resources is None:
            if line.kpi in _NEEDS_LOCAL_STOCK or line.kpi in _ANSWERED_BY_PEOPLE | {"ja_support_coverage"}:
                yield warning(
                    "resources_unknown",
                    line.kpi,
                    "target",
                    "Whether it can be met is not known: the store's resources are not recorded.",
                    "Record its warehouses and support.",
                )
            continue
        for message, remedy in _obstacles(line, facts.resources, facts.market):
            yield error("infeasible", line.kpi, "target", message, remedy, overridable=True)


def _obstacles(line: PlannedLine, resources: Resources, market: str) -> Iterator[tuple[str, str]]:
    target = line.goal.target or Decimal(0)
    if _needs_local_stock(line) and resources.model != "fba" and market not in resources.warehouses:
        where = ", ".join(sorted(resources.warehouses)) or "no country"
        yield (
            f"It needs stock in {market}; the store has a warehouse in {where}.",
            f"Open a warehouse in {market} first, or set a target that shipping from abroad can meet.",
        )
    language = "ja" if line.kpi == "ja_support_coverage" else _LANGUAGES.get(market, "")
    answers = line.kpi in _ANSWERED_BY_PEOPLE or (line.kpi == "ja_support_coverage" and target > 0)
    if answers and language:
        hours = sum(
            (each.hours_per_week for each in resources.support if each.language == language and each.agents),
            Decimal(0),
        )
        if hours <= 0:
            yield f"Nobody answers in {language}.", f"Find support in {language}, or drop the target."
        elif line.kpi == "first_response_hours" and answered_in_time(hours, target) < _HALF:
            yield (
                f"With {hours} hours of support a week, fewer than half of the messages can be answered"
                f" within {target} h.",
                "Add hours of support, or allow more time.",
            )
    if line.kpi in _PAID_BY_ADS and resources.ad_budget_per_month == 0:
        yield "The store has no advertising budget.", "Record a budget, or drop the target."


def answered_in_time(hours_per_week: Decimal, within: Decimal) -> Decimal:
    """Share of messages, arriving evenly round the clock, that can be answered within some hours.

    Those that arrive while somebody is there, and those that arrive so shortly before the doors open: once
    per working day, five of them up to 60 hours of support a week and seven beyond.
    """
    openings = 5 if hours_per_week <= _WORKING_DAYS_UNTIL else 7
    return min((hours_per_week + openings * within) / _HOURS_A_WEEK, Decimal(1))


def _needs_local_stock(line: PlannedLine) -> bool:
    bound = _NEEDS_LOCAL_STOCK.get(line.kpi)
    if bound is None or line.goal.target is None:
        return False
    return line.goal.target >= bound if line.goal.direction.value == "up" else line.goal.target < bound
