"""What detectors of stock look at: each SKU's last snapshot, daily sales, and days without stock."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
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
    about = ("stock", days, scope.store_ids, scope.at)
    return scope.reads.once(about, lambda: _cut(scope, _read(scope, days, scope.at)))


def past_stock(
    scope: Scope[Any], instants: Sequence[datetime], days: int
) -> Iterator[tuple[datetime, tuple[StoreStock, ...]]]:
    """What `read_stock` would have found at each of these instants (ascending); the same statements once."""
    if not instants:
        return
    raw = _read(scope, days, instants[0], instants[-1])
    for at in instants:
        yield at, _cut(Scope(scope.parameters, scope.stores, at, scope.reads), raw)


def problem_of(sku: SkuStock, store: StoreStock) -> str:
    """Why nothing may be claimed of a SKU: the store's problem, or a snapshot days old; "" if it may."""
    if store.problem:
        return store.problem
    return "snapshot_too_old" if sku.snapshot_on < store.today - _STALE_SNAPSHOT else ""


_Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Snapshot:
    on: date
    fulfillable: int
    inbound: int
    reserved: int


@dataclass(frozen=True, slots=True)
class _Raw:
    """The facts of a span by SKU; snapshots ascend."""

    snapshots: Mapping[_Key, Sequence[_Snapshot]]
    sold: Mapping[_Key, Mapping[date, int]]
    without_stock: Mapping[_Key, Collection[date]]
    arrivals: Mapping[_Key, Sequence[date]]
    aged: Mapping[_Key, int]


def _read(scope: Scope[Any], days: int, begin: datetime, end: datetime | None = None) -> _Raw:
    if not scope.stores:
        return _Raw({}, {}, {}, {}, {})
    zones = {store.time_zone for store in scope.stores}
    last = max(business_day(end or begin, zone) for zone in zones)
    first = min(business_day(begin, zone) for zone in zones) - timedelta(days=max(days + 1, 30))
    return _Raw(
        _snapshots(scope.store_ids, first, last),
        _sold(scope.store_ids, first, last),
        _without_stock(scope.store_ids, first, last),
        _arrivals(scope.store_ids, first, last),
        _aged(scope.store_ids, last),
    )


def _cut(scope: Scope[Any], raw: _Raw) -> tuple[StoreStock, ...]:
    """The stores as they stood at the instant of the scope."""
    known = known_of(scope, INVENTORY, ORDERS)
    found = []
    for store in scope.stores:
        today = business_day(scope.at, store.time_zone)
        own = (key for key in raw.snapshots if key[0] == store.id)
        skus = [sku for key in sorted(own) if (sku := _sku(key, raw, today)) is not None]
        found.append(_store(store.id, today, known[store.id], tuple(skus)))
    return tuple(found)


def _sku(key: _Key, raw: _Raw, today: date) -> SkuStock | None:
    """None of a SKU without any snapshot until then."""
    snapshots = raw.snapshots[key]
    until = bisect_right(snapshots, today, key=lambda each: each.on)
    if until == 0:
        return None
    last = snapshots[until - 1]
    return SkuStock(
        store_id=key[0],
        sku=key[1],
        snapshot_on=last.on,
        fulfillable=last.fulfillable,
        inbound=last.inbound,
        reserved=last.reserved,
        before=snapshots[until - 2].fulfillable if until > 1 else None,
        sold=raw.sold.get(key, {}),
        without_stock=frozenset(raw.without_stock.get(key, ())),
        arrivals=tuple(day for day in raw.arrivals.get(key, ()) if day <= today),
        aged=raw.aged.get(key),
    )


def _store(store_id: int, today: date, known: Known, skus: tuple[SkuStock, ...]) -> StoreStock:
    last = min(known.through or today - _DAY, today - _DAY)
    return StoreStock(store_id, today, last, known.as_of, known.problem, skus)


def _snapshots(store_ids: tuple[int, ...], first: date, last: date) -> dict[_Key, list[_Snapshot]]:
    rows = (
        InventoryDay.objects.filter(store_id__in=store_ids, snapshot_on__range=(first, last))
        .order_by("store_id", "sku", "snapshot_on")
        .values_list("store_id", "sku", "snapshot_on", "fulfillable", "inbound", "reserved")
    )
    found: dict[_Key, list[_Snapshot]] = defaultdict(list)
    for store_id, sku, on, fulfillable, inbound, reserved in rows.iterator():
        found[store_id, sku].append(_Snapshot(on, fulfillable, inbound, reserved))
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


def _arrivals(store_ids: tuple[int, ...], first: date, last: date) -> dict[_Key, list[date]]:
    """On which days since half a year before deliveries were received: how often a SKU is replenished."""
    rows = (
        InboundShipment.objects.filter(
            store_id__in=store_ids,
            received_at__isnull=False,
            business_on__range=(first - timedelta(days=180), last),
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
