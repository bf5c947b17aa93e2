"""Measures of what buyers ask, rate, answer and claim."""

from __future__ import annotations

from connectors.types import Family
from kpis.engine.histogram import DAYS, HOURS, Histogram, histogram
from kpis.engine.measures import FactSource, Measure, OverDays
from kpis.types import Basis, Unit

# Amazon asks for a reply within 24 hours, weekends included; Walmart within 48 (its seller standards).
RESPONSE_HOURS, RESPONSE_HOURS_WALMART = 24, 48

CONVERSATIONS = FactSource(
    key="conversations",
    table="fact_conversation",
    families=frozenset({Family.CONVERSATIONS}),
    rows=f"""
  select c.store_id, d.business_on, d.currency,
         extract(epoch from c.first_response_at - c.opened_at) / 3600 as response_hours,
         c.first_response_at is not null or c.opened_at + x.allowed <= %(at)s as is_due,
         coalesce(c.first_response_at <= c.opened_at + x.allowed, false) as is_punctual
  from day d
  join fact_conversation c using (store_id, business_on)
  join connectors_store s on s.id = c.store_id
  cross join lateral (
    select case when s.platform like 'walmart%%' then interval '{RESPONSE_HOURS_WALMART} hours'
                else interval '{RESPONSE_HOURS} hours' end as allowed) x
  where c.needs_reply and c.store_id = any(%(store_set)s)
    and c.business_on = any(%(day_set)s)""",  # noqa: S608 - constants only
)

# Buyers who asked in the 30 days that ended a week ago: every one of them has had the seven days to order.
INQUIRY_DAYS, ORDER_DAYS = 30, 7
INQUIRIES = FactSource(
    key="inquiries",
    table="fact_conversation",
    families=frozenset({Family.CONVERSATIONS, Family.ORDERS}),
    trailing_days=INQUIRY_DAYS + ORDER_DAYS,
    rows=f"""
  with span as materialized (
    select min(x) - {INQUIRY_DAYS + ORDER_DAYS} as first_on, max(x) as last_on
    from unnest(%(day_set)s::date[]) x),
  asked as materialized (
    select c.store_id, c.business_on, c.buyer_hash, c.opened_at
    from fact_conversation c
    where c.is_presale and c.buyer_hash <> '' and c.store_id = any(%(store_set)s)
      and c.business_on between (select first_on from span) and (select last_on from span)),
  bought as materialized (
    select l.store_id, l.buyer_hash, l.ordered_at
    from fact_order_line l
    where l.buyer_hash <> '' and l.status <> 'cancelled' and not l.is_replacement
      and l.store_id = any(%(store_set)s)
      and l.business_on between (select first_on from span) and (select last_on from span)),
  question as materialized (
    select a.store_id, a.business_on, a.buyer_hash,
           bool_or(b.ordered_at > a.opened_at and b.ordered_at <= a.opened_at + interval '{ORDER_DAYS} days')
             as has_ordered
    from asked a left join bought b on b.store_id = a.store_id and b.buyer_hash = a.buyer_hash
    group by a.store_id, a.business_on, a.buyer_hash)
  select d.store_id, d.business_on, d.currency, q.buyer_hash, bool_or(q.has_ordered) as has_ordered
  from day d
  left join question q on q.store_id = d.store_id
    and q.business_on between d.business_on - {INQUIRY_DAYS + ORDER_DAYS - 1} and d.business_on - {ORDER_DAYS}
  group by d.store_id, d.business_on, d.currency, q.buyer_hash""",  # noqa: S608 - constants only
)

SURVEYS = FactSource(
    key="surveys",
    table="fact_survey",
    families=frozenset({Family.SURVEYS}),
    rows="""
  select v.store_id, d.business_on, d.currency, v.kind, v.score
  from day d join fact_survey v using (store_id, business_on)
  where v.store_id = any(%(store_set)s) and v.business_on = any(%(day_set)s)""",
)

REVIEWS = FactSource(
    key="reviews",
    table="fact_review",
    families=frozenset({Family.REVIEWS}),
    rows="""
  select r.store_id, d.business_on, d.currency, r.rating
  from day d join fact_review r using (store_id, business_on)
  where r.store_id = any(%(store_set)s) and r.business_on = any(%(day_set)s)""",
)

# Claims count on the day of their order (on their own while the order is unknown), as the orders below the
# line do. Both arms have an index of their own.
CLAIMS = FactSource(
    key="claims",
    table="fact_claim",
    families=frozenset({Family.CLAIMS}),
    rows="""
  select c.store_id, d.business_on, d.currency, c.kind,
         coalesce(nullif(c.platform_order_id, ''), c.claim_key) as order_key
  from day d join fact_claim c on c.store_id = d.store_id and c.cohort_on = d.business_on
  where not c.is_excluded and c.store_id = any(%(store_set)s) and c.cohort_on = any(%(day_set)s)
  union all
  select c.store_id, d.business_on, d.currency, c.kind,
         coalesce(nullif(c.platform_order_id, ''), c.claim_key)
  from day d join fact_claim c on c.store_id = d.store_id and c.business_on = d.business_on
  where c.cohort_on is null and not c.is_excluded
    and c.store_id = any(%(store_set)s) and c.business_on = any(%(day_set)s)""",
)

# Return reasons that are the seller's doing, in Amazon's words (returns reports); other sources name the
# fault in a claim of kind "refund".
SELLER_REASONS = (
    "DEFECTIVE",
    "NOT_AS_DESCRIBED",
    "WRONG_ITEM",
    "SWITCHEROO",
    "MISSING_PARTS",
    "QUALITY_UNACCEPTABLE",
    "NOT_COMPATIBLE_AS_DESCRIBED",
    "EXPIRED_ITEM",
    "MISSED_ESTIMATED_DELIVERY",
    "DAMAGED_BY_FC",
)
_REASONS = ", ".join(f"'{reason}'" for reason in SELLER_REASONS)

SELLER_FAULTS = FactSource(
    key="seller_faults",
    table="fact_claim",
    families=frozenset({Family.CLAIMS, Family.RETURNS, Family.CHARGES}),
    rows=f"""
  with refunded as materialized (
    select distinct c.store_id, c.cohort_on, c.platform_order_id
    from day d join fact_charge c on c.store_id = d.store_id and c.cohort_on = d.business_on
    where c.kind = 'refund' and c.store_id = any(%(store_set)s) and c.cohort_on = any(%(day_set)s))
  select c.store_id, d.business_on, d.currency, c.platform_order_id as order_key
  from day d join fact_claim c on c.store_id = d.store_id and c.cohort_on = d.business_on
  where c.kind = 'refund' and c.is_seller_fault
    and c.store_id = any(%(store_set)s) and c.cohort_on = any(%(day_set)s)
  union
  select c.store_id, d.business_on, d.currency, coalesce(nullif(c.platform_order_id, ''), c.claim_key)
  from day d join fact_claim c on c.store_id = d.store_id and c.business_on = d.business_on
  where c.cohort_on is null and c.kind = 'refund' and c.is_seller_fault
    and c.store_id = any(%(store_set)s) and c.business_on = any(%(day_set)s)
  union
  select r.store_id, d.business_on, d.currency, r.platform_order_id
  from day d
  join fact_return r on r.store_id = d.store_id and r.cohort_on = d.business_on
  join refunded f on f.store_id = r.store_id and f.cohort_on = r.cohort_on
    and f.platform_order_id = r.platform_order_id
  where upper(r.reason) in ({_REASONS})
    and r.store_id = any(%(store_set)s) and r.cohort_on = any(%(day_set)s)""",  # noqa: S608 - constants only
)

# Refund and return both know their order's day, so that day is made anew whichever of them comes last.
RETURN_REFUNDS = FactSource(
    key="return_refunds",
    table="fact_return",
    families=frozenset({Family.RETURNS, Family.CHARGES}),
    rows="""
  with refunded as materialized (
    select c.store_id, c.cohort_on, c.platform_order_id, min(c.posted_at) as refunded_at
    from day d join fact_charge c on c.store_id = d.store_id and c.cohort_on = d.business_on
    where c.kind = 'refund' and c.store_id = any(%(store_set)s) and c.cohort_on = any(%(day_set)s)
    group by c.store_id, c.cohort_on, c.platform_order_id)
  select r.store_id, d.business_on, d.currency,
         extract(epoch from f.refunded_at - r.returned_at) / 86400 as processing_days
  from day d
  join fact_return r on r.store_id = d.store_id and r.cohort_on = d.business_on
  join refunded f on f.store_id = r.store_id and f.cohort_on = r.cohort_on
    and f.platform_order_id = r.platform_order_id
  where r.store_id = any(%(store_set)s) and r.cohort_on = any(%(day_set)s)""",
)

FIRST_RESPONSE = Histogram("response_hours", HOURS)
PROCESSING = Histogram("processing_days", DAYS)


def _count(
    source: FactSource,
    key: str,
    condition: str,
    meaning: str,
    *,
    basis: Basis = Basis.OBSERVED,
    over_days: OverDays = OverDays.SUM,
    what: str = "*",
) -> Measure:
    return Measure(
        key=key,
        source=source.key,
        unit=Unit.COUNT,
        basis=basis,
        expression=f"count({what}) filter (where {condition})",
        meaning=meaning,
        over_days=over_days,
    )


VOICE_MEASURES = (
    *histogram(
        FIRST_RESPONSE.key,
        CONVERSATIONS.key,
        "response_hours",
        HOURS,
        basis=Basis.OBSERVED,
        meaning="Conversations by hours from the buyer's first message to the first human reply",
    ),
    _count(
        CONVERSATIONS,
        "replies_due",
        "is_due",
        "Conversations that need a reply and were answered or whose time is up",
    ),
    _count(CONVERSATIONS, "replies_in_time", "is_due and is_punctual", "Of these, the ones answered in time"),
    _count(
        INQUIRIES,
        "inquirers",
        "buyer_hash is not null",
        "Different buyers with a question before buying in the 30 days that ended a week ago",
        over_days=OverDays.LAST,
    ),
    _count(
        INQUIRIES,
        "inquirers_ordering",
        "has_ordered",
        "Of these, buyers who ordered within 7 days of a question",
        over_days=OverDays.LAST,
    ),
    _count(SURVEYS, "csat_answers", "kind = 'csat'", "Answers on satisfaction"),
    _count(SURVEYS, "csat_satisfied", "kind = 'csat' and score >= 4", "Of these, 4 or 5 of 5"),
    _count(SURVEYS, "nps_answers", "kind = 'nps'", "Answers on whether one would recommend us"),
    _count(SURVEYS, "nps_promoters", "kind = 'nps' and score >= 9", "Of these, 9 or 10 of 10"),
    _count(SURVEYS, "nps_detractors", "kind = 'nps' and score <= 6", "Of these, 0 to 6 of 10"),
    Measure(
        key="review_stars",
        source=REVIEWS.key,
        unit=Unit.COUNT,
        basis=Basis.OBSERVED,
        expression="sum(rating)",
        meaning="Stars of all product reviews",
    ),
    _count(REVIEWS, "review_count", "true", "Product reviews"),
    _count(REVIEWS, "negative_reviews", "rating <= 2", "Product reviews of 1 or 2 stars"),
    _count(
        CLAIMS,
        "orders_not_received",
        "kind = 'item_not_received'",
        "Orders with a claim that the item did not arrive, on the order's day",
        basis=Basis.ORDER,
        what="distinct order_key",
    ),
    _count(
        SELLER_FAULTS,
        "orders_refunded_by_fault",
        "true",
        "Orders refunded for the seller's doing, on the order's day",
        basis=Basis.ORDER,
    ),
    *histogram(
        PROCESSING.key,
        RETURN_REFUNDS.key,
        "processing_days",
        DAYS,
        basis=Basis.ORDER,
        meaning="Returns by days from their receipt to the order's first refund, on the order's day",
    ),
)
VOICE_SOURCES = (CONVERSATIONS, INQUIRIES, SURVEYS, REVIEWS, CLAIMS, SELLER_FAULTS, RETURN_REFUNDS)
