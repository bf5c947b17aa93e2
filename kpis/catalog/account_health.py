"""KPIs by which the platform judges the account; its limits hold per account, so the worst store is shown."""

from __future__ import annotations

from kpis.catalog import formulas as f
from kpis.engine.definitions import KPI, MinSample, Names, Worst
from kpis.engine.linear import measure
from kpis.types import Basis, Direction, Unit

ACCOUNT_HEALTH: tuple[KPI, ...] = (
    Worst(
        key="odr",
        family="account_health",
        names=Names("订单缺陷率", "Order defect rate", "注文不良率", "Tasa de defectos"),
        formula="the platform's own order defect rate (60 days), last report in the period, worst store",
        figure="odr",
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.REPORT,
        settles_after_days=2,
        needs=(f.ACCOUNT_HEALTH,),
        min_sample=MinSample(measure("odr_orders"), 30),
        hard_gate=True,
        source="Amazon: under 1 % over 60 days (ecommanagers.com, ssb-plus.consulting)",
    ),
    Worst(
        key="late_shipment_rate",
        family="account_health",
        names=Names("迟发率", "Late shipment rate", "出荷遅延率", "Envío tardío"),
        formula="the platform's own late shipment rate, last report in the period, worst store",
        figure="late_shipment_rate",
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(f.ACCOUNT_HEALTH,),
        min_sample=MinSample(measure("late_shipment_rate_orders"), 30),
        source="Amazon: under 4 % over 10 and 30 days (windows topbsr.com, limit from memory)",
    ),
)
