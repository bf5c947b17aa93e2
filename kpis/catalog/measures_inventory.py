"""Measures of stock by day and by age, valued at landed cost."""

from __future__ import annotations

from connectors.types import Family
from kpis.catalog.measures_evidence import evidence
from kpis.engine.measures import FactSource, Measure, OverDays, OverStores
from kpis.types import Basis, Unit

# Only active listings can be out of stock; a store without any known listing counts all its SKUs.
INVENTORY_DAY = FactSource(
    key="inventory_day",
    table="fact_inventory_day",
    families=frozenset({Family.INVENTORY, Family.COSTS, Family.LISTINGS}),
    uses_costs=True,
    rows="""
  select i.store_id, d.business_on, d.currency, i.sku, i.fulfillable, i.fulfillable + i.reserved as held,
         lower(g.status) = 'active' or not k.has_listings as is_active
  from day d
  join fact_inventory_day i on i.store_id = d.store_id and i.snapshot_on = d.business_on
  join (select s.store_id, exists (select from fact_listing x where x.store_id = s.store_id) as has_listings
        from (select distinct store_id from day) s) k on k.store_id = d.store_id
  left join fact_listing g on g.store_id = i.store_id and g.sku = i.sku
  where i.store_id = any(%(store_set)s) and i.snapshot_on = any(%(day_set)s)""",
)

INVENTORY_AGE = FactSource(
    key="inventory_age",
    table="fact_inventory_age",
    families=frozenset({Family.INVENTORY, Family.COSTS}),
    uses_costs=True,
    rows="""
  select a.store_id, d.business_on, d.currency, a.sku,
         a.age_0_90 + a.age_91_180 + a.age_181_270 + a.age_271_365 + a.age_over_365 as held,
         a.age_91_180 + a.age_181_270 + a.age_271_365 + a.age_over_365 as over_90,
         a.age_181_270 + a.age_271_365 + a.age_over_365 as over_180
  from day d join fact_inventory_age a on a.store_id = d.store_id and a.snapshot_on = d.business_on
  where a.store_id = any(%(store_set)s) and a.snapshot_on = any(%(day_set)s)""",
)

# The platform's own figures on stock: a score as `rate`, shares as units of units.
STOCK_REPORTS = FactSource(
    key="stock_reports",
    table="fact_performance",
    families=frozenset({Family.SERVICE}),
    rows="""
  select p.store_id, d.business_on, d.currency, p.metric, p.rate as figure, p.numerator, p.denominator
  from day d join fact_performance p on p.store_id = d.store_id and p.reported_on = d.business_on
  where p.metric in ('ipi', 'excess_rate', 'stranded_rate')
    and p.store_id = any(%(store_set)s) and p.reported_on = any(%(day_set)s)""",
)


def _level(
    key: str,
    source: str,
    unit: Unit,
    over_days: OverDays,
    expression: str,
    meaning: str,
    *,
    counts_missing_rates: bool = False,
) -> Measure:
    return Measure(
        key=key,
        source=source,
        unit=unit,
        basis=Basis.SNAPSHOT,
        expression=expression,
        meaning=meaning,
        over_days=over_days,
        counts_missing_rates=counts_missing_rates,
    )


def _reported(key: str, metric: str, column: str, meaning: str) -> Measure:
    expression = f"sum({column}) filter (where metric = '{metric}')"
    return _level(key, "stock_reports", Unit.COUNT, OverDays.LAST, expression, meaning)


def _units(source: str, prefix: str, over_days: OverDays, where: str) -> tuple[Measure, ...]:
    """The two measures that say of how many of the units the cost is known, and why not of the others."""
    return (
        _level(
            f"{prefix}_with_cost",
            source,
            Unit.COUNT,
            over_days,
            "coalesce(sum(held) filter (where unit_landed is not null), 0)",
            f"{where} whose cost is known",
        ),
        _level(
            f"{prefix}_without_rate",
            source,
            Unit.COUNT,
            over_days,
            "coalesce(sum(held) filter (where lacks_rate), 0)",
            f"{where} whose cost sheet could not be converted for lack of an exchange rate",
            counts_missing_rates=True,
        ),
    )


INVENTORY_MEASURES = (
    _level(
        "sku_days",
        "inventory_day",
        Unit.COUNT,
        OverDays.SUM,
        "count(*) filter (where is_active)",
        "Active SKUs counted each day",
    ),
    _level(
        "stockout_sku_days",
        "inventory_day",
        Unit.COUNT,
        OverDays.SUM,
        "count(*) filter (where is_active and fulfillable = 0)",
        "Active SKUs without a sellable unit, counted each day",
    ),
    _level(
        "sellable_units",
        "inventory_day",
        Unit.COUNT,
        OverDays.LAST,
        "sum(fulfillable)",
        "Sellable units of all SKUs",
    ),
    _level(
        "inventory_cost",
        "inventory_day",
        Unit.MONEY,
        OverDays.MEAN,
        "coalesce(sum(held * unit_landed), 0)",
        "Landed cost of sellable and reserved units; the mean of the days that have a snapshot",
    ),
    _level(
        "held_units",
        "inventory_day",
        Unit.COUNT,
        OverDays.MEAN,
        "sum(held)",
        "Sellable and reserved units; the mean of the days that have a snapshot",
    ),
    *_units("inventory_day", "held_units", OverDays.MEAN, "Sellable and reserved units"),
    _level(
        "aged_stock_cost",
        "inventory_age",
        Unit.MONEY,
        OverDays.LAST,
        "coalesce(sum(held * unit_landed), 0)",
        "Landed cost of all units in the age report",
    ),
    _level(
        "aged_90_cost",
        "inventory_age",
        Unit.MONEY,
        OverDays.LAST,
        "coalesce(sum(over_90 * unit_landed), 0)",
        "Landed cost of units older than 90 days",
    ),
    _level(
        "aged_stock_units",
        "inventory_age",
        Unit.COUNT,
        OverDays.LAST,
        "sum(held)",
        "All units in the age report",
    ),
    _level(
        "aged_180_units",
        "inventory_age",
        Unit.COUNT,
        OverDays.LAST,
        "sum(over_180)",
        "Units older than 180 days",
    ),
    *_units("inventory_age", "aged_units", OverDays.LAST, "Units in the age report"),
    Measure(
        key="ipi",
        source="stock_reports",
        unit=Unit.SCORE,
        basis=Basis.REPORT,
        expression="min(figure) filter (where metric = 'ipi')",
        meaning="The platform's inventory performance index",
        over_days=OverDays.LAST,
        over_stores=OverStores.LOWEST,
    ),
    _reported("excess_units", "excess_rate", "numerator", "Units beyond 90 days of supply"),
    _reported("excess_of_units", "excess_rate", "denominator", "Units on hand, same report"),
    _reported("stranded_units", "stranded_rate", "numerator", "Units in a warehouse without an active offer"),
    _reported("stranded_of_units", "stranded_rate", "denominator", "Units on hand, same report"),
    *evidence(
        "forecast_mape",
        "Σ |actual − forecast| units over SKUs and days",
        "Σ actual units of the forecast SKUs and days",
        basis=Basis.ORDER,
    ),
)
