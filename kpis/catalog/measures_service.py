"""Measures of how buyers and the platform judge the account."""

from __future__ import annotations

from connectors.types import Family
from kpis.engine.measures import FactSource, Measure, OverDays, OverStores
from kpis.types import Basis, Unit

# Walmart's seller standards: the limit that holds where a report names none (performance standards page of
# marketplacelearn.walmart.com; replies geekseller.com). Returns and items not received have no visible limit.
WALMART_LIMITS = {
    "walmart_cancellation_rate": "<= 0.02",
    "walmart_on_time_delivery_rate": ">= 0.90",
    "walmart_valid_tracking_rate": ">= 0.99",
    "walmart_refund_rate": "< 0.06",
    "walmart_response_rate": ">= 0.95",
    "walmart_negative_feedback_rate": "<= 0.02",
    "walmart_return_rate": None,
    "walmart_item_not_received_rate": None,
}
_WALMART = ", ".join(f"'{metric}'" for metric in WALMART_LIMITS)
_WITHIN_LIMIT = " ".join(
    f"when p.target is null and p.metric = '{metric}' then p.rate {limit}"
    for metric, limit in WALMART_LIMITS.items()
    if limit
)

# Amazon's lists of violations; other sources report the sum as "policy_violations".
VIOLATIONS = (
    "policy_violations",
    "listing_policy_violations",
    "product_authenticity_customer_complaints",
    "product_condition_customer_complaints",
    "product_safety_customer_complaints",
    "received_intellectual_property_complaints",
    "suspected_intellectual_property_violations",
    "restricted_product_policy_violations",
    "food_and_product_safety_issues",
    "customer_product_reviews_policy_violations",
    "other_policy_violations",
)
_VIOLATIONS = ", ".join(f"'{metric}'" for metric in VIOLATIONS)

PERFORMANCE = FactSource(
    key="performance",
    table="fact_performance",
    families=frozenset({Family.SERVICE}),
    rows=f"""
  select p.store_id, d.business_on, d.currency, p.metric, p.rate as share, p.numerator, p.denominator,
         case when p.rate is null then null
              {_WITHIN_LIMIT}
              when p.target is null then null
              when upper(p.target_condition) = 'LESS_THAN' then p.rate < p.target
              when upper(p.target_condition) = 'LESS_THAN_OR_EQUAL' then p.rate <= p.target
              when upper(p.target_condition) = 'GREATER_THAN' then p.rate > p.target
              when upper(p.target_condition) = 'GREATER_THAN_OR_EQUAL' then p.rate >= p.target
              when upper(p.target_condition) = 'EQUALS' then p.rate = p.target end as is_within,
         lower(p.status) in ('good', 'great', 'met', 'ok') as is_praised
  from day d join fact_performance p on p.store_id = d.store_id and p.reported_on = d.business_on
  where p.store_id = any(%(store_set)s) and p.reported_on = any(%(day_set)s)""",  # noqa: S608 - constants only
)

FEEDBACK = FactSource(
    key="feedback",
    table="fact_feedback",
    families=frozenset({Family.SERVICE}),
    rows="""
  select f.store_id, f.business_on, d.currency, f.rating
  from day d join fact_feedback f using (store_id, business_on)
  where f.store_id = any(%(store_set)s) and f.business_on = any(%(day_set)s)""",
)


def _figure(metric: str, unit: Unit, over_stores: OverStores) -> Measure:
    """The platform's own figure as last reported, of the scope in the greatest danger."""
    is_low = over_stores is OverStores.LOWEST
    return Measure(
        key=metric,
        source="performance",
        unit=unit,
        basis=Basis.REPORT,
        expression=f"{'min' if is_low else 'max'}(share) filter (where metric = '{metric}')",
        meaning=f"The platform's own {metric}, the {'lowest' if is_low else 'highest'} of its scopes",
        over_days=OverDays.LAST,
        over_stores=over_stores,
    )


def _reported(
    metric: str, over_stores: OverStores = OverStores.WORST, unit: Unit = Unit.FRACTION
) -> tuple[Measure, Measure]:
    """The platform's own figure and the orders it was taken over, as last reported."""
    return (
        _figure(metric, unit, over_stores),
        Measure(
            key=f"{metric}_orders",
            source="performance",
            unit=Unit.COUNT,
            basis=Basis.REPORT,
            expression=f"sum(denominator) filter (where metric = '{metric}')",
            meaning=f"Orders behind the platform's {metric}",
            over_days=OverDays.LAST,
        ),
    )


SERVICE_MEASURES = (
    *_reported("odr"),
    *_reported("late_shipment_rate"),
    *_reported("claims_rate"),
    *_reported("meli_delayed_handling_rate"),
    *_reported("meli_cancellation_rate"),
    *_reported("rakuten_on_time_rate", OverStores.LOWEST),
    *_reported("yahoo_late_ship_rate"),
    *_reported("yahoo_excellent_share", OverStores.LOWEST),
    *_reported("ebay_defect_rate"),
    *_reported("ebay_late_rate"),
    *_reported("seller_fault_cancel_rate"),
    *_reported("tiktok_sps", OverStores.LOWEST, Unit.SCORE),
    _figure("account_health_rating", Unit.SCORE, OverStores.LOWEST),
    _figure("meli_level", Unit.LEVEL, OverStores.LOWEST),
    Measure(
        key="policy_violations",
        source="performance",
        unit=Unit.COUNT,
        basis=Basis.REPORT,
        expression=f"sum(coalesce(numerator, share)) filter (where metric in ({_VIOLATIONS}))",
        meaning="Open violations on all lists of the platform",
        over_days=OverDays.LAST,
    ),
    Measure(
        key="walmart_standards_met",
        source="performance",
        unit=Unit.FRACTION,
        basis=Basis.REPORT,
        expression=(
            f"case when bool_or(metric in ({_WALMART})) then "
            f"(count(distinct metric) filter (where metric in ({_WALMART})) - count(distinct metric) filter "
            f"(where metric in ({_WALMART}) and not coalesce(is_within, is_praised)))"
            f" / {len(WALMART_LIMITS)}.0 end"
        ),
        meaning="Walmart's seller standards that are met, of all eight",
        over_days=OverDays.LAST,
        over_stores=OverStores.LOWEST,
    ),
    Measure(
        key="feedback_stars",
        source="feedback",
        unit=Unit.COUNT,
        basis=Basis.REPORT,
        expression="sum(rating)",
        meaning="Stars of all seller ratings",
    ),
    Measure(
        key="feedback_count",
        source="feedback",
        unit=Unit.COUNT,
        basis=Basis.REPORT,
        expression="count(*)",
        meaning="Seller ratings",
    ),
)
