"""Rules that every measure, KPI and template must keep; all violations are reported at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from connectors.types import Family
from kpis.engine.definitions import KPI, Ratio, Simple, Snapshot
from kpis.engine.measures import Measure, Measures, OverDays, Sources
from kpis.types import Direction, Goal, LineRole, Unit

OPERATIONS = (
    Family.SHIPMENTS,
    Family.INBOUND,
    Family.CUSTOMS,
    Family.CONVERSATIONS,
    Family.REVIEWS,
    Family.SURVEYS,
    Family.CLAIMS,
    Family.CERTIFICATES,
    Family.EVENTS,
    Family.EXPENSES,
    Family.PAYOUTS,
    Family.RANKS,
    Family.FUNNEL,
    Family.WORK,
)
STREAMS = frozenset(
    {
        "orders",
        "orders_report",
        "inventory",
        "inventory_ledger",
        "inventory_planning",
        "returns",
        "finances",
        "settlements",
        "listings",
        "offers",
        "traffic",
        "account_health",
        "seller_feedback",
        "fee_estimates",
        "sp_advertised_product",
        "performance",
        # What uploads and forms bring, by the name of its facts.
        *(family.value for family in OPERATIONS),
    }
)
# What no stream delivers and a person or a system checks: `evidence.<metric>`.
EVIDENCE = "evidence."
CORE_MIN, CORE_MAX = 3, 5
_UNIT_COST = re.compile(r"\bunit_(landed|other)\b")
KEY = re.compile(r"[a-z][a-z0-9_]{1,46}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule: which definition, and what to mend."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class _Line(Protocol):
    @property
    def kpi(self) -> str: ...
    @property
    def role(self) -> LineRole: ...
    @property
    def weight(self) -> Decimal: ...
    @property
    def goal(self) -> Goal: ...
    @property
    def unavailable(self) -> str: ...


class _Template(Protocol):
    @property
    def lines(self) -> Sequence[_Line]: ...


def validate_catalogue(catalogue: Mapping[str, KPI], measures: Measures, sources: Sources) -> list[Violation]:
    """Check every measure and every KPI; an empty list means the catalogue may be used."""
    found = [v for key, measure in measures.items() for v in _check_measure(key, measure, sources)]
    found += [v for key, kpi in catalogue.items() for v in _check_kpi(key, kpi, measures)]
    used = {key for kpi in catalogue.values() for key in _all_measures(kpi)} | {
        # Read by the trust of a number rather than by a formula.
        "units",
        "units_uncharged",
        "ad_clicks",
    }
    # Sources that look back may sum other measures.
    read = "".join(source.rows for source in sources.values() if source.trailing_days)
    return found + [
        Violation(key, "no KPI reads this measure")
        for key in measures
        if key not in used and f"'{key}'" not in read
    ]


def validate_templates(templates: Mapping[str, _Template], catalogue: Mapping[str, KPI]) -> list[Violation]:
    """Check that templates have 3 to 5 core KPIs, weights that add up to 100 and goals that fit."""
    return [v for key, template in templates.items() for v in _check_template(key, template, catalogue)]


def goal_faults(goal: Goal) -> Iterator[str]:
    """What is wrong with a goal: a band on a KPI without one, bounds in the wrong order, a warning inside."""
    band = (goal.target_low, goal.target_high, goal.warn_low, goal.warn_high)
    if goal.direction is Direction.RANGE:
        if goal.target is not None or goal.warn is not None:
            yield "a range has target_low and target_high, no single target"
        yield from _range_faults(goal)
        return
    if any(bound is not None for bound in band):
        yield "only a KPI with a range takes low and high bounds"
    if goal.direction is Direction.WATCH and goal.is_set:
        yield "this KPI is only watched and takes no target"
    if goal.warn is not None and goal.target is None:
        yield "a warn value needs a target"
    if goal.warn is not None and goal.target is not None:
        worse = goal.warn < goal.target if goal.direction is Direction.UP else goal.warn > goal.target
        if not worse and goal.warn != goal.target:
            yield "the warn value must be on the worse side of the target"


def _range_faults(goal: Goal) -> Iterator[str]:
    ordered = [
        bound
        for bound in (goal.warn_low, goal.target_low, goal.target_high, goal.warn_high)
        if bound is not None
    ]
    if ordered != sorted(ordered):
        yield "bounds must ascend: warn_low, target_low, target_high, warn_high"


def _check_measure(key: str, measure: Measure, sources: Sources) -> Iterator[Violation]:
    where = f"measure {key}"
    if key != measure.key or not KEY.fullmatch(key):
        yield Violation(where, "the key must be its own, in snake_case, at most 48 characters")
    if measure.source not in sources:
        yield Violation(where, f"there is no source {measure.source!r}")
        return
    if not measure.meaning:
        yield Violation(where, "it must say what it means")
    source = sources[measure.source]
    text = " ".join((measure.expression, *(expression for _, expression in source.parts)))
    if _UNIT_COST.search(text) and not source.uses_costs:
        yield Violation(where, f"it reads unit costs, but {source.key} does not load them")
    converts = "rate" in text or _UNIT_COST.search(text)
    if source.trailing_days and measure.over_days is not OverDays.LAST:
        yield Violation(where, "its source looks back over many days: only the last one counts")
    if measure.unit is Unit.MONEY and not converts:
        yield Violation(where, "money must be multiplied by `rate` or a unit cost, else currencies mix")


def _check_kpi(key: str, kpi: KPI, measures: Measures) -> Iterator[Violation]:
    where = f"kpi {key}"
    if key != kpi.key or not KEY.fullmatch(key):
        yield Violation(where, "the key must be its own, in snake_case, at most 48 characters")
    for name in ("zh", "en", "ja", "es"):
        if not getattr(kpi.names, name).strip():
            yield Violation(where, f"the name in {name} is missing")
    if not kpi.formula or not kpi.source:
        yield Violation(where, "formula and source must be written")
    if kpi.settles_after_days < 0:
        yield Violation(where, "settles_after_days cannot be negative")
    for stream in (stream for group in kpi.needs for stream in group):
        if stream not in STREAMS and not stream.startswith(EVIDENCE):
            yield Violation(where, f"there is no stream {stream!r}")
    unknown = sorted(_all_measures(kpi) - set(measures))
    if unknown:
        yield Violation(where, f"unknown measures: {', '.join(unknown)}")
        return
    yield from (Violation(where, fault) for fault in _unit_faults(kpi, measures))


def _unit_faults(kpi: KPI, measures: Measures) -> Iterator[str]:
    def units(keys: frozenset[str]) -> set[Unit]:
        return {measures[key].unit for key in keys}

    if isinstance(kpi, Simple):
        if units(kpi.measures) != {kpi.unit}:
            yield "a sum must have the unit of its measures"
        if any(measures[key].over_days is not OverDays.SUM for key in kpi.measures):
            yield "levels do not add up over days: use Snapshot or Turnover"
    if isinstance(kpi, Ratio):
        above, below = units(kpi.numerator.measures), units(kpi.denominator.measures)
        if len(above) != 1 or len(below) != 1:
            yield "numerator and denominator must each be of one unit"
        expects_money = Unit.MONEY in above and Unit.MONEY not in below
        if expects_money != (kpi.unit is Unit.MONEY):
            yield "the unit does not follow from numerator and denominator"
        last = {measures[key].over_days is OverDays.LAST for key in kpi.measures}
        if last != {isinstance(kpi, Snapshot)}:
            yield "snapshots and sums cannot be mixed in one ratio"


def _check_template(key: str, template: _Template, catalogue: Mapping[str, KPI]) -> Iterator[Violation]:
    where = f"template {key}"
    core = [line for line in template.lines if line.role is LineRole.CORE]
    if not CORE_MIN <= len(core) <= CORE_MAX:
        yield Violation(where, f"it has {len(core)} core KPIs; {CORE_MIN} to {CORE_MAX} keep the focus")
    weight = sum(line.weight for line in template.lines)
    if weight != 100:
        yield Violation(where, f"the weights add up to {weight}, not to 100")
    for line in template.lines:
        place = f"{where}, {line.kpi}"
        if (line.kpi in catalogue) == bool(line.unavailable):
            yield Violation(place, "`unavailable` stands exactly where no stream feeds the KPI")
        if line.weight > 0 and not line.goal.is_set:
            yield Violation(place, "a weight needs a target")
        yield from (Violation(place, fault) for fault in goal_faults(line.goal))


def _all_measures(kpi: KPI) -> frozenset[str]:
    return kpi.inputs
