"""What monitoring is told of a client's data: counts by freshness, and instants that its ages grow from."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from celery import current_app
from django.db import connection

from config.lib import clock
from connectors import tasks
from connectors.models import StreamCursor
from connectors.selectors.vitals import get_overall_freshness
from connectors.types import StoreRef
from tenants import messages
from tenants.selectors.vitals import PROVIDER, list_vitals
from tenants.types import ClientRef
from tests.connectors.conftest import make_store


def _known_until(store: StoreRef, stream: str, as_of: datetime) -> None:
    StreamCursor.objects.create(
        store_id=store.id, connection_id=store.connection_id, stream=stream, data_as_of=as_of
    )


def test_a_client_without_data_has_no_age(store: StoreRef) -> None:
    """Streams that never ran are counted, not dated."""
    found = get_overall_freshness()
    assert set(found.streams) == {"never"}
    assert (found.oldest_as_of, found.stale_at) == (None, None)


def test_the_oldest_stream_dates_the_client(store: StoreRef) -> None:
    """One fresh, one beyond its limit of three hours since half an hour."""
    now = clock.now()
    _known_until(store, "orders", now - timedelta(minutes=5))
    _known_until(store, "returns", now - timedelta(hours=3, minutes=30))
    found = get_overall_freshness()
    assert found.streams["fresh"] == 1
    assert found.streams["stale"] == 1
    assert found.oldest_as_of == now - timedelta(hours=3, minutes=30)
    assert found.stale_at == now - timedelta(minutes=30)


def test_beat_has_every_client_and_the_provider_measured(
    committed_db: None, acme: ClientRef, globex: ClientRef, monkeypatch: pytest.MonkeyPatch, redis: object
) -> None:
    """One public row each, also for a client without stores."""
    sent: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(messages, "_send", lambda name, message, delay: sent.append((name, message)))
    tasks.measure_clients()
    for name, message in sent:
        current_app.tasks[name].apply(kwargs=message, throw=True)
    assert {each.client for each in list_vitals()} == {PROVIDER, "acme", "globex"}
    assert all(each.streams == {} for each in list_vitals())


@pytest.mark.parametrize("stores", [1, 3])
def test_measuring_a_client_costs_one_query_for_any_number_of_stores(in_acme: ClientRef, stores: int) -> None:
    """It runs for every client every other minute."""
    from django.test.utils import CaptureQueriesContext

    for _ in range(stores):
        make_store()
    with CaptureQueriesContext(connection) as queries:
        get_overall_freshness()
    assert len([each for each in queries if "connectors_store" in each["sql"]]) == 1
