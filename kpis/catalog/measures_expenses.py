"""Measures of money spent or lost outside the platform's fees, and of what customs took."""

from __future__ import annotations

from connectors.types import Family
from kpis.engine.measures import FactSource, Measure
from kpis.types import Basis, Unit

EXPENSES = FactSource(
    key="expenses",
    table="fact_expense",
    families=frozenset({Family.EXPENSES}),
    rows="""
  select e.store_id, e.business_on, e.currency, e.kind, e.amount
  from day d join fact_expense e using (store_id, business_on)
  where e.store_id = any(%(store_set)s) and e.business_on = any(%(day_set)s)""",
)

# Only decided declarations say what was paid.
CUSTOMS_DUTY = FactSource(
    key="customs_duty",
    table="fact_customs_declaration",
    families=frozenset({Family.CUSTOMS}),
    rows="""
  select c.store_id, c.business_on, c.currency, c.customs_value_amount, c.duty_amount
  from day d join fact_customs_declaration c using (store_id, business_on)
  where c.outcome <> 'pending' and c.store_id = any(%(store_set)s) and c.business_on = any(%(day_set)s)""",
)


def _expense(key: str, kind: str, meaning: str) -> Measure:
    return Measure(
        key=key,
        source="expenses",
        unit=Unit.MONEY,
        basis=Basis.POSTED,
        expression=f"sum(amount * rate) filter (where kind = '{kind}')",
        meaning=meaning,
    )


EXPENSE_MEASURES = (
    _expense("overhead", "overhead", "The store's share of overhead"),
    _expense("fx_losses", "fx_loss", "Losses on exchanges, as booked"),
    _expense("non_creditable_tax", "non_creditable_tax", "Taxes paid that nobody gives back"),
    _expense("marketing_spend", "marketing", "Marketing outside the advertising reports"),
    _expense("acquisition_spend", "acquisition", "Marketing that is booked as winning new customers"),
    Measure(
        key="customs_value",
        source="customs_duty",
        unit=Unit.MONEY,
        basis=Basis.POSTED,
        expression="sum(customs_value_amount * rate)",
        meaning="Declared value of goods on which customs decided, on the day of the decision",
    ),
    Measure(
        key="duty_paid",
        source="customs_duty",
        unit=Unit.MONEY,
        basis=Basis.POSTED,
        expression="sum(duty_amount * rate)",
        meaning="Duty on these goods",
    ),
)
