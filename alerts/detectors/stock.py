"""What detectors of stock look at: each SKU's last snapshot, daily sales, and days without stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Sum

from alerts.detectors.base import Scope
from alerts.detectors.known import INVENTORY, ORDERS, Known, known_of
from config.lib.calendars import business_day
from connectors.facts.deliveries import InboundShipment
from connectors.facts.inventory import InventoryAge, InventoryDay
from connectors.facts.orders import OrderLine
from connectors.types import OrderStatus

_DAY = timedelta(days=1)
_STALE_SNAPSHOT = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class SkuStock:
    """A SKU: its last snapshot (units by kind), what was sold by day, on which days it had no stock.

    `before` is the stock of the snapshot before the last one, None where there is none; `arrivals` are the
    days on which deliveries were received, `aged` the units older than 180 days (None: unknown).
    """

    store_id: int
    sku: str
    snapshot_on: date
    fulfillable: int
    inbound: int
    reserved: int
    before: int | None = None
    sold: Mapping[date, int] = field(default_factory=dict)
    without_stock: frozenset[date] = frozenset()
    arrivals: tuple[date, ...] = ()
    aged: int | None = None


@dataclass(frozen=True, slots=True)
class StoreStock:
    """A store's SKUs with the last whole day that is known of both stock and sales.

    `problem` is why nothing may be claimed; "" if it may.
    """

    store_id: int
    today: date
    last: date
    as_of: datetime | None
    problem: str
    skus: tuple[SkuStock, ...]


def read_stock(scope: Scope[Any], days: int) -> tuple[StoreStock, ...]:
    """Read the stock of all stores with the sales of `days` days; five statements, shared by a round."""
    return scope.reads.once(("stock", days, scope.store_ids, scope.at), lambda: _read(scope, days))


def problem_of(sku: SkuStock, store: StoreStock) -> str:
    """Why nothing may be claimed of a SKU: the store's problem, or a snapshot days old; "" if it may."""
    if store.problem:
        return store.problem
    return "snapshot_too_old" if sku.snapshot_on < store.today - _STALE_SNAPSHOT else ""


def _read(scope: Scope[Any], days: int) -> tuple[StoreStock, ...]:
    known = known_of(scope, INVENTORY, ORDERS)
    today = {store.id: business_day(scope.at, store.time_zone) for store in scope.stores}
    if not today:
        return ()
    first, last = min(today.values()) - timedelta(days=days + 1), max(today.values())
    snapshots = _snapshots(scope.store_ids, last - timedelta(days=max(days, 30)), last, today)
    sold, empty = _sold(scope.store_ids, first, last), _without_stock(scope.store_ids, first, last)
    arrivals, aged = _arrivals(scope.store_ids, last), _aged(scope.store_ids, last)
    found = []
    for store in scope.stores:
        own = [key for key in snapshots if key[0] == store.id]
        skus = tuple(
            SkuStock(
                store_id=key[0],
                sku=key[1],
                snapshot_on=snapshots[key].on,
                fulfillable=snapshots[key].fulfillable,
                inbound=snapshots[key].inbound,
                reserved=snapshots[key].reserved,
                before=snapshots[key].before,
                sold=sold.get(key, {}),
                without_stock=frozenset(empty.get(key, ())),
                arrivals=tuple(arrivals.get(key, ())),
                aged=aged.get(key),
            )
            for key in sorted(own)
        )
        found.append(_store(store.id, today[store.id], known[store.id], skus))
    return tuple(found)


def _store(store_id: int, today: date, known: Known, skus: tuple[SkuStock, ...]) -> StoreStock:
    last = min(known.through or today - _DAY, today - _DAY)
    return StoreStock(store_id, today, last, known.as_of, known.problem, skus)


_Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Snapshot:
    on: date
    fulfillable: int
    inbound: int
    reserved: int
    before: int | None


def _snapshots(
    store_ids: tuple[int, ...], first: date, last: date, today: Mapping[int, date]
) -> dict[_Key, _Snapshot]:
    """The last snapshot of each SKU, with the stock of the one before it."""
    rows = (
        InventoryDay.objects.filter(store_id__in=store_ids, snapshot_on__range=(first, last))
        .order_by("store_id", "sku", "snapshot_on")
        .values_list("store_id", "sku", "snapshot_on", "fulfillable", "inbound", "reserved")
    )
    found: dict[_Key, _Snapshot] = {}
    for store_id, sku, on, fulfillable, inbound, reserved in rows.iterator():
        if on <= today[store_id]:
            earlier = found.get((store_id, sku))
            before = earlier.fulfillable if earlier is not None else None
            found[store_id, sku] = _Snapshot(on, fulfillable, inbound, reserved, before)
    return found


def _sold(store_ids: tuple[int, ...], first: date, last: date) -> dict[_Key, dict[date, int]]:
    rows = (
        OrderLine.objects.filter(
            store_id__in=store_ids, business_on__range=(first, last), is_replacement=False
        )
        .exclude(status=OrderStatus.CANCELLED.value)
        .values_list("store_id", "sku", "business_on")
        .annotate(units=Sum("quantity"))
    )
    found: dict[_Key, dict[date, int]] = defaultdict(dict)
    for store_id, sku, on, units in rows:
        found[store_id, sku][on] = units
    return found


def _without_stock(store_ids: tuple[int, ...], first: date, last: date) -> dict[_Key, list[date]]:
    rows = InventoryDay.objects.filter(
        store_id__in=store_ids, snapshot_on__range=(first, last), fulfillable__lte=0
    ).values_list("store_id", "sku", "snapshot_on")
    found: dict[_Key, list[date]] = defaultdict(list)
    for store_id, sku, on in rows:
        found[store_id, sku].append(on)
    return found


def _arrivals(store_ids: tuple[int, ...], last: date) -> dict[_Key, list[date]]:
    """On which days of the last half year deliveries were received: how often a SKU is replenished."""
    rows = (
        InboundShipment.objects.filter(
            store_id__in=store_ids,
            received_at__isnull=False,
            business_on__range=(last - timedelta(days=180), last),
        )
        .order_by("business_on")
        .values_list("store_id", "sku", "business_on")
    )
    found: dict[_Key, list[date]] = defaultdict(list)
    for store_id, sku, on in rows:
        found[store_id, sku].append(on)
    return found


def _aged(store_ids: tuple[int, ...], last: date) -> dict[_Key, int]:
    rows = (
        InventoryAge.objects.filter(
            store_id__in=store_ids, snapshot_on__range=(last - timedelta(days=14), last)
        )
        .order_by("store_id", "sku", "snapshot_on")
        .values_list("store_id", "sku", "age_181_270", "age_271_365", "age_over_365")
    )
    return {(store_id, sku): sum(ages) for store_id, sku, *ages in rows}
