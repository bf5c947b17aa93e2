"""Price histories are what was shown day by day, in one statement for any number of listings."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from pricing.selectors.price_histories import history_of, load_histories
from tenants.types import ClientRef
from tests.pricing.competitors.stored import AT, make_store
from tests.pricing.competitors.test_api import observe

ON = AT.date()


def test_a_price_stands_until_the_next_one(in_acme: ClientRef) -> None:
    """Before the window it is carried in; on the day of a change both were shown; nothing is shown before."""
    store = make_store()
    observe(store, (200, "25"), (10, "22"), (3, "20"))
    past = history_of(store_id=store.id, sku="TENT", on=ON, days=30)
    first, last = ON - timedelta(days=30), ON - timedelta(days=1)
    assert past.days(first, last) == 30
    assert past.days_at(Decimal(25), first, last) == 20
    assert past.days_at(Decimal(22), first, last) == 7
    assert past.days_at(Decimal(20), first, last) == 3
    assert min(each.day for each in past.prices) == first
    assert len(past.between(ON - timedelta(days=10), ON - timedelta(days=10))) == 2


def test_what_buyers_saw_counts_before_the_listing(in_acme: ClientRef) -> None:
    """From the day an offer of ours was seen its price is the shown one."""
    store = make_store()
    observe(store, (20, "25"))
    observe(store, (5, "24"), kind="offer")
    past = history_of(store_id=store.id, sku="TENT", on=ON)
    assert past.days_at(Decimal(25), ON - timedelta(days=90), ON) == 15
    assert past.days_at(Decimal(24), ON - timedelta(days=90), ON) == 5


def test_nobody_has_seen_nothing(in_acme: ClientRef) -> None:
    """An unknown listing has an empty history, and a thousand listings cost one statement."""
    store = make_store()
    with CaptureQueriesContext(connection) as queries:
        found = load_histories(store_id=store.id, skus=[f"S{n}" for n in range(1000)], on=ON)
    assert len(found) == 1000
    assert not any(past.prices for past in found.values())
    assert len(queries) == 1
