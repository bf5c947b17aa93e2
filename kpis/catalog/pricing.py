"""KPIs of price position."""

from __future__ import annotations

from kpis.catalog import formulas as f
from kpis.engine.definitions import KPI, GeometricMean, Names
from kpis.engine.linear import measure
from kpis.types import Basis, Direction, Reason, Unit

PRICING: tuple[KPI, ...] = (
    GeometricMean(
        key="price_competitiveness_index",
        family="pricing",
        names=Names(
            "价格竞争力指数", "Price competitiveness index", "価格競争力指数", "Índice de competitividad"
        ),
        formula=(
            "exp(mean ln(our landed price / lowest competitor's)) over product-days, last observation of the"
            " day, condition new; above 1 we are dearer"
        ),
        log_sum=measure("price_log_sum"),
        count=measure("price_comparisons"),
        reason_when_zero=Reason.NO_COMPETITORS,
        unit=Unit.INDEX,
        direction=Direction.RANGE,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(f.OFFERS,),
        source="S1 scene 8; band proposed",
    ),
)
