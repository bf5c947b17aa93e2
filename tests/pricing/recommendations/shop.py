"""A store of many listings about which everything is known, made by a few statements; also for benchmarks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from connectors import models as c
from pricing.models import PriceRuleSet, PriceRuleSetActivation, PriceRuleSetVersion

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

# Listing n asks 29.99; every fifth has rivals at 28.49 (5 % less), the others at 29.49.
_FILL = """
insert into fact_listing (store_id, run_id, source_updated_at, ingested_at, sku, product_id, title, status,
  condition, channel, currency, price_amount, opened_on)
select %(store)s, 1, %(now)s, %(now)s, to_char(n, '"SKU-"FM000000'), 'P' || n, 'Thing ' || n, 'active', 'new',
  'platform', 'USD', 29.99, '2026-01-01'
from generate_series(1, %(many)s) n;

insert into fact_cost_sheet (sku, market, channel, effective_on, version, source, recorded_at)
select to_char(n, '"SKU-"FM000000'), '', '', '2026-10-01', 1, 'api', %(now)s
from generate_series(1, %(many)s) n;

insert into fact_cost_line (sheet_id, line, currency, amount)
select id, line, 'USD', amount from fact_cost_sheet, (values ('purchase', 7.00), ('first_leg', 0.60),
  ('duty', 0.40), ('import_tax', 0.00), ('inbound', 0.30), ('packaging', 0.20)) as v(line, amount);

insert into fact_fee_estimate (store_id, run_id, source_updated_at, ingested_at, sku, product_id,
  estimated_on,
  currency, price_amount, referral_amount, fulfilment_amount, closing_amount, other_amount, total_amount)
select %(store)s, 1, %(now)s, %(now)s, to_char(n, '"SKU-"FM000000'), 'P' || n, '2026-11-19', 'USD', 29.99,
  4.50,
  4.76, 0, 0, 9.26
from generate_series(1, %(many)s) n;

insert into fact_inventory_day (store_id, run_id, source_updated_at, ingested_at, sku, product_id,
  snapshot_on,
  fulfillable, inbound, reserved, unfulfillable)
select %(store)s, 1, %(now)s, %(now)s, to_char(n, '"SKU-"FM000000'), 'P' || n, '2026-11-20'::date - d, 120,
  0, 0, 0
from generate_series(1, %(many)s) n, generate_series(0, 2) d;

insert into fact_rank_day (store_id, run_id, source_updated_at, ingested_at, sku, product_id, category,
  business_on, rank)
select %(store)s, 1, %(now)s, %(now)s, to_char(n, '"SKU-"FM000000'), 'P' || n, 'C', '2026-11-19', 8
from generate_series(1, %(many)s) n;

insert into fact_offer_snapshot (store_id, run_id, source_updated_at, ingested_at, product_id, seller_id,
  is_own,
  condition, channel, observed_at, business_on, currency, price_amount, shipping_amount, points_amount,
  landed_amount, is_featured)
select %(store)s, 1, %(now)s, %(now)s, 'P' || n, 'R' || r, false, 'new', 'platform',
  %(now)s - interval '1 hour',
  '2026-11-20'::date, 'USD', case when n %% 5 = 1 then 28.49 else 29.49 end + r * 0.50, 0, 0,
  case when n %% 5 = 1 then 28.49 else 29.49 end + r * 0.50, r = 0
from generate_series(1, %(many)s) n, generate_series(0, 2) r
union all
select %(store)s, 1, %(now)s, %(now)s, 'P' || n, 'A1', true, 'new', 'platform', %(now)s - interval '1 hour',
  '2026-11-20', 'USD', 29.99, 0, 0, 29.99, false
from generate_series(1, %(many)s) n;

insert into fact_order_line (store_id, run_id, source_updated_at, ingested_at, platform_order_id, line_no,
  sku,
  product_id, ordered_at, business_on, status, channel, quantity, currency, gross_amount, tax_amount,
  tax_collector, shipping_amount, shipping_tax_amount, discount_amount, points_amount, is_replacement,
  is_business, buyer_hash)
select %(store)s, 1, %(now)s, %(now)s, 'O-' || n || '-' || d, '1', to_char(n, '"SKU-"FM000000'), 'P' || n,
  %(now)s - d * interval '1 day', '2026-11-20'::date - d, 'shipped', 'platform', 5, 'USD', 149.95, 0,
  'platform',
  0, 0, 0, 0, false, false, ''
from generate_series(1, %(many)s) n, generate_series(1, 10) d;
"""

RULES: dict[str, Any] = {
    "name": "Follow a cheaper rival",
    "rules": [
        {
            "key": "rival_cheaper",
            "when": {"signal": "competitor_gap", "op": "ge", "value": "0.03"},
            "then": {"action": "percent", "by": "-0.03"},
            "until_margin": "0.10",
        }
    ],
    "limits": {"least_move": "0"},
    "uses_endings": True,
}


def make_shop(many: int) -> int:
    """A store with `many` listings; the current client's. Returns its id."""
    linked = c.StoreConnection.objects.create(platform="amazon_sp", name="shop", account={"seller_id": "A1"})
    store = c.Store.objects.create(
        connection=linked,
        platform="amazon_sp",
        market="US",
        marketplace_id="ATVPDKIKX0DER",
        name="Shop",
        currency="USD",
        time_zone="America/Los_Angeles",
    )
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"store": store.pk, "many": many, "now": NOW})
    return int(store.pk)


def put_in_force(document: Mapping[str, Any] = RULES, **scope: Any) -> int:
    """A rule set in force, without the proof that an activation asks for. Returns its id."""
    key = f"set-{PriceRuleSet.objects.count() + 1}"
    row = PriceRuleSet.objects.create(
        key=key, name=document["name"], active_version=1, created_at=NOW, created_by="test"
    )
    whole = {"stores": [], "markets": [], "tiers": [], "skus": [], **scope}
    PriceRuleSetVersion.objects.create(
        rule_set=row, version=1, document=dict(document), scope=whole, saved_at=NOW, saved_by="test"
    )
    PriceRuleSetActivation.objects.create(
        rule_set=row, version=1, verification={}, activated_at=NOW, activated_by="test"
    )
    return int(row.pk)
