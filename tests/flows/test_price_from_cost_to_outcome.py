"""A cost and a rival's price become a suggestion, an approval, an observed price and a measured outcome."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection

from config.lib import clock
from config.lib.clock import FrozenClock
from connectors.selectors.stores import get_store
from connectors.services.cursors import ensure_cursor
from connectors.services.ingest import store_page
from connectors.services.runs import finish_run, open_run
from connectors.types import FulfilmentChannel, ListingRecord, OfferRecord, Record
from pricing.services.outcomes import measure_outcomes
from tenants.context import use_tenant
from tenants.outbox import dispatch
from tenants.selectors.jobs import list_jobs
from tenants.tasking import run_job_now
from tenants.types import ClientRef, JobState, JobView, Role
from tests.api.conftest import as_role
from tests.api.validating import ValidatingClient
from tests.connectors.fakes import page_of
from tests.pricing.recommendations.shop import NOW, RULES, make_shop

__all__ = ["as_role"]

BASE = "/api/v1/clients/acme"
SKU, PRODUCT = "SKU-000002", "P2"
# Units a day after the change: the SKU sells twice what it did, the others about what they did.
_SALES_AFTER = """
insert into fact_order_line (store_id, run_id, source_updated_at, ingested_at, platform_order_id, line_no,
  sku, product_id, ordered_at, business_on, status, channel, quantity, currency, gross_amount, tax_amount,
  tax_collector, shipping_amount, shipping_tax_amount, discount_amount, points_amount, is_replacement,
  is_business, buyer_hash)
select %(store)s, 1, %(at)s, %(at)s, 'A-' || n || '-' || d, '1', to_char(n, '"SKU-"FM000000'), 'P' || n,
  %(at)s - d * interval '1 day', (%(at)s)::date - d, 'shipped', 'platform', q, 'USD', q * 29.99, 0,
  'platform', 0, 0, 0, 0, false, false, ''
from generate_series(1, 11) n, generate_series(1, 14) d,
  lateral (select case when n = 2 then 10 else 5 + (n + d) %% 2 end as q) as sold
"""


@pytest.fixture
def time(db: None, redis: object) -> Iterator[FrozenClock]:
    """The clock, which this test moves."""
    with clock.frozen(NOW) as time:
        yield time


def work(client: ClientRef) -> set[str]:
    """Do what news and jobs ask of pricing until nothing is left; the kinds of job that ran."""
    ran = set()
    with use_tenant(client):
        while dispatch() or due():
            for job in due():
                assert run_job_now(job.id, sleep=lambda _: None).state is JobState.SUCCEEDED, (
                    job.kind,
                    job.problem,
                )
                ran.add(job.kind)
    return ran


def due() -> list[JobView]:
    """The jobs of pricing that are to be done."""
    queued = list_jobs(state=JobState.QUEUED)
    return [job for job in queued if job.kind.startswith("pricing.")]


def sync(client: ClientRef, store_id: int, stream: str, *records: Record) -> None:
    """A page that a stream brings."""
    with use_tenant(client):
        store = get_store(store_id)
        run = open_run(store=store, stream=stream, connection_id=store.connection_id, job_id=None)
        ensure_cursor(run=run)
        store_page(run=run, page=page_of(*records, data_as_of=clock.now()))
        finish_run(run=run)


def offer(seller: str, price: str, at: datetime) -> OfferRecord:
    """What a seller asks for our product; A1 are we."""
    amount = D(price)
    return OfferRecord(
        PRODUCT, seller, seller == "A1", "new", FulfilmentChannel.PLATFORM, at, at.date(), "USD",
        amount, D(0), D(0), amount, seller == "R0", at,
    )  # fmt: skip


def listing(price: str, at: datetime) -> ListingRecord:
    """What our own listing shows."""
    return ListingRecord(
        SKU, PRODUCT, "Thing 2", "active", "new", FulfilmentChannel.PLATFORM, "USD", D(price), None, at
    )


def get(caller: ValidatingClient, path: str, **query: Any) -> dict[str, Any]:
    """The body of a successful GET."""
    answer = caller.get(f"{BASE}/{path}", query)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_price_from_cost_to_outcome(time: FrozenClock, acme: ClientRef, as_role: Any) -> None:
    """Walk 2, steps 1 to 14, each by its own way in: HTTP, a sync, the outbox, the daily measuring."""
    manager, operator = as_role(Role.OWNER), as_role(Role.OPERATOR)
    with use_tenant(acme):
        store = make_shop(11)
    put_rules_in_force(manager)

    # A: a cost sheet and a rival's offer arrive; the news starts runs over what they concern alone.
    costs = {"purchase": usd("9.00"), "duty": usd("0.60")}
    sheet = {"sku": SKU, "effective_on": "2026-11-20", "lines": costs}
    assert manager.post(f"{BASE}/cost-sheets", sheet).status_code == 201
    assert {"pricing.follow_changes", "pricing.refresh_recommendations"} <= work(acme)
    (first,) = get(manager, "pricing-runs")["data"]
    assert (first["trigger"], first["skus"], first["held"]) == ("costs", [SKU], 1)
    time.tick(timedelta(minutes=30))
    seen_at = clock.now()
    sync(acme, store, "offers", offer("R0", "27.99", seen_at), offer("A1", "29.99", seen_at))
    assert "pricing.follow_changes" in work(acme)

    # B and C: the run computes and opens one suggestion, which names the cost, the rival and the floor.
    second = get(manager, "pricing-runs")["data"][0]
    said = get(manager, f"pricing-runs/{second['id']}/items")["data"]
    assert (said[0]["outcome"], said[0]["headline"][:5]) == ("suggest", "Rival"), said[0]["headline"]
    assert (second["trigger"], second["skus"], second["opened"]) == ("offers", [SKU], 1)
    (opened,) = get(manager, "price-recommendations")["data"]
    shown = get(manager, f"price-recommendations/{opened['id']}")
    assert (shown["sku"], shown["state"], shown["suggested"]["amount"]) == (SKU, "open", "28.99")
    assert shown["headline"].startswith("Rival 6.7 % cheaper, rank 8")
    assert D(shown["floor"]["amount"]) < D(shown["suggested"]["amount"])
    assert lines_of(manager, store)["purchase"] == "9.00"

    # D: who saw another version is refused; the right one is checked with today's figures and approved.
    path = f"{BASE}/price-recommendations/{opened['id']}/approval"
    assert operator.post(path, {}, headers={"If-Match": '"7"'}).status_code == 412
    time.tick(timedelta(hours=1))
    assert (
        operator.post(path, {}, headers={"If-Match": f'"{shown["version"]}"'}).json()["state"] == "approved"
    )
    assert operator.post(path, {}, headers={"If-Match": f'"{shown["version"]}"'}).status_code == 412

    # The client changes the price in its own console; the next sync proves it.
    time.tick(timedelta(hours=5))
    sync(acme, store, "listings", listing("28.99", clock.now()))
    assert "pricing.observe_prices" in work(acme)
    done = get(manager, f"price-recommendations/{opened['id']}")
    assert (done["state"], done["observed"]["amount"]) == ("executed", "28.99")

    # E: the window was frozen before any result exists, and is measured when the days are there.
    window = get(manager, f"price-recommendations/{opened['id']}/outcome")
    assert (window["verdict"], window["before_last"], window["after_first"]) == (
        "measuring", "2026-11-19", "2026-11-21",
    )  # fmt: skip
    assert SKU not in window["controls"]
    time.tick(timedelta(days=15))
    with use_tenant(acme), connection.cursor() as cursor:
        cursor.execute(_SALES_AFTER, {"store": store, "at": clock.now()})
    with use_tenant(acme):
        assert measure_outcomes() == 1
    outcome = get(manager, f"price-recommendations/{opened['id']}/outcome")
    assert outcome["verdict"] == "better"
    assert D(outcome["estimates"]["units"]["low"]) > 0
    assert [
        each["verdict"] for each in get(manager, f"price-recommendations/{opened['id']}/decisions")["data"]
    ] == ["approved"]


def usd(amount: str) -> dict[str, str]:
    """A sum of money."""
    return {"amount": amount, "currency": "USD"}


def lines_of(caller: ValidatingClient, store_id: int) -> dict[str, str]:
    """What each line of the listing's contribution costs."""
    body = get(caller, f"stores/{store_id}/listings/{SKU}/contribution")
    return {line["name"]: line["amount"]["amount"] for line in body["lines"] if line["amount"] is not None}


def put_rules_in_force(caller: ValidatingClient) -> None:
    """Save the rules and have them proved and activated."""
    saved = caller.post(f"{BASE}/rule-sets", {"key": "follow", "document": RULES})
    assert saved.status_code == 201, saved.content
    answer = caller.post(f"{BASE}/rule-sets/follow/activation", {}, headers={"If-Match": saved["ETag"]})
    assert answer.status_code == 200, answer.content
    assert answer.json()["activation"]["verification"]["museum"]["score"] == 10
