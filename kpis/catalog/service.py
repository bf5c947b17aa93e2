"""KPIs of service: what comes back and what buyers say."""

from __future__ import annotations

from kpis.catalog import formulas as f
from kpis.engine.definitions import KPI, MinSample, Names, Ratio
from kpis.engine.linear import measure
from kpis.types import Basis, Direction, Reason, Unit

SERVICE: tuple[KPI, ...] = (
    Ratio(
        key="return_rate",
        family="service",
        names=Names("退货率", "Return rate", "返品率", "Tasa de devolución"),
        formula="units returned / units shipped, both on the day of the order",
        numerator=measure("units_returned"),
        denominator=measure("units_shipped"),
        reason_when_zero=Reason.NO_SHIPMENTS,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.ORDER,
        settles_after_days=30,
        needs=(f.ORDERS_STREAMS, f.RETURNS),
        min_sample=MinSample(measure("units_shipped"), 50),
        source="S0 (JP ≤ 3 %), S1 (JP ≤ 5 % a month): target 3 %, warn 5 %; returns come 30 to 90 days late",
    ),
    Ratio(
        key="seller_feedback_score",
        family="service",
        names=Names("店铺评分", "Seller feedback score", "出品者評価", "Calificación del vendedor"),
        formula="Σ stars / ratings, on the day of the rating",
        numerator=measure("feedback_stars"),
        denominator=measure("feedback_count"),
        reason_when_zero=Reason.NO_FEEDBACK,
        unit=Unit.STARS,
        direction=Direction.UP,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(f.FEEDBACK,),
        source="definition; the seller's rating, not the products' (review_score)",
    ),
)
