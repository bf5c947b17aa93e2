"""KPIs by which platforms judge an account; their limits hold per account, so the worst store is shown.

They are the platforms' own figures, kept as delivered: the platform decides what it excludes and in which
window, so its figure is preferred to a computation of our own from claims or shipments.
"""

from __future__ import annotations

from kpis.engine.definitions import KPI, MinSample, Names, Worst
from kpis.engine.kinds import Level
from kpis.engine.linear import measure
from kpis.types import Basis, Direction, Position, Unit

PERFORMANCE = ("account_health", "performance")


ACCOUNT_HEALTH: tuple[KPI, ...] = (
    Worst(
        key="claims_rate",
        family="account_health",
        names=Names("投诉率", "Claims rate", "クレーム率", "Tasa de reclamos"),
        formula=(
            "the platform's own rate of sales with a claim, last report in the period, worst account;"
            " preferred to own counts because the platform decides what it excludes"
        ),
        figure="claims_rate",
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        min_sample=MinSample(measure("claims_rate_orders"), 30),
        source=(
            "Mercado Libre MX ≤ 2 % for green over 60 days, 365 below 40 sales"
            " (global-selling.mercadolibre.com)"
        ),
        position=Position.CUSTOMER_SERVICE,
        window="60d (365d if <40 sales)",
    ),
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
        needs=(PERFORMANCE,),
        min_sample=MinSample(measure("odr_orders"), 30),
        hard_gate=True,
        source="Amazon: under 1 % over 60 days (ecommanagers.com, ssb-plus.consulting)",
        position=Position.CUSTOMER_SERVICE,
        window="60d (reported with lag)",
    ),
    Level(
        key="account_health_rating",
        family="account_health",
        names=Names("账户健康分", "Account Health Rating", "アカウント健全性評価", "Salud de la cuenta"),
        formula="Amazon's Account Health Rating, 0 to 1,000, last report in the period, lowest account",
        figure="account_health_rating",
        unit=Unit.SCORE,
        direction=Direction.UP,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        source=(
            "bands of ssb-plus.consulting: 200 and more is healthy (numbers from memory); SP-API"
            " gives only a word, so uploads bring the number"
        ),
        position=Position.ACCOUNT_MANAGER,
        models=(
            "fba",
            "overseas_wh",
        ),
        window="PIT",
    ),
    Level(
        key="policy_violations",
        family="account_health",
        names=Names("违规数", "Open policy violations", "ポリシー違反件数", "Infracciones abiertas"),
        formula="open policy violations of all kinds, last report in the period, all accounts added",
        figure="policy_violations",
        unit=Unit.COUNT,
        direction=Direction.DOWN,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        hard_gate=True,
        source="S4; Amazon's target for each of its lists is 0",
        position=Position.COMPLIANCE,
        window="PIT",
    ),
    Worst(
        key="meli_delayed_handling_rate",
        family="account_health",
        names=Names("美客多延迟发货率", "MeLi delayed handling", "MeLi出荷遅延率", "Despacho demorado"),
        formula=(
            "Mercado Libre's own rate of sales dispatched late, last report in the period, worst account"
        ),
        figure="meli_delayed_handling_rate",
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        min_sample=MinSample(measure("meli_delayed_handling_rate_orders"), 30),
        source="global-selling.mercadolibre.com: ≤ 15 % green, 20 % yellow, 30 % orange",
        position=Position.WAREHOUSE,
        models=("overseas_wh",),
        window="60d",
    ),
    Worst(
        key="meli_cancellation_rate",
        family="account_health",
        names=Names("美客多取消率", "MeLi cancellations", "MeLiキャンセル率", "Cancelaciones"),
        formula=(
            "Mercado Libre's own rate of sales the seller cancelled, last report in the period, worst account"
        ),
        figure="meli_cancellation_rate",
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        min_sample=MinSample(measure("meli_cancellation_rate_orders"), 30),
        source="geekseller.com (limit quoted 4 %)",
        position=Position.WAREHOUSE,
        window="60d",
    ),
    Level(
        key="meli_level",
        family="account_health",
        names=Names("美客多信誉颜色", "MeLi reputation level", "MeLi評価色", "Color de reputación"),
        formula=(
            "Mercado Libre's reputation, 1 (red) to 5 (green), last report in the period, lowest account"
        ),
        figure="meli_level",
        unit=Unit.LEVEL,
        direction=Direction.UP,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        source="developers.mercadolibre: seller_reputation of the users API",
        position=Position.ACCOUNT_MANAGER,
        window="PIT",
    ),
    Level(
        key="rakuten_on_time_rate",
        family="account_health",
        names=Names("乐天交期遵守率", "Rakuten on-time rate", "納期遵守率", "Puntualidad Rakuten"),
        formula=(
            "Rakuten's own rate of orders delivered by the promised day, last report in the period,"
            " lowest shop"
        ),
        figure="rakuten_on_time_rate",
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        min_sample=MinSample(measure("rakuten_on_time_rate_orders"), 30),
        source="commercepick.com: the label needs ≥ 96 %, judged by month",
        position=Position.WAREHOUSE,
        models=("overseas_wh",),
        window="monthly eval",
    ),
    Worst(
        key="yahoo_late_ship_rate",
        family="account_health",
        names=Names("雅虎出货延迟率", "Yahoo late-ship rate", "Yahoo出荷遅延率", "Envío tardío Yahoo"),
        formula="Yahoo! Shopping's own rate of orders shipped late, last report in the period, worst shop",
        figure="yahoo_late_ship_rate",
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        min_sample=MinSample(measure("yahoo_late_ship_rate_orders"), 30),
        source="brain-trust.jp: excellent delivery needs < 5 % over some 89 days",
        position=Position.WAREHOUSE,
        models=("overseas_wh",),
        window="rolling ~89d",
    ),
    Level(
        key="yahoo_excellent_share",
        family="account_health",
        names=Names(
            "雅虎优良配送占比",
            "Yahoo excellent-delivery share",
            "優良配送注文シェア",
            "Cuota de entrega excelente",
        ),
        formula=(
            "share of orders with excellent delivery as Yahoo! Shopping counts it, last report in the"
            " period, lowest shop"
        ),
        figure="yahoo_excellent_share",
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        min_sample=MinSample(measure("yahoo_excellent_share_orders"), 30),
        source="hoyaza.com, aldo-system.jp: the excellent-store badge needs ≥ 50 %",
        position=Position.WAREHOUSE,
        models=("overseas_wh",),
        window="rolling ~89d",
    ),
    Worst(
        key="ebay_defect_rate",
        family="account_health",
        names=Names("eBay缺陷率", "eBay transaction defect rate", "eBay取引不良率", "Defectos eBay"),
        formula="eBay's own transaction defect rate, last report in the period, worst account",
        figure="ebay_defect_rate",
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        min_sample=MinSample(measure("ebay_defect_rate_orders"), 30),
        source="eBay policy pages: Top Rated ≤ 0.5 %, minimum ≤ 2 %, judged on the 20th of each month",
        position=Position.CUSTOMER_SERVICE,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="3m if >=400 sales else 12m",
    ),
    Worst(
        key="ebay_late_rate",
        family="account_health",
        names=Names("eBay迟发率", "eBay late shipment", "eBay出荷遅延率", "Tardío eBay"),
        formula="eBay's own late shipment rate, last report in the period, worst account",
        figure="ebay_late_rate",
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        min_sample=MinSample(measure("ebay_late_rate_orders"), 30),
        source="eBay page: Top Rated ≤ 3 % (from memory), above standard 7 %",
        position=Position.WAREHOUSE,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="3m/12m",
    ),
    Level(
        key="walmart_standards_met",
        family="account_health",
        names=Names("沃尔玛标准达成", "Walmart standards met", "Walmart基準達成数", "Estándares Walmart"),
        formula=(
            "Walmart's standards that are met / 8, last report in the period, lowest account; a rate"
            " is held against the target and condition Walmart delivers beside it, else against the"
            " published limit, else Walmart's verdict counts"
        ),
        figure="walmart_standards_met",
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        source=(
            "marketplacelearn.walmart.com: cancellations ≤ 2 %, on time ≥ 90 %, tracking ≥ 99 %,"
            " refunds < 6 %, replies ≥ 95 %, negative feedback ≤ 2 %; returns and not received"
            " without visible limit"
        ),
        position=Position.ACCOUNT_MANAGER,
        models=("overseas_wh",),
        window="30/60d",
    ),
    Level(
        key="tiktok_sps",
        family="account_health",
        names=Names("TikTok店铺表现分", "TikTok Shop SPS", "TikTok SPS", "SPS de TikTok"),
        formula="TikTok's Shop Performance Score, 0 to 5, last report in the period, lowest account",
        figure="tiktok_sps",
        unit=Unit.SCORE,
        direction=Direction.UP,
        basis=Basis.REPORT,
        settles_after_days=7,
        needs=(PERFORMANCE,),
        min_sample=MinSample(measure("tiktok_sps_orders"), 30),
        source=(
            "ppc.land, dashboardly: needs 30 delivered orders in 90 days; 4 and more halves the share"
            " of return shipping"
        ),
        position=Position.ACCOUNT_MANAGER,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="PIT, 90d",
    ),
    Worst(
        key="seller_fault_cancel_rate",
        family="account_health",
        names=Names(
            "卖家责任取消率", "Seller-fault cancellation", "店舗都合キャンセル率", "Cancelación por vendedor"
        ),
        formula=(
            "the platform's own rate of orders cancelled for the seller's reasons, last report in the"
            " period, worst account; our own count is pre_fulfilment_cancel_rate"
        ),
        figure="seller_fault_cancel_rate",
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.REPORT,
        settles_after_days=1,
        needs=(PERFORMANCE,),
        min_sample=MinSample(measure("seller_fault_cancel_rate_orders"), 30),
        source="duoke.com: a TikTok metric over 30 days",
        position=Position.WAREHOUSE,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="30d",
    ),
)
