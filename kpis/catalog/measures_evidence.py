"""Measures of checks that no stream delivers: a person or a system counted, and says how many of how many."""

from __future__ import annotations

from connectors.types import Family
from kpis.engine.measures import FactSource, Measure, OverDays
from kpis.types import Basis, Unit

EVIDENCE = FactSource(
    key="evidence",
    table="fact_evidence",
    families=frozenset({Family.EVIDENCE}),
    rows="""
  select e.store_id, d.business_on, d.currency, e.metric, e.numerator, e.denominator
  from day d join fact_evidence e on e.store_id = d.store_id and e.observed_on = d.business_on
  where e.store_id = any(%(store_set)s) and e.observed_on = any(%(day_set)s)""",
)


def evidence(
    metric: str, good: str, of: str, over_days: OverDays = OverDays.SUM, basis: Basis = Basis.OBSERVED
) -> tuple[Measure, Measure]:
    """The measures `<metric>_good` and `<metric>_of`: what was counted, and out of what.

    `good` and `of` say what the two numbers are. Checks of several days add up; `OverDays.LAST` where each
    check is a stock-taking of the whole.
    """
    return (
        _sum(f"{metric}_good", metric, "numerator", good, over_days, basis),
        _sum(f"{metric}_of", metric, "denominator", of, over_days, basis),
    )


def _sum(key: str, metric: str, column: str, meaning: str, over_days: OverDays, basis: Basis) -> Measure:
    return Measure(
        key=key,
        source=EVIDENCE.key,
        unit=Unit.NUMBER,
        basis=basis,
        expression=f"sum({column}) filter (where metric = '{metric}')",
        meaning=meaning,
        over_days=over_days,
    )
