"""KPIs of service: what buyers ask, what they say, and what comes back."""

from __future__ import annotations

from kpis.catalog import formulas as f
from kpis.catalog.measures_voices import FIRST_RESPONSE, PROCESSING
from kpis.engine.definitions import KPI, MinSample, Names, Quantile, Ratio, Simple, Snapshot
from kpis.engine.kinds import NetScore
from kpis.engine.linear import measure
from kpis.types import Basis, Direction, Position, Reason, Unit

CONVERSATIONS = ("conversations",)
SURVEYS = ("surveys",)
REVIEWS = ("reviews",)


SERVICE: tuple[KPI, ...] = (
    Quantile(
        key="first_response_hours",
        family="service",
        names=Names("首次回复时长", "First response time", "初回返信時間", "Primera respuesta"),
        formula=(
            "median hours from the buyer's first message to the first human reply, of conversations"
            " that need one; 90th percentile beside it, unanswered ones in response_sla_rate"
        ),
        histogram=FIRST_RESPONSE,
        reason_when_zero=Reason.NO_CONVERSATIONS,
        unit=Unit.HOURS,
        direction=Direction.DOWN,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(CONVERSATIONS,),
        min_sample=MinSample(measure("response_hours__n"), 10),
        source="S1 (JP ≤ 2 h); US and MX proposed; Amazon 24 h, weekends included",
        position=Position.CUSTOMER_SERVICE,
        window="7/30d",
    ),
    Ratio(
        key="response_sla_rate",
        family="service",
        names=Names("按时回复率", "Response within SLA", "返信SLA達成率", "Respuesta en SLA"),
        formula=(
            "conversations answered within 24 hours (Walmart: 48) / conversations that need a reply"
            " and are answered or due"
        ),
        numerator=measure("replies_in_time"),
        denominator=measure("replies_due"),
        reason_when_zero=Reason.NO_CONVERSATIONS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=2,
        needs=(CONVERSATIONS,),
        min_sample=MinSample(measure("replies_due"), 30),
        source="Amazon 24 h; Walmart ≥ 95 % within 48 h (geekseller.com)",
        position=Position.CUSTOMER_SERVICE,
        window="30d",
    ),
    Ratio(
        key="ja_support_coverage",
        family="service",
        names=Names(
            "日语客服在线覆盖率", "Japanese support coverage", "日本語対応カバー率", "Cobertura en japonés"
        ),
        formula=(
            "scheduled hours staffed by agents who speak Japanese / required hours 9 to 21 o'clock"
            " JST, seven days"
        ),
        numerator=measure("ja_support_coverage_good"),
        denominator=measure("ja_support_coverage_of"),
        reason_when_zero=Reason.NO_CHECKS,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=0,
        needs=(("evidence.ja_support_coverage",),),
        source="S1 (≥ 90 %)",
        position=Position.CUSTOMER_SERVICE,
        window="W/M",
    ),
    Ratio(
        key="csat",
        family="service",
        names=Names("售后满意度", "CSAT", "顧客満足度", "CSAT"),
        formula="ratings of 4 or 5 / ratings of satisfaction, 1 to 5",
        numerator=measure("csat_satisfied"),
        denominator=measure("csat_answers"),
        reason_when_zero=Reason.NO_ANSWERS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(SURVEYS,),
        min_sample=MinSample(measure("csat_answers"), 30),
        source="S1 (satisfaction after service); numbers proposed",
        position=Position.CUSTOMER_SERVICE,
        window="30d",
    ),
    NetScore(
        key="nps",
        family="service",
        names=Names("净推荐值", "NPS", "NPS", "NPS"),
        formula="(answers of 9 or 10 − answers of 0 to 6) / answers × 100; n and 95 % interval beside it",
        promoters="nps_promoters",
        detractors="nps_detractors",
        answers="nps_answers",
        reason_when_zero=Reason.NO_ANSWERS,
        unit=Unit.SCORE,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(SURVEYS,),
        min_sample=MinSample(measure("nps_answers"), 30),
        source=(
            "S3; numbers proposed; Japanese answers avoid extremes (from memory), so Japan has its own scale"
        ),
        position=Position.CUSTOMER_SERVICE,
        stages=("mature",),
        window="90d",
    ),
    Ratio(
        key="return_rate",
        family="service",
        names=Names("退货率", "Return rate", "返品率", "Tasa de devolución"),
        formula="units returned / units shipped, both on the day of the order",
        numerator=measure("units_returned"),
        denominator=measure("units_shipped"),
        reason_when_zero=Reason.NO_SHIPMENTS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.ORDER,
        settles_after_days=30,
        needs=(f.ORDERS_STREAMS, f.RETURNS),
        min_sample=MinSample(measure("units_shipped"), 50),
        source=(
            "S0 (JP ≤ 3 %), S1 (JP ≤ 5 % a month): target 3 %, warn 5 %; returns come 30 to 90 days late"
        ),
        position=Position.CUSTOMER_SERVICE,
        window="30/60d cohort",
    ),
    Ratio(
        key="refund_seller_fault_rate",
        family="service",
        names=Names("卖家责任退款率", "Seller-fault refund rate", "店舗都合返金率", "Reembolso por vendedor"),
        formula=(
            "orders refunded for the seller's doing (a refund claim with the seller's fault, or a"
            " refund after a return for a seller's reason) / orders, both on the order's day"
        ),
        numerator=measure("orders_refunded_by_fault"),
        denominator=measure("orders"),
        reason_when_zero=Reason.NO_ORDERS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.ORDER,
        settles_after_days=30,
        needs=(("claims", "returns"), f.ORDERS_STREAMS),
        min_sample=MinSample(measure("orders"), 30),
        source="Walmart: refund rate < 6 %",
        position=Position.CUSTOMER_SERVICE,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="30/60d",
    ),
    Quantile(
        key="return_processing_days",
        family="service",
        names=Names("退货处理时效", "Return processing time", "返品処理日数", "Tiempo de devolución"),
        formula=(
            "median days from a return's receipt to the order's first refund, on the order's day;"
            " 90th percentile beside it"
        ),
        histogram=PROCESSING,
        reason_when_zero=Reason.NO_REFUNDS,
        unit=Unit.DAYS,
        direction=Direction.DOWN,
        basis=Basis.ORDER,
        settles_after_days=30,
        needs=(f.RETURNS, f.FINANCES),
        min_sample=MinSample(measure("processing_days__n"), 10),
        source="S4; TikTok: after-sales handling time",
        position=Position.CUSTOMER_SERVICE,
        models=(
            "overseas_wh",
            "dtc",
        ),
        window="30d",
    ),
    Ratio(
        key="review_score",
        family="service",
        names=Names("商品评分", "Review score", "レビュー評価", "Calificación"),
        formula="Σ stars / product reviews, on the day of the review",
        numerator=measure("review_stars"),
        denominator=measure("review_count"),
        reason_when_zero=Reason.NO_REVIEWS,
        unit=Unit.STARS,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(REVIEWS,),
        min_sample=MinSample(measure("review_count"), 10),
        source="S1 (JP ≥ 4.7); US and MX proposed; Rakuten's shop reviews are on the same scale",
        position=Position.LISTING_OPERATOR,
        window="90d and lifetime",
    ),
    Ratio(
        key="negative_review_rate",
        family="service",
        names=Names("差评率", "Negative review rate", "低評価率", "Reseñas negativas"),
        formula="product reviews of 1 or 2 stars / product reviews",
        numerator=measure("negative_reviews"),
        denominator=measure("review_count"),
        reason_when_zero=Reason.NO_REVIEWS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.DOWN,
        basis=Basis.OBSERVED,
        settles_after_days=7,
        needs=(REVIEWS,),
        min_sample=MinSample(measure("review_count"), 30),
        source=(
            "Walmart: negative feedback ≤ 2 % of orders over 60 days; TikTok < 1.2 % of orders (ppc.land)"
        ),
        position=Position.LISTING_OPERATOR,
        window="60d",
    ),
    Simple(
        key="negative_review_new",
        family="service",
        names=Names("新增差评数", "New negative reviews", "新規低評価数", "Nuevas reseñas negativas"),
        formula="new product reviews of 1 or 2 stars",
        total=measure("negative_reviews"),
        unit=Unit.COUNT,
        direction=Direction.DOWN,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(REVIEWS,),
        source="S1 (more than 2 is an alert)",
        position=Position.CUSTOMER_SERVICE,
        window="7d",
    ),
    Simple(
        key="review_growth",
        family="service",
        names=Names("评价积累", "New reviews", "レビュー獲得数", "Reseñas nuevas"),
        formula="new product reviews",
        total=measure("review_count"),
        unit=Unit.COUNT,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=1,
        needs=(REVIEWS,),
        source="S0 pitfall 1 (new shops); numbers proposed",
        position=Position.LISTING_OPERATOR,
        stages=("new",),
        window="30d",
    ),
    Snapshot(
        key="inquiry_conversion",
        family="service",
        names=Names("询盘转化率", "Inquiry conversion", "問い合わせ転換率", "Conversión de preguntas"),
        formula=(
            "different buyers who ordered within 7 days of a question / different buyers with a"
            " question before buying, in the 30 days that ended a week before the end of the period"
        ),
        numerator=measure("inquirers_ordering"),
        denominator=measure("inquirers"),
        reason_when_zero=Reason.NO_CONVERSATIONS,
        is_proportion=True,
        unit=Unit.FRACTION,
        direction=Direction.UP,
        basis=Basis.OBSERVED,
        settles_after_days=2,
        needs=(CONVERSATIONS, f.ORDERS_STREAMS),
        min_sample=MinSample(measure("inquirers"), 30),
        source="S1 pitfall 3 (Mercado Libre questions); numbers proposed",
        position=Position.CUSTOMER_SERVICE,
        window="30d",
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
        position=Position.CUSTOMER_SERVICE,
    ),
)
