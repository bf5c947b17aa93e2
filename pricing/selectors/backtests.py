"""The past days of listings as a rule set would have seen them, and backtests that were made of them.

Of every day are its own: price, rivals, stock and its age, rank, advertising, events and sales. Costs, fees
and floors are today's, not those of the day, and so are stage, bounds and the listing's profile; moves of
rates and fees are left out. Locks and who changed the price do not count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from config.lib.calendars import day_bounds
from config.lib.errors import NotFound
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from kpis.selectors.happenings import list_events
from pricing.engine.state import cover_days, input_age, per_day
from pricing.models import PriceBacktest, PriceBacktestItem
from pricing.rules.backtest import PastDay
from pricing.selectors.competitors import rivals_of
from pricing.selectors.context import load_contexts
from pricing.selectors.listing_state import list_listing_rows, read_states, regular_prices
from pricing.selectors.price_histories import load_histories
from pricing.types import InputAge, PricingContext, RivalView

Row = dict[str, Any]
COLUMNS = (
    *("id", "store_id", "rule_set_key", "rule_set_version", "document", "skus", "days", "last_on"),
    *("elasticity", "job_id", "requested_at", "requested_by", "finished_at"),
)
ITEM_COLUMNS = ("sku", "problem", "summary", "days")
OBSERVED, SOLD = "observed", "order_lines"
_PACE_DAYS = 30
_DAY = timedelta(days=1)

# What buyers paid a piece, tax as the market shows it; a day's median, since discounts are rare.
_SALES = """
select sku, business_on, sum(quantity) as units,
       percentile_disc(0.5) within group (order by gross_amount / quantity) as gross,
       percentile_disc(0.5) within group (order by (gross_amount - tax_amount) / quantity) as net
from fact_order_line
where store_id = %(store)s and sku = any(%(skus)s) and business_on between %(first)s and %(last)s
  and status <> 'cancelled' and not is_replacement and quantity > 0
group by sku, business_on
"""
_BEST = """
select l.sku from fact_order_line l join fact_listing f using (store_id, sku)
where l.store_id = %(store)s and l.business_on between %(first)s and %(last)s and f.status = 'active'
  and l.status <> 'cancelled' and not l.is_replacement
group by l.sku order by sum(l.quantity) desc, l.sku limit %(most)s
"""


class BacktestState(StrEnum):
    """Is a backtest done?"""

    RUNNING = "running"
    FINISHED = "finished"


class ElasticitySource(StrEnum):
    """Where an elasticity comes from: the listing's own sales, its profile, whoever asked, or nowhere."""

    MEASURED = "measured"
    STATED = "stated"
    GIVEN = "given"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Past:
    """The days of one listing. `sources` counts where prices came from, `unpriced` the days without one;
    `elasticity` is the listing's own, and `elasticity_source` says whose: measured, stated or none."""

    context: PricingContext
    days: tuple[PastDay, ...]
    sources: Mapping[str, int]
    unpriced: int
    elasticity: Decimal | None
    elasticity_source: ElasticitySource


@dataclass(frozen=True, slots=True)
class _Sale:
    units: int
    gross: Decimal
    net: Decimal


def best_sellers(store_id: int, last: date, days: int, most: int) -> list[str]:
    """Return the active listings that sold most units in the days up to `last`, the best first."""
    given = {"store": store_id, "first": last - (days - 1) * _DAY, "last": last, "most": most}
    return [row[0] for row in _rows(_BEST, given)]


def load_past(*, store_id: int, skus: Collection[str], last: date, days: int) -> dict[str, Past]:
    """Return the days up to `last` of these listings of a store, by SKU; those it does not list are left out.

    The number of statements grows with the days, not with the listings.
    """
    store = get_store(store_id)
    contexts = {each.sku: each for each in load_contexts(store_id=store_id, skus=skus)}
    first = last - (days - 1) * _DAY
    sales = _sales(store, contexts, first - _PACE_DAYS * _DAY, last)
    shown = _shown(store, contexts, last, days)
    found: dict[str, list[PastDay]] = {sku: [] for sku in contexts}
    sources: dict[str, dict[str, int]] = {sku: {} for sku in contexts}
    unpriced = dict.fromkeys(contexts, 0)
    for day in _Days(store, contexts, first, last).each():
        for sku, context in contexts.items():
            price, source = _price(context, shown[sku].get(day.on), sales.get((sku, day.on)))
            if price is None:
                unpriced[sku] += 1
                continue
            sources[sku][source] = sources[sku].get(source, 0) + 1
            sold = sales.get((sku, day.on))
            pace = _pace(sales, sku, day.on)
            past = day.context(context, price, pace)
            found[sku].append(PastDay(past, Decimal(sold.units if sold else 0)))
    measured = read_states(store, contexts, last).elasticities
    return {
        sku: Past(
            context=context,
            days=tuple(found[sku]),
            sources=sources[sku],
            unpriced=unpriced[sku],
            elasticity=context.elasticity,
            elasticity_source=_whose(context, measured.get(sku)),
        )
        for sku, context in contexts.items()
    }


@dataclass(frozen=True, slots=True)
class _PastState:
    """What was known of the listings at the end of a shop day."""

    on: date
    at: datetime
    stock: Mapping[str, tuple[int, datetime]]
    ages: Mapping[str, int]
    ranks: Mapping[str, int]
    acos: Mapping[str, Decimal]
    rivals: Mapping[str, RivalView]
    regular: Mapping[str, Decimal]
    events: tuple[str, ...]

    def context(self, today: PricingContext, price: Decimal, pace: Decimal | None) -> PricingContext:
        """A listing's context as it was, with today's costs."""
        sku = today.sku
        stock = self.stock.get(sku)
        rivals = self.rivals.get(today.product_id, RivalView(None, None, None, None, 0, None))
        return replace(
            today,
            at=self.at,
            on=self.on,
            price=price,
            price_as_of=self.at,
            rivals=rivals,
            rank=self.ranks.get(sku),
            stock_units=stock[0] if stock else None,
            cover_days=cover_days(stock[0] if stock else None, pace),
            stock_age_days=self.ages.get(sku),
            acos=self.acos.get(sku),
            fx_move=None,
            fee_change=None,
            ages=tuple(self._ages(today, rivals)),
            units_per_day=pace,
            events=self.events,
            regular_price=self.regular.get(sku, price),
            family_below=None,
            family_above=None,
        )

    def _ages(self, today: PricingContext, rivals: RivalView) -> Iterator[InputAge]:
        """What a day's run would have had was as young as the day; rivals were as old as their offers."""
        for age in today.ages:
            if age.name == "competitor":
                continue
            yield InputAge(age.name, self.at, age.limit_hours, is_fresh=True)
        if rivals.as_of is not None:
            limit = next((age.limit_hours for age in today.ages if age.name == "competitor"), 24)
            yield input_age("competitor", rivals.as_of, limit, self.at)


@dataclass(frozen=True, slots=True)
class _Days:
    """The shop days of a store, one after the other."""

    store: StoreRef
    contexts: Mapping[str, PricingContext]
    first: date
    last: date

    def each(self) -> Iterator[_PastState]:
        """Yield what was known at the end of each."""
        skus = list(self.contexts)
        packs = {each.product_id: each.pack_size for each in self.contexts.values()}
        conditions = {each.product_id: each.condition for each in self.contexts.values()}
        happened = list_events([self.store], self.first, self.last).get(self.store.id, {})
        day = self.first
        while day <= self.last:
            at = day_bounds(day, self.store.time_zone)[1] - timedelta(seconds=1)
            states = read_states(self.store, skus, day)
            yield _PastState(
                on=day,
                at=at,
                stock=states.stock,
                ages=states.ages,
                ranks=states.ranks,
                acos=states.acos,
                rivals=rivals_of(
                    store=self.store, product_ids=packs, at=at, packs=packs, conditions=conditions
                ),
                regular=regular_prices(self.store.id, skus, at),
                events=tuple(sorted(happened.get(day, frozenset()))),
            )
            day += _DAY


def _shown(
    store: StoreRef, contexts: Collection[str], last: date, days: int
) -> dict[str, dict[date, Decimal]]:
    """The price that stood at the end of each day, as syncs observed it."""
    histories = load_histories(store_id=store.id, skus=list(contexts), on=last + _DAY, days=days)
    return {sku: {each.day: each.price for each in history.prices} for sku, history in histories.items()}


def _sales(store: StoreRef, skus: Collection[str], first: date, last: date) -> dict[tuple[str, date], _Sale]:
    given = {"store": store.id, "skus": list(skus), "first": first, "last": last}
    return {(row[0], row[1]): _Sale(int(row[2]), row[3], row[4]) for row in _rows(_SALES, given)}


def _price(context: PricingContext, shown: Decimal | None, sold: _Sale | None) -> tuple[Decimal | None, str]:
    """The price of a day: as it was observed, else what a piece was sold at; None where neither is known."""
    if shown is not None:
        return shown, OBSERVED
    if sold is None:
        return None, ""
    structure = context.structure
    paid = sold.gross if structure.tax_rate else sold.net
    ticks = (paid / structure.tick).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return (ticks * structure.tick, SOLD) if ticks > 0 else (None, "")


def _pace(sales: Mapping[tuple[str, date], _Sale], sku: str, on: date) -> Decimal | None:
    """Units a day over the 30 days up to a day."""
    sold = (sales.get((sku, on - n * _DAY)) for n in range(_PACE_DAYS))
    return per_day(sum(each.units for each in sold if each is not None), _PACE_DAYS)


def _whose(context: PricingContext, measured: Decimal | None) -> ElasticitySource:
    if context.elasticity is None:
        return ElasticitySource.NONE
    return ElasticitySource.STATED if measured is None else ElasticitySource.MEASURED


def backtests_query(*, store_id: int | None = None, rule_set: str | None = None) -> QuerySet[Any, Row]:
    """Return backtests as a query for a page."""
    asked = {"store_id": store_id, "rule_set_key": rule_set}
    rows = PriceBacktest.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    found: QuerySet[Any, Row] = rows.values(*COLUMNS)
    return found


def get_backtest(backtest_id: int) -> Row:
    """Return one backtest with the `items` that are done; `NotFound` if there is none of this id."""
    row = backtests_query().filter(pk=backtest_id).first()
    if row is None:
        raise NotFound(f"there is no price backtest {backtest_id}")
    items = PriceBacktestItem.objects.filter(backtest_id=backtest_id).order_by("id").values(*ITEM_COLUMNS)
    return {**row, "items": list(items)}


def require_listings(store: StoreRef, skus: Sequence[str]) -> None:
    """`NotFound` for the first SKU that the store does not list."""
    known = {row.sku for row in list_listing_rows(store, skus)}
    for sku in skus:
        if sku not in known:
            raise NotFound(f"store {store.id} has no listing {sku!r}")


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
