"""What P5 is measured on: stores with 540 days of order lines, measures made of them, and their totals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction

from benchmarks import database
from config.lib import clock
from connectors import models as c
from kpis.catalog import MEASURES
from kpis.catalog.templates import TEMPLATES
from kpis.engine.measures import Measure
from kpis.services.targets import apply_template
from kpis.services.totals import renew_period_totals
from kpis.types import Unit
from tenants.context import use_tenant
from tenants.types import ClientRef

STORES, DAYS = 10, 540
MARKETS = (
    ("US", "USD", "America/Los_Angeles"),
    ("JP", "JPY", "Asia/Tokyo"),
    ("MX", "MXN", "America/Mexico_City"),
)
STREAMS = (
    *("orders", "finances", "returns", "traffic", "inventory", "inventory_planning", "account_health"),
    *("seller_feedback", "offers", "sp_advertised_product"),
)

# What the order lines say of each measure; the daily measures are made of the same expressions.
RAW = {
    "gmv_ordered": "sum(gross_amount - tax_amount) filter (where not is_replacement)",
    "units": "sum(quantity) filter (where live)",
    "orders": "count(distinct platform_order_id) filter (where live)",
    "live_sales": "sum(gross_amount - tax_amount - discount_amount - points_amount) filter (where live)",
    "units_shipped": "sum(quantity) filter (where live and status = 'shipped')",
    "units_with_cost": "sum(quantity) filter (where live)",
}
LIVE = "(select *, status <> 'cancelled' and not is_replacement as live from fact_order_line)"
# Figures that must fit to each other; everything else is any number of a plausible size.
GENERATED = {
    "cogs_sold": "k.x * 9",
    "held_units": "500",
    "held_units_with_cost": "500",
    "held_units_without_rate": "0",
    "aged_stock_units": "500",
    "aged_units_with_cost": "500",
    "aged_units_without_rate": "0",
    "sku_days": "40",
    "stockout_sku_days": "k.x %% 3",
    "sessions": "900 + k.x",
    "traffic_units": "100 + k.x / 10",
    "page_views": "1000 + k.x",
    "buy_box_views": "900 + k.x * 0.99",
    "refunds": "-k.x * 0.1",
    "price_log_sum": "k.x * 0.0001",
    "odr": "k.x * 0.00001",
    "late_shipment_rate": "k.x * 0.00001",
    "units_returned": "k.x %% 7",
}
ABSENT = {"units_without_rate"}


def make_store(n: int, today: date) -> int:
    """A store with a plan whose streams are known up to yesterday."""
    market, currency, time_zone = MARKETS[n % len(MARKETS)]
    at, account = clock.now(), {"seller_id": f"A{n}"}
    selling = c.StoreConnection.objects.create(platform="amazon_sp", name=f"{n}", account=account)
    ads = c.StoreConnection.objects.create(platform="amazon_ads", name=f"{n}", account={})
    store = c.Store.objects.create(
        connection=selling,
        ads_connection=ads,
        platform="amazon_sp",
        market=market,
        marketplace_id=f"M{n}",
        name=f"Shop {n}",
        currency=currency,
        time_zone=time_zone,
    )
    c.StreamCursor.objects.bulk_create(
        c.StreamCursor(
            store=store,
            connection=ads if stream == "sp_advertised_product" else selling,
            stream=stream,
            covered_from=today - timedelta(days=DAYS),
            covered_through=today - timedelta(days=1),
            data_as_of=at,
            last_success_at=at,
        )
        for stream in STREAMS
    )
    template = next(key for key, each in TEMPLATES.items() if each.market == market)
    apply_template(
        store_id=store.pk, template=template, effective_on=today - timedelta(days=DAYS), owner="owner"
    )
    return store.pk


def fill_lines(name: str, client: ClientRef, stores: Sequence[int], last: date, *, lines: int) -> None:
    """Order lines alone, spread evenly over the stores and the days up to `last`."""
    first = last - timedelta(days=DAYS - 1)
    with database.as_owner(name) as owner:
        owner.execute(f"set search_path to {client.schema_name}, public")
        indexes = owner.execute(
            "select indexname, indexdef from pg_indexes where schemaname = %s"
            " and tablename = 'fact_order_line' and indexdef not like 'CREATE UNIQUE%%'",
            [client.schema_name],
        ).fetchall()
        for index, _ in indexes:
            owner.execute(f'drop index "{index}"')
        owner.execute(
            "insert into fact_order_line (store_id, run_id, source_updated_at, ingested_at,"
            " platform_order_id, line_no, sku, product_id, ordered_at, business_on, status, channel,"
            " quantity, currency, gross_amount, tax_amount, tax_collector, shipping_amount,"
            " shipping_tax_amount, discount_amount, points_amount, is_replacement, is_business, buyer_hash)"
            " select (%(stores)s::bigint[])[1 + n %% %(n)s], 1, now(), now(), 'O-' || n / %(n)s / 2,"
            " 'L' || n, 'SKU-' || n %% 997, 'P', now(), %(first)s::date + (n / %(n)s / 2 %% %(days)s),"
            " case n %% 20 when 0 then 'cancelled' else 'shipped' end, 'platform', 1 + n %% 3, 'USD',"
            " 10 + n %% 8999 * 0.01, 1 + n %% 97 * 0.01, 'platform', 0, 0, n %% 5 * 0.10, 0,"
            " n %% 101 = 0, false, '' from generate_series(0, %(lines)s - 1) n",
            {"stores": list(stores), "n": STORES, "first": first, "days": DAYS, "lines": lines},
        )
        for _, definition in indexes:
            owner.execute(definition)
        owner.execute("analyze fact_order_line")


def fill(name: str, client: ClientRef, stores: Sequence[int], last: date, *, lines: int) -> None:
    """Order lines, daily measures made of them and of generated figures, and the totals of all periods."""
    first = last - timedelta(days=DAYS - 1)
    fill_lines(name, client, stores, last, lines=lines)
    with database.as_owner(name) as owner:
        owner.execute(f"set search_path to {client.schema_name}, public")
        owner.execute(_daily_measures(), {"stores": list(stores), "first": first, "last": last})
        owner.execute("analyze kpis_daily_measure")
    with use_tenant(client), transaction.atomic():
        days = [(store_id, first + timedelta(days=n)) for store_id in stores for n in range(DAYS)]
        renew_period_totals(days=days, reporting=client.reporting_currency, week_start=1, batch=1)


def _daily_measures() -> str:
    summed = ", ".join(f"{expression} as {key}" for key, expression in RAW.items())
    unpivoted = ", ".join(f"('{key}', raw.{key}::numeric)" for key in RAW)
    generated = ", ".join(
        f"('{key}', ({GENERATED.get(key, 'k.x')})::numeric)"
        for key in MEASURES
        if key not in RAW and key not in ABSENT
    )
    money = ", ".join(f"'{key}'" for key, each in MEASURES.items() if _is_money(each))
    return f"""
        insert into kpis_daily_measure (store_id, business_on, measure, currency, value, reporting_currency,
                                        reporting_value, rate_on, why_missing, batch, known_from)
        select f.store_id, f.business_on, f.measure, case when is_money then s.currency else '' end, f.value,
               case when is_money then 'USD' else '' end, case when is_money then f.value end,
               case when is_money then f.business_on end, '', 1, now()
        from (select raw.store_id, raw.business_on, v.measure, v.value
              from (select store_id, business_on, {summed} from {LIVE} line group by 1, 2) raw
              cross join lateral (values {unpivoted}) v(measure, value)
              union all
              select k.store_id, k.business_on, v.measure, v.value
              from (select store_id, day::date as business_on,
                           (extract(doy from day)::int * 7919 + store_id * 104729) %% 97 + 1 as x
                    from unnest(%(stores)s::bigint[]) store_id,
                         generate_series(%(first)s::date, %(last)s::date, interval '1 day') day) k
              cross join lateral (values {generated}) v(measure, value)) f
        join connectors_store s on s.id = f.store_id
        cross join lateral (select f.measure in ({money}) as is_money) m"""


def _is_money(each: Measure) -> bool:
    return each.unit is Unit.MONEY
