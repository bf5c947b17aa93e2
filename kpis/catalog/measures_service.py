"""Measures of how buyers and the platform judge the account."""

from __future__ import annotations

from connectors.types import Family
from kpis.engine.measures import FactSource, Measure, OverDays, OverStores
from kpis.types import Basis, Unit

PERFORMANCE = FactSource(
    key="performance",
    table="fact_performance",
    families=frozenset({Family.SERVICE}),
    rows="""
  select p.store_id, d.business_on, d.currency, p.metric, p.rate as share, p.denominator
  from day d join fact_performance p on p.store_id = d.store_id and p.reported_on = d.business_on
  where p.store_id = any(%(store_set)s) and p.reported_on = any(%(day_set)s)""",
)

FEEDBACK = FactSource(
    key="feedback",
    table="fact_feedback",
    families=frozenset({Family.SERVICE}),
    rows="""
  select f.store_id, f.business_on, d.currency, f.rating
  from day d join fact_feedback f using (store_id, business_on)
  where f.store_id = any(%(store_set)s) and f.business_on = any(%(day_set)s)""",
)


def _reported(metric: str) -> tuple[Measure, Measure]:
    """The platform's own rate (the worst scope) and the orders it was taken over, as last reported."""
    return (
        Measure(
            key=metric,
            source="performance",
            unit=Unit.FRACTION,
            basis=Basis.REPORT,
            expression=f"max(share) filter (where metric = '{metric}')",
            meaning=f"The platform's own {metric}, the highest of its scopes",
            over_days=OverDays.LAST,
            over_stores=OverStores.WORST,
        ),
        Measure(
            key=f"{metric}_orders",
            source="performance",
            unit=Unit.COUNT,
            basis=Basis.REPORT,
            expression=f"sum(denominator) filter (where metric = '{metric}')",
            meaning=f"Orders behind the platform's {metric}",
            over_days=OverDays.LAST,
        ),
    )


SERVICE_MEASURES = (
    *_reported("odr"),
    *_reported("late_shipment_rate"),
    Measure(
        key="feedback_stars",
        source="feedback",
        unit=Unit.COUNT,
        basis=Basis.REPORT,
        expression="sum(rating)",
        meaning="Stars of all seller ratings",
    ),
    Measure(
        key="feedback_count",
        source="feedback",
        unit=Unit.COUNT,
        basis=Basis.REPORT,
        expression="count(*)",
        meaning="Seller ratings",
    ),
)
