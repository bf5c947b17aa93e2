"""KPIs of profit: margins before and after advertising, cost lines as shares of net sales, return on cost.

The six cost lines and the gross margin add up to exactly 1 (before rounding).
"""

from __future__ import annotations

from kpis.catalog import formulas as f
from kpis.engine.definitions import KPI, CostNeed, Names, Ratio
from kpis.engine.linear import Linear
from kpis.types import Basis, Direction, Reason, Unit


def _cost_line(
    key: str,
    names: Names,
    numerator: Linear,
    formula: str,
    source: str,
    *,
    needs: tuple[tuple[str, ...], ...] = f.MARGIN_STREAMS,
    needs_costs: tuple[CostNeed, ...] = (),
) -> Ratio:
    return Ratio(
        key=key,
        family="profit",
        names=names,
        formula=f"{formula} / net_sales",
        numerator=numerator,
        denominator=f.NET_SALES,
        reason_when_zero=Reason.NO_SALES,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.ORDER,
        settles_after_days=14,
        needs=needs,
        needs_costs=needs_costs,
        source=source,
    )


PROFIT: tuple[KPI, ...] = (
    Ratio(
        key="gross_margin_pct",
        family="profit",
        names=Names("毛利率", "Gross margin (CM2)", "粗利率(販売直接費控除後)", "Margen bruto (CM2)"),
        formula=(
            "(net_sales − landed COGS − platform, fulfilment, storage and return fees − other unit costs)"
            " / net_sales; advertising excluded"
        ),
        numerator=f.CM2,
        denominator=f.NET_SALES,
        reason_when_zero=Reason.NO_SALES,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.ORDER,
        settles_after_days=14,
        needs=f.MARGIN_STREAMS,
        needs_costs=f.COSTS_OF_SALES,
        source="S2 (≥ 25 %; rule floor 20 %); fees are final after settlement (delivery + 7 days)",
    ),
    _cost_line(
        "landed_cost_ratio",
        Names("到岸成本占比", "Landed cost ratio", "着地原価率", "Costo en destino"),
        f.COGS,
        "landed cost of units sold − of units that came back sellable",
        "proposed",
        needs=(f.ORDERS_STREAMS, f.FINANCES, f.RETURNS),
        needs_costs=f.COSTS_OF_SALES,
    ),
    _cost_line(
        "platform_fee_rate",
        Names("平台费率", "Platform fee rate", "モール手数料率", "Tasa de comisión"),
        f.PLATFORM_FEES,
        "referral, closing, payment and subscription fees",
        "S0 scene 8; numbers proposed",
        needs=(f.ORDERS_STREAMS, f.FINANCES),
    ),
    _cost_line(
        "fulfilment_cost_rate",
        Names("履约费率", "Fulfilment cost rate", "物流費率", "Costo logístico"),
        f.FULFILMENT_FEES,
        "fulfilment fees",
        "proposed",
        needs=(f.ORDERS_STREAMS, f.FINANCES),
    ),
    _cost_line(
        "storage_cost_rate",
        Names("仓储费率", "Storage cost rate", "保管費率", "Costo de almacenaje"),
        f.STORAGE_FEES,
        "storage and aged storage fees, on the day they were posted",
        "Amazon storage pages; numbers proposed",
        needs=(f.ORDERS_STREAMS, f.FINANCES),
    ),
    _cost_line(
        "return_fee_rate",
        Names("退货费率", "Return fee rate", "返品手数料率", "Tasa de cargos por devolución"),
        f.RETURN_FEES,
        "return processing and refund administration fees",
        "definition; unsellable units stay in the landed cost ratio",
        needs=(f.ORDERS_STREAMS, f.FINANCES),
    ),
    _cost_line(
        "other_unit_cost_rate",
        Names("其他单件成本率", "Other unit cost rate", "その他単位原価率", "Otros costos unitarios"),
        f.UNIT_COSTS_OTHER,
        "packaging, after-sales, local service and other costs of the units sold",
        "definition",
        needs=(f.ORDERS_STREAMS, f.FINANCES),
        needs_costs=f.COSTS_OF_SALES,
    ),
    Ratio(
        key="cm3_pct",
        family="profit",
        names=Names(
            "广告后毛利率", "Contribution after ads (CM3)", "広告後貢献利益率", "Margen tras publicidad (CM3)"
        ),
        formula="(cm2 − ad_spend) / net_sales",
        numerator=f.CM3,
        denominator=f.NET_SALES,
        reason_when_zero=Reason.NO_SALES,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.ORDER,
        settles_after_days=14,
        needs=(*f.MARGIN_STREAMS, f.ADS),
        needs_costs=f.COSTS_OF_SALES,
        source="proposed; ads restate 3 to 14 days",
    ),
    Ratio(
        key="roi",
        family="profit",
        names=Names("投入产出率", "ROI", "投資利益率", "ROI"),
        formula="cm3 / (landed COGS + platform fees + fulfilment fees + ad_spend)",
        numerator=f.CM3,
        denominator=f.CASH_COST,
        reason_when_zero=Reason.NO_COSTS,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.ORDER,
        settles_after_days=14,
        needs=(*f.MARGIN_STREAMS, f.ADS),
        needs_costs=f.COSTS_OF_SALES,
        source="S0 (US ROI ≥ 15 %); not for new shops",
    ),
)
