"""Which offers of others stand beside ours: for all products at once, in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection

from connectors.facts.offers import OfferSnapshot
from connectors.selectors.connections import get_connection, own_seller_ids
from connectors.selectors.runs import handed_in_runs
from connectors.types import StoreRef
from pricing.engine.offers import DEFAULT_POLICY, FEED, OwnSide, RawOffer, RivalPolicy
from pricing.engine.rivals import Findings, find_rivals
from pricing.engine.sources import FEEDS
from pricing.models import PermittedSource, SisterSeller, SourcedOffer
from pricing.types import RivalView

UNNAMED_UPLOAD = "upload"
"""The source of offers that were handed in without a word on where they were seen."""

# Every product's observations from its newest one back to `max_age` before it: fresh where anything is
# fresh, and otherwise what shows that it is stale. Of each seller the newest, with the shipping before it.
_OFFERS = """
select w.product_id, w.seller_id, w.is_own, w.condition, w.channel, w.observed_at, w.currency,
       w.price_amount, w.shipping_amount, w.points_amount, w.is_featured, w.run_id, w.previous_shipping
from unnest(%(products)s::text[]) as p(product_id)
cross join lateral (
  select max(o.observed_at) as newest from {table} o
  where o.store_id = %(store)s and o.product_id = p.product_id and o.observed_at <= %(at)s
) n
cross join lateral (
  select o.*,
         row_number() over seller as place,
         lead(o.shipping_amount) over seller as previous_shipping
  from {table} o
  where o.store_id = %(store)s and o.product_id = p.product_id
    and o.observed_at <= %(at)s and o.observed_at > n.newest - make_interval(secs => %(max_age)s)
  window seller as (
    partition by o.seller_id, o.condition, o.channel order by o.observed_at desc, o.id desc
  )
) w
where w.place = 1
"""


def rivals_of(
    *,
    store: StoreRef,
    product_ids: Collection[str],
    at: datetime,
    packs: Mapping[str, int] | None = None,
    conditions: Mapping[str, str] | None = None,
) -> dict[str, RivalView]:
    """Return the rivals of products of a store as they were known at `at`, by product id.

    `packs` says how many pieces our own packs hold (1 where it says nothing), `conditions` in which state we
    sell ("new"). A product nobody has seen an offer of has an empty view.
    """
    found = findings_of(store=store, product_ids=product_ids, at=at, packs=packs, conditions=conditions)
    return {product_id: findings.view for product_id, findings in found.items()}


def findings_of(
    *,
    store: StoreRef,
    product_ids: Collection[str],
    at: datetime,
    packs: Mapping[str, int] | None = None,
    conditions: Mapping[str, str] | None = None,
) -> dict[str, Findings]:
    """The same with every offer and the verdict on it."""
    wanted = sorted({product_id for product_id in product_ids if product_id})
    packs, conditions = packs or {}, conditions or {}
    policy, own = policy_of(store, at), _own_side(store)
    offers = _raw_offers(store, wanted, at, policy, packs)
    return {
        product_id: find_rivals(
            offers.get(product_id, ()),
            replace(
                own,
                pack_size=packs.get(product_id, 1),
                condition=conditions.get(product_id) or "new",
            ),
            at,
            policy,
        )
        for product_id in wanted
    }


def policy_of(store: StoreRef, at: datetime) -> RivalPolicy:
    """The standing policy with the sources that are permitted in the store's market at `at`.

    The platform's own interface is one of them where it is a known feed (`pricing.engine.sources.FEEDS`).
    """
    keys = PermittedSource.objects.filter(
        is_active=True, market__in=("", store.market), allowed_on__lte=at.date()
    ).values_list("key", flat=True)
    feed = {FEED} if store.platform in FEEDS else set()
    return replace(DEFAULT_POLICY, permitted=frozenset({*feed, *keys}))


def _own_side(store: StoreRef) -> OwnSide:
    sisters = SisterSeller.objects.filter(is_active=True, platform__in=("", store.platform))
    account = get_connection(store.connection_id).account
    return OwnSide(
        currency=store.currency,
        seller_id=str(account.get("seller_id") or ""),
        own_sellers=own_seller_ids(),
        sister_sellers=frozenset(sisters.values_list("seller_id", flat=True)),
    )


_Key = tuple[str, str, str, str, datetime]


def _raw_offers(
    store: StoreRef, product_ids: Sequence[str], at: datetime, policy: RivalPolicy, packs: Mapping[str, int]
) -> dict[str, list[RawOffer]]:
    if not product_ids:
        return {}
    table = connection.ops.quote_name(OfferSnapshot._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            _OFFERS.format(table=table),
            {
                "products": list(product_ids),
                "store": store.id,
                "at": at,
                "max_age": policy.max_age.total_seconds(),
            },
        )
        rows = cursor.fetchall()
    handed_in = handed_in_runs({row[11] for row in rows})
    noted = _notes(store, [row for row in rows if row[11] in handed_in])
    found: dict[str, list[RawOffer]] = defaultdict(list)
    for row in rows:
        origin: tuple[str, int | None] = (FEED, packs.get(row[0], 1))
        if row[11] in handed_in:
            origin = noted.get((row[0], row[1], row[3], row[4], row[5]), (UNNAMED_UPLOAD, None))
        offer = RawOffer(
            product_id=row[0],
            seller_id=row[1],
            is_own=row[2],
            condition=row[3],
            channel=row[4],
            observed_at=row[5],
            currency=row[6],
            price=row[7],
            shipping=row[8],
            points=row[9],
            is_featured=row[10],
            source=origin[0],
            pack_size=origin[1],
            previous_shipping=row[12],
        )
        found[offer.product_id].append(offer)
    return found


def _notes(store: StoreRef, rows: Sequence[tuple[Any, ...]]) -> dict[_Key, tuple[str, int | None]]:
    """Where handed-in offers were seen and how many pieces they hold."""
    if not rows:
        return {}
    notes = SourcedOffer.objects.filter(
        store_id=store.id,
        product_id__in={row[0] for row in rows},
        observed_at__gte=min(row[5] for row in rows),
    ).values_list("product_id", "seller_id", "condition", "channel", "observed_at", "source", "pack_size")
    return {(row[0], row[1], row[2], row[3], row[4]): (row[5], row[6]) for row in notes}
