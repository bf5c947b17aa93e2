"""KPIs of prices: where they stand, whether they are carried out, and what units make of them."""

from __future__ import annotations

from decimal import Decimal

from kpis.catalog import formulas as f
from kpis.catalog.measures_money import MICRO
from kpis.catalog.measures_work import EXECUTION
from kpis.engine.definitions import KPI, GeometricMean, MinSample, Names, Quantile, Ratio, Snapshot
from kpis.engine.kinds import Deviation, Level, Slope
from kpis.engine.linear import measure
from kpis.types import Basis, Direction, Position, Reason, Unit

WORK = ("work",)


PRICING: tuple[KPI, ...] = (
    GeometricMean(
        key="price_competitiveness_index",
        family="pricing",
        names=Names(
            "价格竞争力指数", "Price competitiveness index", "価格競争力指数", "Índice de competitividad"
        ),
        formula=(
            "exp(mean ln(our landed price / lowest competitor's)) over product-days, last observation"
            " of the day, condition new; above 1 we are dearer"
        ),
        log_sum=measure("price_log_sum"),
        count=measure("price_comparisons"),
        reason_when_zero=Reason.NO_COMPETITORS,
        unit=Unit.FRACTION,
        direction=Direction.RANGE,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(f.OFFERS,),
        source="S1 scene 8; band proposed",
        position=Position.LISTING_OPERATOR,
        window="D",
    ),
    Deviation(
        key="price_deviation_pct",
        family="pricing",
        names=Names("价格偏离基准", "Price deviation from base", "基準価格乖離率", "Desviación de precio"),
        formula=(
            "Σ |live price − base price| / Σ base price over SKUs at the last check; net deviation"
            " and share of SKUs beyond ±5 % beside it"
        ),
        numerator=measure("price_deviation"),
        denominator=measure("base_prices"),
        net="price_deviation_net",
        subjects="skus_with_base_price",
        beyond="skus_beyond_band",
        reason_when_zero=Reason.NO_CHECKS,
        unit=Unit.FRACTION,
        direction=Direction.ABS,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(("evidence.price_deviation_pct",),),
        source="S0 (± 5 %)",
        position=Position.LISTING_OPERATOR,
        window="PIT",
    ),
    Ratio(
        key="price_exec_deviation_rate",
        family="pricing",
        names=Names(
            "价格执行偏差率", "Price execution deviation", "価格実行乖離率", "Desviación de ejecución"
        ),
        formula=(
            "approved prices from which the live price differs by more than 0.5 % 4 hours after they"
            " were due / approved prices checked; prices are set by the client, we measure it"
        ),
        numerator=measure("prices_deviating"),
        denominator=measure("prices_to_execute"),
        reason_when_zero=Reason.NO_WORK,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(WORK,),
        source="S0 scene 7",
        position=Position.LISTING_OPERATOR,
        window="D/W",
    ),
    Quantile(
        key="reprice_response_hours",
        family="pricing",
        names=Names("调价响应时效", "Repricing response time", "価格改定応答時間", "Respuesta de precio"),
        formula=(
            "median hours from the approval of a price to the change of the live price; 90th"
            " percentile beside it"
        ),
        histogram=EXECUTION,
        reason_when_zero=Reason.NO_WORK,
        unit=Unit.HOURS,
        direction=Direction.DOWN,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(WORK,),
        source="S0 scene 7",
        position=Position.LISTING_OPERATOR,
        window="30d",
    ),
    Level(
        key="below_floor_skus",
        family="pricing",
        names=Names("低于保本价SKU数", "SKUs below floor price", "下限割れSKU数", "SKU bajo el piso"),
        formula="SKUs whose live price is below their floor, clearance left out, at the last check",
        figure="below_floor_skus",
        unit=Unit.COUNT,
        direction=Direction.DOWN,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(("evidence.below_floor_skus",),),
        hard_gate=True,
        source="S2 pitfall 1; hard limit",
        position=Position.LISTING_OPERATOR,
        window="PIT",
    ),
    Ratio(
        key="margin_floor_breach_rate",
        family="pricing",
        names=Names("毛利底线突破率", "Margin floor breach", "粗利下限割れ率", "Brecha de margen"),
        formula="orders sold below the margin floor / orders checked",
        numerator=measure("margin_floor_breach_rate_good"),
        denominator=measure("margin_floor_breach_rate_of"),
        reason_when_zero=Reason.NO_CHECKS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.OBSERVED,
        settles_after_days=3,
        needs=(("evidence.margin_floor_breach_rate",),),
        source="S2 (20 % floor)",
        position=Position.FINANCE,
        stages=("mature",),
        window="7d",
    ),
    Ratio(
        key="reprice_interval_ok",
        family="pricing",
        names=Names("调价间隔合规", "Repricing interval compliance", "改定間隔遵守率", "Intervalo conforme"),
        formula="changes of the live price at least 4 hours after the one before / changes",
        numerator=measure("price_changes_spaced"),
        denominator=measure("price_changes"),
        reason_when_zero=Reason.NO_PRICE_CHANGES,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(WORK,),
        source="S0 pitfall 5; no Amazon page was seen for the 4 hours",
        position=Position.LISTING_OPERATOR,
        models=("fba",),
        window="30d",
    ),
    Ratio(
        key="promo_restore_on_time",
        family="pricing",
        names=Names(
            "促销按时恢复率", "Promotion restore on time", "特売後価格復元率", "Precio restaurado a tiempo"
        ),
        formula="promotions whose price was back at most 4 hours after the end / promotions ended",
        numerator=measure("promotions_restored"),
        denominator=measure("promotions_ended"),
        reason_when_zero=Reason.NO_WORK,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(WORK,),
        source="S2 scene 3",
        position=Position.LISTING_OPERATOR,
        window="30d",
    ),
    Snapshot(
        key="clearance_cash_rate",
        family="pricing",
        names=Names("清仓回款率", "Clearance cash recovery", "在庫処分回収率", "Recuperación de liquidación"),
        formula="net cash from cleared units / their landed cost, the 90 days before the last check",
        numerator=measure("clearance_cash_rate_good"),
        denominator=measure("clearance_cash_rate_of"),
        reason_when_zero=Reason.NO_CHECKS,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=14,
        needs=(("evidence.clearance_cash_rate",),),
        source="S2 scene 7; known when it is settled",
        position=Position.LISTING_OPERATOR,
        stages=("mature",),
        window="90d",
    ),
    Slope(
        key="price_elasticity",
        family="pricing",
        names=Names("价格弹性", "Price elasticity", "価格弾力性", "Elasticidad precio"),
        formula=(
            "slope of ln units on ln price over the SKU-weeks with a sale of the last 13 weeks, each"
            " SKU about its own means (so SKUs weigh by how much their price varied); 95 % interval"
            " beside it"
        ),
        sxx=measure("price_moment"),
        sxy=measure("price_units_moment"),
        syy=measure("units_moment"),
        points=measure("price_weeks"),
        groups=measure("price_skus"),
        scale=Decimal(MICRO),
        reason_when_zero=Reason.NO_PRICE_VARIATION,
        unit=Unit.NUMBER,
        direction=Direction.WATCH,
        basis=Basis.ORDER,
        settles_after_days=1,
        needs=(f.ORDERS_STREAMS,),
        min_sample=MinSample(measure("price_weeks"), 26),
        source="ordinary least squares in logarithms (domain reference, elasticity_ols)",
        position=Position.LISTING_OPERATOR,
        stages=("mature",),
        window="90d",
    ),
)
