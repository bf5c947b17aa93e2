"""A shop that sells two MUGs a day from a stock that runs out now and then, all of it known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from connectors import models as c
from connectors.facts.inventory import InventoryDay
from connectors.facts.orders import OrderLine

AT = datetime(2026, 10, 1, 12, tzinfo=UTC)
TODAY = AT.date()
DAYS = 120
STREAMS = ("orders", "inventory", "listings", "reviews", "seller_feedback")


@dataclass(frozen=True, slots=True)
class Shop:
    """The store."""

    id: int

    def know(self, through: datetime = AT) -> None:
        """Say that every stream is known until then."""
        c.StreamCursor.objects.filter(store_id=self.id).update(
            covered_through=through.date(), data_as_of=through, last_success_at=through
        )

    def hold(self, sku: str, on: date, units: int) -> None:
        """A snapshot of stock."""
        InventoryDay.objects.update_or_create(
            store_id=self.id,
            sku=sku,
            snapshot_on=on,
            defaults={
                "product_id": f"B0{sku}",
                "fulfillable": units,
                "inbound": 0,
                "reserved": 0,
                "unfulfillable": 0,
                **provenance(),
            },
        )


def provenance() -> dict[str, object]:
    """Where facts come from."""
    return {"run_id": 1, "source_updated_at": AT, "ingested_at": AT}


def make_shop(empty: Collection[int] = (), name: str = "US") -> Shop:
    """A shop known for so many days; `empty` are the days back on which MUG had no stock."""
    connection = c.StoreConnection.objects.create(
        platform="amazon_sp", name=name, account={"seller_id": name}
    )
    store = c.Store.objects.create(
        connection=connection,
        platform="amazon_sp",
        market="US",
        marketplace_id=f"M{name}",
        name=f"Shop {name}",
        currency="USD",
        time_zone="UTC",
    )
    first = TODAY - timedelta(days=DAYS)
    c.StreamCursor.objects.bulk_create(
        c.StreamCursor(
            store=store,
            connection=connection,
            stream=stream,
            covered_from=first,
            covered_through=TODAY,
            data_as_of=AT,
            last_success_at=AT,
        )
        for stream in STREAMS
    )
    days = [TODAY - timedelta(days=n) for n in range(DAYS)]
    OrderLine.objects.bulk_create(_line(store.pk, day) for day in days)
    InventoryDay.objects.bulk_create(
        InventoryDay(
            store_id=store.pk,
            sku="MUG",
            product_id="B0MUG",
            snapshot_on=day,
            fulfillable=0 if n in empty else 100,
            inbound=0,
            reserved=0,
            unfulfillable=0,
            **provenance(),
        )
        for n, day in enumerate(days)
    )
    return Shop(store.pk)


def _line(store_id: int, day: date) -> OrderLine:
    return OrderLine(
        store_id=store_id,
        platform_order_id=f"O-{day}",
        line_no="1",
        sku="MUG",
        product_id="B0MUG",
        ordered_at=datetime.combine(day, time(3), UTC),
        business_on=day,
        status="shipped",
        channel="platform",
        quantity=2,
        currency="USD",
        gross_amount=Decimal(20),
        tax_amount=Decimal(0),
        tax_collector="platform",
        shipping_amount=Decimal(0),
        shipping_tax_amount=Decimal(0),
        discount_amount=Decimal(0),
        points_amount=Decimal(0),
        is_replacement=False,
        is_business=False,
        buyer_hash="",
        **provenance(),
    )
