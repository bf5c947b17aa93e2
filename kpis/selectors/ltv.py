"""Cohorts of buyers by the month of their first order, and beside them what a published model expects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection

from config.lib import clock
from config.lib.calendars import business_day
from config.lib.errors import FieldError, Invalid
from config.lib.money import Money
from connectors.types import StoreRef
from kpis.catalog import CATALOG
from kpis.engine.coverage import Span
from kpis.engine.definitions import Lifetime
from kpis.engine.totals import MissingInput
from kpis.selectors.answer import make_window
from kpis.selectors.measures import list_window_sums
from kpis.selectors.scorecards import choose_stores

if TYPE_CHECKING:
    from kpis.engine.ltv import Fit

Row = dict[str, Any]

HORIZON_WEEKS = 52
_WEEK = Decimal(7)

# A buyer buys once a day at most: several orders of one day are one decision to buy. All history counts.
_PURCHASES = """
with purchase as (
  select l.buyer_hash, l.business_on, sum(l.gross_amount - l.tax_amount - l.discount_amount - l.points_amount)
           as amount
  from fact_order_line l
  where l.buyer_hash <> '' and l.status <> 'cancelled' and not l.is_replacement
    and l.store_id = any(%(stores)s) and l.currency = %(currency)s and l.business_on <= %(as_of)s
  group by l.buyer_hash, l.business_on),
buyer as (
  select p.*, min(business_on) over (partition by buyer_hash) as first_on from purchase p)"""

_COHORTS = f"""{_PURCHASES},
monthly as (
  select date_trunc('month', first_on)::date as cohort,
         (extract(year from age(date_trunc('month', business_on), date_trunc('month', first_on))) * 12
          + extract(month from age(date_trunc('month', business_on), date_trunc('month', first_on))))::int
           as month,
         buyer_hash, amount
  from buyer)
select cohort, month, count(distinct buyer_hash) as buyers, count(*) as purchases, sum(amount) as sales
from monthly where cohort >= %(since)s
group by cohort, month order by cohort, month"""  # noqa: S608 - a constant

_CUSTOMERS = f"""{_PURCHASES}
select date_trunc('month', first_on)::date as cohort, count(*) - 1 as repeats,
       max(business_on) - first_on as recency, %(as_of)s - first_on as age,
       coalesce(avg(amount) filter (where business_on > first_on and amount > 0), 0) as mean_amount
from buyer group by buyer_hash, first_on"""  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class _Scope:
    stores: tuple[StoreRef, ...]
    currency: str
    as_of: date

    def parameters(self) -> Row:
        return {"stores": [store.id for store in self.stores], "currency": self.currency, "as_of": self.as_of}


def get_cohorts(*, store_ids: Sequence[int], months: int) -> Row:
    """Return the buyers won in each of the last `months` months (this one included) with what they bought
    since, month by month, and the sales that BG/NBD and Gamma-Gamma expect of them in the next 52 weeks.

    The stores must share a currency: `Invalid` otherwise, because a cohort's buyers are counted across them.
    Sales are ex tax and before refunds; times the margin (contribution after advertising / net sales of the
    365 days up to the latest day known) they are what stays.
    """
    stores = tuple(choose_stores(store_ids))
    currencies = {store.currency for store in stores}
    if len(currencies) != 1:
        raise Invalid(
            "the stores have several currencies" if currencies else "there is no store",
            errors=[FieldError("", "Name stores of one currency.", "one_currency", parameter="store")],
        )
    now = clock.now()
    as_of = max(business_day(now, store.time_zone) for store in stores)
    scope = _Scope(stores, currencies.pop(), as_of)
    model, expected = _model(scope)
    return {
        "stores": [store.id for store in stores],
        "currency": scope.currency,
        "as_of": as_of.isoformat(),
        "margin": _margin(scope),
        "cohorts": list(_cohorts(scope, _months_ago(as_of, months - 1), expected)),
        "model": model,
    }


def _months_ago(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def _cohorts(scope: _Scope, since: date, expected: dict[date, float]) -> Iterator[Row]:
    with connection.cursor() as cursor:
        cursor.execute(_COHORTS, {**scope.parameters(), "since": since})
        rows = cursor.fetchall()
    for cohort in dict.fromkeys(row[0] for row in rows):
        own = [row for row in rows if row[0] == cohort]
        size, so_far, points = own[0][2], Decimal(0), []
        for _, month, buyers, purchases, sales in own:
            so_far += sales
            points.append(
                {
                    "month": month,
                    "buyers": buyers,
                    "purchases": purchases,
                    "sales": _money(sales, scope.currency),
                    "sales_per_buyer_so_far": _money(so_far / size, scope.currency),
                }
            )
        awaited = expected.get(cohort)
        yield {
            "month": f"{cohort:%Y-%m}",
            "buyers": size,
            "points": points,
            "expected_sales_per_buyer": None
            if awaited is None
            else _money(Decimal(repr(awaited)) / size, scope.currency),
        }


def _model(scope: _Scope) -> tuple[Row, dict[date, float]]:
    """The fitted model as JSON, and the sales it expects of each cohort in the horizon."""
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, scope.parameters())
        rows = cursor.fetchall()
    # SciPy comes with it: loaded by the few who ask, not by every process at its start.
    from kpis.engine.ltv import CannotFit, Customers, fit

    customers = Customers.of([(row[1], row[2] / _WEEK, row[3] / _WEEK, row[4]) for row in rows])
    head: Row = {
        "name": "BG/NBD + Gamma-Gamma",
        "reference": "Fader, Hardie, Lee (2005); Fader, Hardie (2013)",
        "horizon_weeks": HORIZON_WEEKS,
        "customers": len(rows),
        "repeaters": sum(row[1] > 0 for row in rows),
    }
    try:
        found = fit(customers)
    except CannotFit as cannot:
        return {**head, "is_fitted": False, "why_not": cannot.code, "parameters": None}, {}
    values = found.expected_value(customers, HORIZON_WEEKS)
    expected: dict[date, float] = {}
    for row, value in zip(rows, values, strict=True):
        expected[row[0]] = expected.get(row[0], 0.0) + float(value)
    return {**head, "is_fitted": True, "why_not": None, "parameters": _parameters(found)}, expected


def _parameters(found: Fit) -> Row:
    often, much = found.purchases, found.amounts
    named = {"r": often.r, "alpha": often.alpha, "a": often.a, "b": often.b}
    named |= {"p": much.p, "q": much.q, "gamma": much.gamma}
    return {key: f"{value:.6g}" for key, value in named.items()}


def _margin(scope: _Scope) -> str | None:
    """The share of sales that stays, as the KPI ltv has it; None while costs or sales are unknown."""
    kpi = CATALOG["ltv"]
    assert isinstance(kpi, Lifetime)
    span = Span(date.fromordinal(scope.as_of.toordinal() - 30), scope.as_of)
    keys = kpi.profit.measures | kpi.revenue.measures
    sums = list_window_sums([store.id for store in scope.stores], [(span.start, span.end)], keys)[0]
    window = make_window(sums, span, scope.as_of, in_reporting=False)
    try:
        revenue = kpi.revenue.evaluate(window)
        share = kpi.profit.evaluate(window) / revenue if revenue > 0 else None
    except MissingInput:
        return None
    return None if share is None else f"{share:.6f}"


def _money(amount: Decimal, currency: str) -> Row:
    return Money(amount, currency).quantise().to_json()
