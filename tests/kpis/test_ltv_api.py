"""The cohort table adds up to the orders it is made of; the model stands beside it, or says why not."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from connectors import models as c
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.kpis.shops import get
from tests.kpis.world import World, at
from tests.kpis.world_reach import provenance

pytestmark = pytest.mark.django_db


def order(store_id: int, buyer: str, day: date, amount: str, n: int) -> c.OrderLine:
    """One paid order of one line."""
    return c.OrderLine(
        store_id=store_id,
        **provenance(),
        platform_order_id=f"{buyer}-{n}",
        line_no="1",
        sku="MUG",
        product_id="P",
        ordered_at=at(day),
        business_on=day,
        status="shipped",
        channel="merchant",
        quantity=1,
        currency="USD",
        gross_amount=Decimal(amount),
        tax_amount=Decimal(0),
        tax_collector="seller",
        shipping_amount=Decimal(0),
        shipping_tax_amount=Decimal(0),
        discount_amount=Decimal(0),
        points_amount=Decimal(0),
        is_replacement=False,
        is_business=False,
        buyer_hash=buyer,
    )


def table(owner: ValidatingClient, store_id: int, **query: Any) -> dict[str, Any]:
    """The answer for one store."""
    return get(owner, "kpis/ltv/cohorts", store=store_id, **query)


def test_a_cohort_is_followed_month_by_month(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """Two buyers of August: one comes back twice, the other never; two orders of a day are one purchase."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        c.OrderLine.objects.filter(store_id=store_id).delete()
        bought = [
            ("ann", date(2026, 8, 3), "20"),
            ("ann", date(2026, 8, 3), "10"),
            ("ann", date(2026, 9, 30), "40"),
            ("bob", date(2026, 8, 31), "50"),
            ("cat", date(2026, 7, 1), "5"),
            ("", date(2026, 8, 1), "99"),
        ]
        c.OrderLine.objects.bulk_create(order(store_id, *row, n) for n, row in enumerate(bought))
    body = table(owner, store_id, months=2)
    assert body["as_of"] == "2026-10-01"
    assert body["cohorts"] == []
    body = table(owner, store_id, months=3)
    (cohort,) = body["cohorts"]
    assert (cohort["month"], cohort["buyers"]) == ("2026-08", 2)
    assert [(p["month"], p["buyers"], p["purchases"]) for p in cohort["points"]] == [(0, 2, 2), (1, 1, 1)]
    assert [p["sales"]["amount"] for p in cohort["points"]] == ["80.00", "40.00"]
    assert [p["sales_per_buyer_so_far"]["amount"] for p in cohort["points"]] == ["40.00", "60.00"]
    assert cohort["expected_sales_per_buyer"] is None
    assert body["model"]["why_not"] == "too_few_customers"
    assert body["model"]["customers"] == 3


def test_the_model_stands_beside_the_cohorts(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """With enough buyers every cohort has an expectation, and newer silence makes it smaller."""
    store_id, rng, lines = shops.stores["US"], np.random.default_rng(4), []
    for n in range(400):
        buyer, day = f"buyer{n}", date(2026, 9, 30) - timedelta(days=int(rng.integers(5, 200)))
        rate = rng.gamma(1.0, 0.02)
        while day < date(2026, 10, 1):
            lines.append(order(store_id, buyer, day, str(int(rng.integers(20, 60))), len(lines)))
            day += timedelta(days=1 + int(rng.exponential(1 / rate)))
    with use_tenant(acme):
        c.OrderLine.objects.filter(store_id=store_id).delete()
        c.OrderLine.objects.bulk_create(lines)
    body = table(owner, store_id)
    assert body["model"]["is_fitted"]
    assert set(body["model"]["parameters"]) == {"r", "alpha", "a", "b", "p", "q", "gamma"}
    assert sum(cohort["buyers"] for cohort in body["cohorts"]) == 400 == body["model"]["customers"]
    assert all(Decimal(cohort["expected_sales_per_buyer"]["amount"]) > 0 for cohort in body["cohorts"])
    sold = sum(Decimal(p["sales"]["amount"]) for cohort in body["cohorts"] for p in cohort["points"])
    assert sold == sum(line.gross_amount for line in lines)


def test_stores_of_several_currencies_are_refused(owner: ValidatingClient, shops: World) -> None:
    """Buyers are counted across the stores, so their money must be one; the parameter is named."""
    response = owner.get("/api/v1/clients/acme/kpis/ltv/cohorts")
    assert response.status_code == 422
    assert response.json()["errors"][0]["parameter"] == "store"
