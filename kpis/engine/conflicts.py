"""Targets that pull against each other (document S2, pitfall 4): meeting one costs the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from statistics import median

from kpis.engine.plan_rules import PlanFacts, PlannedLine, Problem, warning

PROFIT = frozenset({"gross_margin_pct", "cm3_pct", "net_margin_pct", "roi", "unit_profit"})
RANK = frozenset({"bsr_rank"})
GROWTH = frozenset({"wow_growth", "mom_growth", "gmv_ordered", "net_sales", "units", "new_to_brand_share"})
AD_COST = frozenset({"tacos", "acos"})
CLEARING = frozenset({"clearance_cash_rate", "sell_through_90"})
FLOOR = frozenset({"margin_floor_breach_rate", "below_floor_skus"})

_SHORT_STOCK = Decimal(30)
_NEVER_OUT = Decimal("0.01")

Plan = Mapping[str, PlannedLine]
Rule = Callable[[Plan, PlanFacts], Iterator[Problem]]


def check_conflicts(lines: Sequence[PlannedLine], facts: PlanFacts) -> Iterator[Problem]:
    """Every pair of targets of a plan that cannot both be striven for without a word on which comes first."""
    plan = {line.kpi: line for line in lines if line.goal.is_set}
    for rule in _RULES:
        yield from rule(plan, facts)


def _rank_and_profit(plan: Plan, facts: PlanFacts) -> Iterator[Problem]:
    for rank in _core(plan, RANK):
        for profit in _core(plan, PROFIT):
            yield _conflict(
                rank,
                profit,
                "a better rank is bought with price and advertising, which the margin pays.",
                "Make one of them core and the other auxiliary, or give the rank to other SKUs.",
            )


def _clearance_and_floor(plan: Plan, facts: PlanFacts) -> Iterator[Problem]:
    clearing = _core(plan, CLEARING)
    if facts.stage != "clearance" and not clearing:
        return
    reason = clearing[0] if clearing else "stage clearance"
    for floor in sorted(plan.keys() & (FLOOR | PROFIT)):
        if floor in FLOOR or plan[floor].is_core:
            yield _conflict(
                floor,
                reason,
                "stock is cleared below the margin's floor, so one of them is missed by design.",
                "Take the margin's target off while stock is cleared (domain rule 7), or tag the SKUs.",
            )


def _growth_and_ad_cost(plan: Plan, facts: PlanFacts) -> Iterator[Problem]:
    for growth in _core(plan, GROWTH):
        for cost in sorted(plan.keys() & AD_COST):
            target, usual = plan[cost].goal.target, facts.history.get(cost, ())
            if target is None or not usual or target >= median(usual):
                continue
            yield _conflict(
                growth,
                cost,
                "growth is bought with advertising, whose cost is to fall below its median of"
                f" {median(usual)}.",
                "Say which comes first, or keep the cost where it is until sales have grown.",
            )


def _lean_and_never_out(plan: Plan, facts: PlanFacts) -> Iterator[Problem]:
    days, out = plan.get("inventory_turnover_days"), plan.get("stockout_rate")
    if days is None or out is None or days.goal.target is None or out.goal.target is None:
        return
    if days.goal.target < _SHORT_STOCK and out.goal.target <= _NEVER_OUT:
        yield _conflict(
            "inventory_turnover_days",
            "stockout_rate",
            f"stock for fewer than {_SHORT_STOCK} days is out now and then.",
            "Allow more stock or more stock-outs.",
        )


def _cheapest_and_richest(plan: Plan, facts: PlanFacts) -> Iterator[Problem]:
    index = plan.get("price_competitiveness_index")
    if index is None or index.goal.target_high is None or index.goal.target_high >= 1:
        return
    for profit in _core(plan, PROFIT):
        target, usual = plan[profit].goal.target, facts.history.get(profit, ())
        if target is not None and usual and target > median(usual):
            yield _conflict(
                "price_competitiveness_index",
                profit,
                "prices are to be below the cheapest competitor and margins above their median.",
                "Say which comes first.",
            )


def _parts_and_whole(plan: Plan, facts: PlanFacts) -> Iterator[Problem]:
    """cm3 = gross margin - TACoS, both per net sales: who meets the last two exactly must meet the first."""
    parts = [plan.get(key) for key in ("gross_margin_pct", "tacos", "cm3_pct")]
    gross, ads, rest = [None if line is None else line.goal.target for line in parts]
    if gross is not None and ads is not None and rest is not None and gross - ads < rest:
        yield _conflict(
            "cm3_pct",
            "gross_margin_pct",
            f"a margin of {gross} less advertising of {ads} leaves {gross - ads}, not {rest}.",
            "Let the three add up.",
        )


def _new_and_profit(plan: Plan, facts: PlanFacts) -> Iterator[Problem]:
    if facts.stage == "new":
        for profit in _core(plan, PROFIT):
            yield _conflict(
                profit,
                "stage new",
                "a new store buys visibility and reviews first (S0, pitfall 1).",
                "Watch active SKUs, reviews and conversion until the store has grown.",
            )


def _core(plan: Plan, keys: frozenset[str]) -> list[str]:
    return [key for key in sorted(plan.keys() & keys) if plan[key].is_core]


def _conflict(kpi: str, other: str, why: str, remedy: str) -> Problem:
    return warning("conflict", kpi, "target", f"It pulls against {other}: {why}", remedy)


_RULES: tuple[Rule, ...] = (
    _rank_and_profit,
    _clearance_and_floor,
    _growth_and_ad_cost,
    _lean_and_never_out,
    _cheapest_and_richest,
    _parts_and_whole,
    _new_and_profit,
)
