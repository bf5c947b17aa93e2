"""Measures of what the platform charged and refunded, each on the day its basis names."""

from __future__ import annotations

from connectors.types import Family
from kpis.engine.measures import FactSource, Measure
from kpis.types import Basis, Unit

# Charges that belong to an order count on the order's day (on the posted day while the order is unknown),
# the others on the day they were posted. Both arms have an index of their own.
CHARGES = FactSource(
    key="charges",
    table="fact_charge",
    families=frozenset({Family.CHARGES}),
    rows="""
  select c.store_id, d.business_on, c.currency, c.sku, c.kind, c.amount
  from day d join fact_charge c on c.store_id = d.store_id and c.cohort_on = d.business_on
  where c.kind in ('refund', 'referral_fee', 'payment_fee', 'fulfilment_fee', 'return_fee', 'refund_fee')
    and c.store_id = any(%(store_set)s) and c.cohort_on = any(%(day_set)s)
  union all
  select c.store_id, d.business_on, c.currency, c.sku, c.kind, c.amount
  from day d join fact_charge c on c.store_id = d.store_id and c.business_on = d.business_on
  where c.store_id = any(%(store_set)s) and c.business_on = any(%(day_set)s)
    and (c.kind in ('subscription_fee', 'storage_fee', 'aged_storage_fee')
         or (c.cohort_on is null and c.kind in
             ('refund', 'referral_fee', 'payment_fee', 'fulfilment_fee', 'return_fee', 'refund_fee')))""",
)


def _charge(key: str, basis: Basis, kinds: tuple[str, ...], meaning: str, sign: str = "-") -> Measure:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return Measure(
        key=key,
        source="charges",
        unit=Unit.MONEY,
        basis=basis,
        expression=f"{sign}sum(amount * rate) filter (where kind in ({listed}))",
        meaning=meaning,
    )


CHARGE_MEASURES = (
    _charge("refunds", Basis.ORDER, ("refund",), "Refunds ex tax, negative", sign=""),
    _charge(
        "platform_fees_charged",
        Basis.ORDER,
        ("referral_fee", "payment_fee"),
        "Referral and payment fees, positive",
    ),
    _charge("subscription_fees", Basis.POSTED, ("subscription_fee",), "Subscription fees, positive"),
    _charge("fulfilment_fees_charged", Basis.ORDER, ("fulfilment_fee",), "Fulfilment fees, positive"),
    _charge(
        "storage_fees",
        Basis.POSTED,
        ("storage_fee", "aged_storage_fee"),
        "Storage and aged storage fees, positive",
    ),
    _charge(
        "return_fees",
        Basis.ORDER,
        ("return_fee", "refund_fee"),
        "Return processing and refund administration fees, positive",
    ),
)
