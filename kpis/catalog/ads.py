"""KPIs of advertising: what it costs against what it sells."""

from __future__ import annotations

from kpis.catalog import formulas as f
from kpis.engine.definitions import KPI, Names, Ratio, Simple
from kpis.types import Basis, Direction, Reason, Unit

ADS: tuple[KPI, ...] = (
    Simple(
        key="ad_spend",
        family="ads",
        names=Names("广告花费", "Ad spend", "広告費", "Gasto publicitario"),
        formula="Σ cost of clicks",
        total=f.AD_SPEND,
        unit=Unit.MONEY,
        direction=Direction.WATCH,
        basis=Basis.CLICK,
        settles_after_days=3,
        needs=(f.ADS,),
        source="definition; restated for 3 days (invalid clicks)",
    ),
    Ratio(
        key="acos",
        family="ads",
        names=Names("广告销售成本比", "ACoS", "ACoS(広告費売上比)", "ACoS"),
        formula="ad_spend / sales attributed within 7 days of the click",
        numerator=f.AD_SPEND,
        denominator=f.AD_SALES,
        reason_when_zero=Reason.NO_AD_SALES,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.CLICK,
        settles_after_days=14,
        needs=(f.ADS,),
        source="S0, S1, S2 name it; numbers proposed; restated up to 14 days",
    ),
    Ratio(
        key="tacos",
        family="ads",
        names=Names("广告占总销比", "TACoS", "総広告費率", "TACoS"),
        formula="ad_spend / net_sales",
        numerator=f.AD_SPEND,
        denominator=f.NET_SALES,
        reason_when_zero=Reason.NO_SALES,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.CLICK,
        settles_after_days=14,
        needs=(f.ADS, f.ORDERS_STREAMS, f.FINANCES),
        source="proposed",
    ),
    Ratio(
        key="roas",
        family="ads",
        names=Names("广告回报率", "ROAS", "ROAS", "ROAS"),
        formula="sales attributed within 7 days of the click / ad_spend",
        numerator=f.AD_SALES,
        denominator=f.AD_SPEND,
        reason_when_zero=Reason.NO_AD_SPEND,
        unit=Unit.MULTIPLE,
        direction=Direction.UP,
        basis=Basis.CLICK,
        settles_after_days=14,
        needs=(f.ADS,),
        source="S3; numbers proposed",
    ),
)
