"""The sales and traffic report: visits and orders by day, and by SKU over the whole window."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from connectors.simulator.http.messages import number, refuse
from connectors.simulator.http.reports.document import Ask, Document
from connectors.simulator.http.reports.stock import days_of
from connectors.simulator.world.model import Order, Store
from connectors.simulator.world.money import to_money
from connectors.simulator.world.visits import ordered_by_day, store_share

TYPE = "GET_SALES_AND_TRAFFIC_REPORT"


def build(ask: Ask) -> Document:
    """Days of which the visits are not known yet are left out; with none left the report is cancelled."""
    if ask.options.get("dateGranularity", "DAY") != "DAY":
        raise refuse(400, "InvalidInput", "Only dateGranularity DAY is offered.")
    store = ask.store
    last = store.today(ask.at) - timedelta(days=ask.knobs.traffic_delay_days)
    days = days_of(ask, last)
    ordered, happened = ordered_by_day(store), _happened(store)
    assert ask.start is not None
    assert ask.end is not None
    body = {
        "reportSpecification": {
            "reportType": TYPE,
            "reportOptions": dict(ask.options),
            "dataStartTime": ask.start.date().isoformat(),
            "dataEndTime": ask.end.date().isoformat(),
            "marketplaceIds": [store.market.marketplace_id],
        },
        "salesAndTrafficByDate": [_day(store, day, ordered[day], happened) for day in days],
        "salesAndTrafficByAsin": _products(ask, days, ordered) if days else [],
    }
    keys = tuple((day.isoformat(), str(sum(row.sessions for row in store.traffic[day]))) for day in days)
    text = json.dumps(body, ensure_ascii=False).encode()
    return Document(text, "application/json; charset=UTF-8", len(days), keys)


def _amount(value: Decimal, store: Store) -> dict[str, Any]:
    return {"amount": number(to_money(value, store.market.currency)), "currencyCode": store.market.currency}


def _percent(part: Decimal | int, whole: int) -> int | float:
    return number(to_money(Decimal(100) * part / whole, "USD")) if whole else 0.0


@dataclass(slots=True)
class _Happened:
    """What happened in a store besides visits and orders, by shop day."""

    shipped: dict[date, list[Order]] = field(default_factory=lambda: defaultdict(list))
    ratings: dict[date, list[int]] = field(default_factory=lambda: defaultdict(list))
    returned: Counter[date] = field(default_factory=Counter)


def _happened(store: Store) -> _Happened:
    found, market = _Happened(), store.market
    for order in store.orders:
        if order.shipped_at:
            found.shipped[market.day_of(order.shipped_at)].append(order)
    for feedback in store.feedback:
        found.ratings[market.day_of(feedback.at)].append(feedback.rating)
    found.returned.update(market.day_of(back.returned_at) for back in store.returns)
    return found


def _day(
    store: Store, day: date, ordered: dict[str, tuple[int, int, Decimal]], happened: _Happened
) -> dict[str, Any]:
    rows = store.traffic[day]
    units, lines = sum(row[0] for row in ordered.values()), sum(row[1] for row in ordered.values())
    sales = sum((row[2] for row in ordered.values()), Decimal(0))
    sessions, views = sum(row.sessions for row in rows), sum(row.page_views for row in rows)
    shipped = happened.shipped[day]
    sent = [line for order in shipped for line in order.lines if not line.cancelled]
    ratings = happened.ratings[day]
    bad = sum(rating <= 2 for rating in ratings)
    back = happened.returned[day]
    return {
        "date": day.isoformat(),
        "salesByDate": {
            "orderedProductSales": _amount(sales, store),
            "unitsOrdered": units,
            "totalOrderItems": lines,
            "averageSalesPerOrderItem": _amount(sales / lines if lines else Decimal(0), store),
            "averageUnitsPerOrderItem": number(to_money(Decimal(units) / lines, "USD")) if lines else 0.0,
            "averageSellingPrice": _amount(sales / units if units else Decimal(0), store),
            "unitsRefunded": back,
            "refundRate": _percent(back, units),
            "claimsGranted": 0,
            "claimsAmount": _amount(Decimal(0), store),
            "shippedProductSales": _amount(sum((line.item_price for line in sent), Decimal(0)), store),
            "unitsShipped": sum(line.quantity for line in sent),
            "ordersShipped": len(shipped),
        },
        "trafficByDate": {
            "browserPageViews": views - views * 2 // 3,
            "mobileAppPageViews": views * 2 // 3,
            "pageViews": views,
            "browserSessions": sessions - sessions * 2 // 3,
            "mobileAppSessions": sessions * 2 // 3,
            "sessions": sessions,
            "buyBoxPercentage": number(store_share(rows)),
            "orderItemSessionPercentage": _percent(lines, sessions),
            "unitSessionPercentage": _percent(units, sessions),
            "averageOfferCount": len(rows) * 4,
            "averageParentItems": len(rows),
            "feedbackReceived": len(ratings),
            "negativeFeedbackReceived": bad,
            "receivedNegativeFeedbackRate": _percent(bad, len(ratings)),
        },
    }


def _products(
    ask: Ask, days: list[date], ordered: dict[date, dict[str, tuple[int, int, Decimal]]]
) -> list[dict[str, Any]]:
    store = ask.store
    seen: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for day in days:
        for row in store.traffic[day]:
            seen[row.sku] = [
                a + b for a, b in zip(seen[row.sku], (row.sessions, row.page_views, row.won), strict=True)
            ]
    sessions, views = sum(row[0] for row in seen.values()), sum(row[1] for row in seen.values())
    found = []
    for product in store.products:
        if product.sku not in seen:
            continue
        mine = seen[product.sku]
        parts = [ordered[day].get(product.sku, (0, 0, Decimal(0))) for day in days]
        units, lines = sum(part[0] for part in parts), sum(part[1] for part in parts)
        found.append(
            {
                "parentAsin": product.asin,
                "childAsin": product.asin,
                "sku": product.sku,
                "salesByAsin": {
                    "unitsOrdered": units,
                    "orderedProductSales": _amount(sum((part[2] for part in parts), Decimal(0)), store),
                    "totalOrderItems": lines,
                },
                "trafficByAsin": {
                    "browserSessions": mine[0] - mine[0] * 2 // 3,
                    "mobileAppSessions": mine[0] * 2 // 3,
                    "sessions": mine[0],
                    "browserSessionPercentage": _percent(mine[0], sessions),
                    "mobileAppSessionPercentage": _percent(mine[0], sessions),
                    "sessionPercentage": _percent(mine[0], sessions),
                    "browserPageViews": mine[1] - mine[1] * 2 // 3,
                    "mobileAppPageViews": mine[1] * 2 // 3,
                    "pageViews": mine[1],
                    "browserPageViewsPercentage": _percent(mine[1], views),
                    "mobileAppPageViewsPercentage": _percent(mine[1], views),
                    "pageViewsPercentage": _percent(mine[1], views),
                    "buyBoxPercentage": _percent(mine[2], mine[1]),
                    "unitSessionPercentage": _percent(units, mine[0]),
                },
            }
        )
    return found
