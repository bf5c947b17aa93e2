"""Sums of a month, a quarter and a year of the daily measures themselves."""

from __future__ import annotations

from connectors.types import Family
from kpis.catalog import formulas as f
from kpis.catalog.measures_trailing import MONTH, QUARTER, YEAR, trailing_measure
from kpis.engine.linear import Linear
from kpis.engine.measures import FactSource
from kpis.types import Basis, Unit


def _keys(*formulas: Linear) -> list[str]:
    return sorted({key for formula in formulas for key in formula.measures})


_STOCK, _SHIPPED, _SELLABLE = "inventory_cost", "platform_units_shipped", "sellable_units"
_MARKETING = f.AD_SPEND + f.ACQUISITION_SPEND
_SUMMED = _keys(f.CM3, f.NET_SALES, _MARKETING)
_READ = ", ".join(f"'{key}'" for key in sorted({*_SUMMED, _STOCK, _SHIPPED, _SELLABLE}))


def _level(days_ago: int) -> str:
    """The sellable units at the last snapshot of the seven days that ended so many days ago."""
    return (
        "(array_agg(m.value order by m.business_on desc) filter ("
        f"where m.measure = '{_SELLABLE}' and d.business_on - m.business_on between {days_ago}"
        f" and {days_ago + 6}))[1]"
    )


# Sums of the daily measures themselves: they are computed before anything that looks back. An amount that is
# unknown for want of a rate takes the row's currency away, and with it the sum.
HISTORY = FactSource(
    key="history",
    table="kpis_daily_measure",
    families=frozenset(
        {
            *(Family.ORDERS, Family.CHARGES, Family.RETURNS, Family.ADS, Family.COSTS, Family.FEES),
            *(Family.INVENTORY, Family.LISTINGS, Family.EXPENSES),
        }
    ),
    trailing_days=YEAR,
    rows=f"""
  select d.store_id, d.business_on, m.measure, count(m.value) as days, sum(m.value) as total,
         case when count(m.id) = count(m.value) then d.currency end as currency,
         sum(m.value) filter (where d.business_on - m.business_on < {QUARTER}) as total_90,
         sum(m.value) filter (where d.business_on - m.business_on < {MONTH}) as total_30,
         (select avg(p.level)
          from (values ({_level(0)}), ({_level(30)}), ({_level(60)}), ({_level(90)})) p(level)) as mean_level
  from day d
  left join kpis_daily_measure m on m.store_id = d.store_id and m.known_to is null
    and m.measure in ({_READ}) and m.store_id = any(%(store_set)s)
    and m.business_on between d.business_on - {YEAR - 1} and d.business_on
  group by d.store_id, d.business_on, d.currency, m.measure""",  # noqa: S608 - constants only
)


def _sum_of(formula: Linear, column: str) -> str:
    """The SQL of a formula over the rows of `HISTORY`."""
    terms = (
        f"{'+' if sign > 0 else '-'} coalesce(sum({column} * rate) filter (where measure = '{key}'), 0)"
        for sign, key in formula.terms
    )
    return " ".join(terms).removeprefix("+ ")


HISTORY_MEASURES = (
    trailing_measure(
        HISTORY,
        "year_cm2",
        _sum_of(f.CM2, "total"),
        "Contribution before advertising in 365 days",
        unit=Unit.MONEY,
    ),
    trailing_measure(
        HISTORY,
        "year_cm3",
        _sum_of(f.CM3, "total"),
        "Contribution after advertising in 365 days",
        unit=Unit.MONEY,
    ),
    trailing_measure(
        HISTORY, "year_net_sales", _sum_of(f.NET_SALES, "total"), "Net sales of 365 days", unit=Unit.MONEY
    ),
    trailing_measure(
        HISTORY,
        "year_stock_cost",
        f"coalesce(sum(total / nullif(days, 0) * rate) filter (where measure = '{_STOCK}'), 0)",
        "Landed cost of the stock, mean of the days of 365 with a snapshot",
        unit=Unit.MONEY,
        basis=Basis.SNAPSHOT,
    ),
    trailing_measure(
        HISTORY,
        "year_stock_days",
        f"coalesce(sum(days) filter (where measure = '{_STOCK}'), 0)",
        "Days of 365 with a snapshot of the stock",
        basis=Basis.SNAPSHOT,
    ),
    trailing_measure(
        HISTORY,
        "quarter_shipped",
        f"coalesce(sum(total_90) filter (where measure = '{_SHIPPED}'), 0)",
        "Units shipped from the platform's warehouses in 90 days",
    ),
    trailing_measure(
        HISTORY,
        "quarter_stock",
        f"coalesce(sum(mean_level) filter (where measure = '{_SELLABLE}'), 0)",
        "Sellable units, mean of now and 30, 60 and 90 days ago (those that are known)",
        unit=Unit.NUMBER,
        basis=Basis.SNAPSHOT,
    ),
    trailing_measure(
        HISTORY,
        "month_acquisition",
        _sum_of(_MARKETING, "total_30"),
        "Advertising and what was booked as winning customers, in 30 days",
        unit=Unit.MONEY,
        basis=Basis.POSTED,
    ),
)
