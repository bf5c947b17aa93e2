"""Stock: the daily ledger and the planning file with the age of what is on hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from connectors.simulator.http.messages import refuse
from connectors.simulator.http.reports import headers
from connectors.simulator.http.reports.document import Ask, Document, flat_file
from connectors.simulator.world.model import Product, StockDay, Store
from connectors.simulator.world.money import to_money


def days_of(ask: Ask, last: date) -> list[date]:
    """The days a window names, by the text of its dates, both included, up to `last`."""
    if ask.start is None or ask.end is None:
        raise refuse(400, "InvalidInput", "dataStartTime and dataEndTime are required for this report type.")
    day, end = max(ask.start.date(), ask.world.start), min(ask.end.date(), last)
    found = []
    while day <= end:
        found.append(day)
        day += timedelta(days=1)
    return found


def build_ledger(ask: Ask) -> Document:
    """One row per day, SKU and disposition. Sellable rows always, others when there is anything in them."""
    store, rows, keys = ask.store, [], []
    for day in days_of(ask, store.today(ask.at) - timedelta(days=1)):
        for product in store.products:
            moved = store.stock[product.sku].days[day]
            rows.append(_sellable(store, product, moved))
            keys.append((f"{day}|{product.sku}|SELLABLE", str(moved.end)))
            if moved.bad:
                rows.append(_unsellable(store, product, moved))
                keys.append((f"{day}|{product.sku}|CUSTOMER_DAMAGED", str(moved.bad)))
    return flat_file(store.market, headers.LEDGER, rows, keys)


def _ledger_row(store: Store, product: Product, day: date, disposition: str, **cells: int) -> dict[str, Any]:
    zero = dict.fromkeys(headers.LEDGER[6:-1], 0)
    named = {name.replace("_", " "): value for name, value in cells.items()}
    return {
        **zero,
        **named,
        "Date": day.strftime("%m/%d/%Y"),
        "FNSKU": product.fnsku,
        "ASIN": product.asin,
        "MSKU": product.sku,
        "Title": product.title,
        "Disposition": disposition,
        "Location": store.market.code,
    }


def _sellable(store: Store, product: Product, moved: StockDay) -> dict[str, Any]:
    return _ledger_row(
        store,
        product,
        moved.day,
        "SELLABLE",
        Starting_Warehouse_Balance=moved.start,
        Receipts=moved.received,
        Customer_Shipments=-moved.shipped,
        Customer_Returns=moved.returned,
        Damaged=-moved.damaged,
        Ending_Warehouse_Balance=moved.end,
    )


def _unsellable(store: Store, product: Product, moved: StockDay) -> dict[str, Any]:
    return _ledger_row(
        store,
        product,
        moved.day,
        "CUSTOMER_DAMAGED",
        Starting_Warehouse_Balance=moved.bad - moved.bad_returned - moved.damaged,
        Customer_Returns=moved.bad_returned,
        Damaged=moved.damaged,
        Ending_Warehouse_Balance=moved.bad,
    )


def planning_day(ask: Ask) -> date:
    """The planning file speaks of the end of yesterday."""
    return ask.store.today(ask.at) - timedelta(days=1)


def build_planning(ask: Ask) -> Document:
    """One row per SKU: units by age, what was shipped lately, what storage will cost."""
    store, day, rows, keys = ask.store, planning_day(ask), [], []
    for product in store.products:
        rows.append(_planning_row(ask, product, day))
        keys.append((f"{day}|{product.sku}", str(store.stock[product.sku].days[day].end)))
    return flat_file(store.market, headers.PLANNING, rows, keys)


def _planning_row(ask: Ask, product: Product, day: date) -> dict[str, Any]:
    store, book = ask.store, ask.store.stock[product.sku]
    today = book.days[day]
    ages = ask.world.ages(store, product.sku, day)
    shipped = {
        span: sum(book.days[d].shipped for d in book.days if 0 <= (day - d).days < span)
        for span in (7, 30, 60, 90)
    }
    cost = to_money(product.litres * today.end * store.market.storage_rate, store.market.currency)
    velocity = Decimal(shipped[30]) / 30
    return {
        "snapshot-date": day.isoformat(),
        "sku": product.sku,
        "fnsku": product.fnsku,
        "asin": product.asin,
        "product-name": product.title,
        "condition": "New",
        "available": today.end,
        "pending-removal-quantity": 0,
        "inv-age-0-to-90-days": ages[0],
        "inv-age-91-to-180-days": ages[1],
        "inv-age-181-to-270-days": ages[2],
        "inv-age-271-to-365-days": ages[3],
        "inv-age-365-plus-days": ages[4],
        "currency": store.market.currency,
        **{f"units-shipped-t{span}": units for span, units in shipped.items()},
        "alert": "" if today.end else "Out of stock",
        "your-price": product.price,
        "sales-price": product.price,
        "healthy-inventory-level": round(product.rate * 40),
        "item-volume": product.litres,
        "volume-unit-measurement": "litres",
        "storage-type": "Standard-Size",
        "storage-volume": product.litres * today.end,
        "marketplace": store.market.code,
        "product-group": product.category,
        "days-of-supply": round(today.end / velocity) if velocity else "",
        # The second set of buckets overlaps the first: adding both counts old units twice.
        "inv-age-181-to-330-days": ages[2],
        "inv-age-331-to-365-days": ages[3],
        "estimated-storage-cost-next-month": cost,
        "inbound-quantity": today.inbound,
        "inbound-shipped": today.inbound,
        "inbound-working": 0,
        "inbound-received": 0,
        "reserved-quantity": today.reserved,
        "unfulfillable-quantity": today.bad,
    }
