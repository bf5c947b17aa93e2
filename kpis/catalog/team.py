"""KPIs of the team's own work; the daily ones are noted by kpis.services.own_figures."""

from __future__ import annotations

from kpis.catalog.measures_work import ACKNOWLEDGEMENT, APPROVAL
from kpis.engine.definitions import KPI, Names, Quantile, Ratio, Snapshot, Worst
from kpis.engine.linear import measure
from kpis.types import Basis, Direction, Position, Reason, Unit

WORK = ("work",)


TEAM: tuple[KPI, ...] = (
    Snapshot(
        key="kpi_attainment",
        family="team",
        names=Names("KPI达成率", "KPI attainment", "KPI達成率", "Cumplimiento de KPI"),
        formula=(
            "Σ weight × score (v/target or target/v, at most 1.2) / Σ weight of the KPIs with data,"
            " of the scorecard of the last complete week; noted daily"
        ),
        numerator=measure("kpi_attainment_good"),
        denominator=measure("kpi_attainment_of"),
        reason_when_zero=Reason.NO_CHECKS,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(("evidence.kpi_attainment",),),
        source="S0 step 6; scoring rule of the domain reference §1.5",
        position=Position.ACCOUNT_MANAGER,
        window="M",
    ),
    Ratio(
        key="action_item_on_time",
        family="team",
        names=Names("行动项按时完成率", "Action items on time", "アクション期限遵守率", "Acciones a tiempo"),
        formula="action items closed by their due date / items with a due date that are closed or overdue",
        numerator=measure("actions_on_time"),
        denominator=measure("actions_due"),
        reason_when_zero=Reason.NO_WORK,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(WORK,),
        source="S3 step 6",
        position=Position.ACCOUNT_MANAGER,
        window="M",
    ),
    Quantile(
        key="alert_ack_hours",
        family="team",
        names=Names("告警响应时长", "Alert acknowledgement", "アラート対応時間", "Atención de alertas"),
        formula="median hours from an alert to its acknowledgement; 90th percentile beside it",
        histogram=ACKNOWLEDGEMENT,
        reason_when_zero=Reason.NO_WORK,
        unit=Unit.HOURS,
        direction=Direction.DOWN,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(WORK,),
        source="S1 (service levels 24 h and, express, 4 h)",
        position=Position.ACCOUNT_MANAGER,
        window="30d",
    ),
    Quantile(
        key="price_approval_hours",
        family="team",
        names=Names("调价审批时长", "Price approval time", "価格承認時間", "Aprobación de precio"),
        formula="median hours from a price proposal to the decision; 90th percentile beside it",
        histogram=APPROVAL,
        reason_when_zero=Reason.NO_WORK,
        unit=Unit.HOURS,
        direction=Direction.DOWN,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(WORK,),
        source="S0; proposed",
        position=Position.ACCOUNT_MANAGER,
        window="30d",
    ),
    Worst(
        key="data_freshness_hours",
        family="team",
        names=Names("数据新鲜度", "Data freshness", "データ鮮度", "Frescura de datos"),
        formula="age of the data set that is furthest behind, at the last daily look, worst store",
        figure="data_freshness_hours",
        unit=Unit.HOURS,
        direction=Direction.DOWN,
        basis=Basis.OBSERVED,
        settles_after_days=0,
        needs=(("evidence.data_freshness_hours",),),
        source="S3 (settlements 3 days, advertising 72 hours)",
        position=Position.ACCOUNT_MANAGER,
        window="PIT",
    ),
    Ratio(
        key="data_completeness",
        family="team",
        names=Names("数据完整率", "Data completeness", "データ完備率", "Integridad de datos"),
        formula="data sets that were as young as agreed / data sets expected, noted daily for each store",
        numerator=measure("data_completeness_good"),
        denominator=measure("data_completeness_of"),
        reason_when_zero=Reason.NO_CHECKS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=0,
        needs=(("evidence.data_completeness",),),
        source="S0, S1, S3 pitfalls",
        position=Position.ACCOUNT_MANAGER,
        window="7d",
    ),
)
