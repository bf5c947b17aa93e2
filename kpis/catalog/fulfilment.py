"""KPIs of fulfilment: goods reach the buyer in time and whole, and the warehouse through customs."""

from __future__ import annotations

from kpis.catalog import formulas as f
from kpis.catalog.measures_shipments import FIRST_LEG, HANDLING, LAST_MILE
from kpis.engine.definitions import KPI, MinSample, Names, Quantile, Ratio, Worst
from kpis.engine.linear import measure
from kpis.types import Basis, Direction, Position, Reason, Unit

PERFORMANCE = ("account_health", "performance")
SHIPMENTS = ("shipments",)
INBOUND = ("inbound",)
CUSTOMS = ("customs",)
CLAIMS = ("claims",)


FULFILMENT: tuple[KPI, ...] = (
    Ratio(
        key="ship_24h_rate",
        family="fulfilment",
        names=Names("24小时发货率", "Shipped within 24 h", "24時間以内出荷率", "Envío en 24 h"),
        formula=(
            "seller-fulfilled orders shipped completely within 24 business hours after payment / such"
            " orders that are shipped or due; hours run Monday to Friday in the shop's zone without"
            " the market's rest days (Japan: Golden Week, Obon, turn of the year)"
        ),
        numerator=measure("orders_shipped_24h"),
        denominator=measure("orders_due_24h"),
        reason_when_zero=Reason.NO_SHIPMENTS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.ORDER,
        settles_after_days=4,
        needs=(SHIPMENTS,),
        min_sample=MinSample(measure("orders_due_24h"), 30),
        source=(
            "S1 (JP ≥ 98 %; holiday profile: pitfall 8); US and MX proposed; not meaningful without"
            " local stock (S1 FAQ)"
        ),
        position=Position.WAREHOUSE,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="7/30d",
    ),
    Worst(
        key="late_shipment_rate",
        family="fulfilment",
        names=Names("迟发率", "Late shipment rate", "出荷遅延率", "Envío tardío"),
        formula="the platform's own late shipment rate, last report in the period, worst store",
        figure="late_shipment_rate",
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        min_sample=MinSample(measure("late_shipment_rate_orders"), 30),
        source=(
            "Amazon: under 4 % over 10 and 30 days (windows topbsr.com, limit from memory); Yahoo! <"
            " 5 %, eBay ≤ 3 %"
        ),
        position=Position.WAREHOUSE,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="10d & 30d",
    ),
    Ratio(
        key="otdr",
        family="fulfilment",
        names=Names("准时送达率", "On-time delivery rate", "納期遵守率(OTDR)", "Entrega a tiempo"),
        formula=(
            "tracked seller-fulfilled packages delivered by the promised instant / those whose"
            " promise is 7 days past, on the day of payment"
        ),
        numerator=measure("packages_punctual"),
        denominator=measure("packages_promised"),
        reason_when_zero=Reason.NO_DELIVERIES,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.ORDER,
        settles_after_days=21,
        needs=(SHIPMENTS,),
        min_sample=MinSample(measure("packages_promised"), 30),
        source=(
            "Amazon ≥ 90 % over 14 days after a 7-day lag (biginternetcommerce.com; older advice 97"
            " %); Walmart ≥ 90 %; Rakuten label 96 %"
        ),
        position=Position.WAREHOUSE,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="14d (lag 7d)",
    ),
    Ratio(
        key="vtr",
        family="fulfilment",
        names=Names("有效追踪率", "Valid tracking rate", "有効追跡率", "Rastreo válido"),
        formula=(
            "seller-fulfilled packages with a valid, scanned tracking number / seller-fulfilled"
            " packages shipped"
        ),
        numerator=measure("packages_tracked"),
        denominator=measure("packages_shipped"),
        reason_when_zero=Reason.NO_SHIPMENTS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.ORDER,
        settles_after_days=3,
        needs=(SHIPMENTS,),
        min_sample=MinSample(measure("packages_shipped"), 30),
        source="Amazon ≥ 95 % over 30 days (window topbsr.com, limit from memory); Walmart ≥ 99 %",
        position=Position.WAREHOUSE,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="30d",
    ),
    Ratio(
        key="pre_fulfilment_cancel_rate",
        family="fulfilment",
        names=Names("发货前取消率", "Pre-fulfilment cancel rate", "出荷前キャンセル率", "Cancelación previa"),
        formula=(
            "seller-fulfilled orders of which the seller cancelled something before shipping /"
            " seller-fulfilled orders"
        ),
        numerator=measure("orders_refused"),
        denominator=measure("orders_to_ship"),
        reason_when_zero=Reason.NO_ORDERS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.ORDER,
        settles_after_days=2,
        needs=(SHIPMENTS,),
        min_sample=MinSample(measure("orders_to_ship"), 30),
        source="Amazon < 2.5 % over 7 days (systems2scale.co.uk); Walmart ≤ 2 % over 30 days",
        position=Position.WAREHOUSE,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="7d",
    ),
    Ratio(
        key="fulfilment_rate",
        family="fulfilment",
        names=Names("订单履约率", "Order fulfilment rate", "受注充足率", "Cumplimiento de pedidos"),
        formula="orders shipped completely / paid orders that the buyer did not cancel",
        numerator=measure("orders_fulfilled"),
        denominator=measure("orders_wanted"),
        reason_when_zero=Reason.NO_ORDERS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.ORDER,
        settles_after_days=3,
        needs=(SHIPMENTS,),
        min_sample=MinSample(measure("orders_wanted"), 30),
        source="S3, S4; numbers proposed",
        position=Position.WAREHOUSE,
        window="7/30d",
    ),
    Quantile(
        key="handling_time",
        family="fulfilment",
        names=Names("平均处理时长", "Handling time", "出荷リードタイム", "Tiempo de preparación"),
        formula=(
            "median hours from payment to the carrier's first scan, seller-fulfilled packages; 90th"
            " percentile beside it"
        ),
        histogram=HANDLING,
        reason_when_zero=Reason.NO_SHIPMENTS,
        unit=Unit.HOURS,
        direction=Direction.DOWN,
        basis=Basis.ORDER,
        settles_after_days=4,
        needs=(SHIPMENTS,),
        min_sample=MinSample(measure("handling_hours__n"), 10),
        source="S1 (order to shipment); Mercado Libre policy ≤ 4 days (global-selling)",
        position=Position.WAREHOUSE,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="30d",
    ),
    Quantile(
        key="last_mile_days",
        family="fulfilment",
        names=Names("尾程时效", "Last-mile days", "ラストマイル日数", "Días última milla"),
        formula="median days from the carrier's first scan to delivery; 90th percentile beside it",
        histogram=LAST_MILE,
        reason_when_zero=Reason.NO_DELIVERIES,
        unit=Unit.DAYS,
        direction=Direction.DOWN,
        basis=Basis.ORDER,
        settles_after_days=14,
        needs=(SHIPMENTS,),
        min_sample=MinSample(measure("last_mile_days__n"), 10),
        source="S1; numbers proposed",
        position=Position.WAREHOUSE,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="30d",
    ),
    Quantile(
        key="first_leg_days",
        family="fulfilment",
        names=Names("头程时效", "First-leg transit days", "国際輸送日数", "Tránsito internacional"),
        formula=(
            "median days from departure to the warehouse's receipt, of goods received in the 90 days"
            " up to the end of the period; 90th percentile beside it"
        ),
        histogram=FIRST_LEG,
        reason_when_zero=Reason.NO_INBOUND,
        unit=Unit.DAYS,
        direction=Direction.DOWN,
        basis=Basis.OBSERVED,
        settles_after_days=7,
        needs=(INBOUND,),
        min_sample=MinSample(measure("first_leg_days__n"), 3),
        source="proposed; by sea or air",
        position=Position.WAREHOUSE,
        models=(
            "fba",
            "overseas_wh",
        ),
        window="90d",
    ),
    Ratio(
        key="customs_failure_rate",
        family="fulfilment",
        names=Names("清关失败率", "Customs failure rate", "通関失敗率", "Fallo aduanal"),
        formula=(
            "declarations held, rejected or returned / declarations decided on, on the day of the decision"
        ),
        numerator=measure("customs_failed"),
        denominator=measure("customs_decided"),
        reason_when_zero=Reason.NO_DECLARATIONS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.OBSERVED,
        settles_after_days=7,
        needs=(CUSTOMS,),
        min_sample=MinSample(measure("customs_decided"), 10),
        source="S1 scene 5; numbers proposed",
        position=Position.COMPLIANCE,
        models=(
            "fba",
            "overseas_wh",
        ),
        window="90d",
    ),
    Ratio(
        key="customs_pass_rate",
        family="fulfilment",
        names=Names("清关通过率", "Customs pass rate", "通関通過率", "Liberación aduanal"),
        formula=(
            "declarations released without exam or query / declarations decided on, on the day of the"
            " decision"
        ),
        numerator=measure("customs_released"),
        denominator=measure("customs_decided"),
        reason_when_zero=Reason.NO_DECLARATIONS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=7,
        needs=(CUSTOMS,),
        min_sample=MinSample(measure("customs_decided"), 10),
        source="S1; numbers proposed; 1 − failure rate only where nothing is queried",
        position=Position.COMPLIANCE,
        window="90d",
    ),
    Ratio(
        key="customs_doc_completeness",
        family="fulfilment",
        names=Names(
            "资料提交完整度", "Customs document completeness", "通関書類完備率", "Documentos completos"
        ),
        formula="required papers present and valid at departure / required papers",
        numerator=measure("customs_papers_valid"),
        denominator=measure("customs_papers_required"),
        reason_when_zero=Reason.NO_DOCUMENTS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(CUSTOMS,),
        source="S1 scene 5",
        position=Position.COMPLIANCE,
        window="90d",
    ),
    Ratio(
        key="lost_damage_rate",
        family="fulfilment",
        names=Names("丢失破损率", "Lost/damaged rate", "紛失破損率", "Pérdida/daño"),
        formula="units lost or damaged / units sent, on the day of payment",
        numerator=measure("units_harmed"),
        denominator=measure("units_sent"),
        reason_when_zero=Reason.NO_SHIPMENTS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.ORDER,
        settles_after_days=7,
        needs=(SHIPMENTS,),
        min_sample=MinSample(measure("units_sent"), 100),
        source="proposed; Amazon's claim window is 60 days",
        position=Position.WAREHOUSE,
        window="90d",
    ),
    Ratio(
        key="item_not_received_rate",
        family="fulfilment",
        names=Names("未收到率", "Item-not-received rate", "未着率", "No recibido"),
        formula=(
            "orders with a counted claim that the item did not arrive / orders, both on the order's day"
        ),
        numerator=measure("orders_not_received"),
        denominator=measure("orders"),
        reason_when_zero=Reason.NO_ORDERS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.ORDER,
        settles_after_days=60,
        needs=(CLAIMS, f.ORDERS_STREAMS),
        min_sample=MinSample(measure("orders"), 30),
        source="Walmart: one of its eight standards, limit not visible; numbers proposed",
        position=Position.CUSTOMER_SERVICE,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="60d",
    ),
)
