"""Which events are in force on a day."""

from __future__ import annotations

from datetime import UTC, date, datetime

from connectors.facts.happenings import Event
from connectors.selectors.stores import get_store
from kpis.selectors.happenings import list_events
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.kpis.world import World


def test_an_emergency_lasts_until_its_end_is_recorded(shops: World, acme: ClientRef) -> None:
    """It is named with its first day, so that prices before it are found; others last a day."""
    began, day = date(2026, 7, 28), datetime(2026, 7, 28, 18, tzinfo=UTC)
    with use_tenant(acme):
        store = get_store(shops.stores["US"])
        for kind, title in (("emergency", "Hurricane"), ("promotion", "Sale"), ("other", "Visit")):
            Event.objects.create(
                store_id=store.id,
                event_key=title,
                kind=kind,
                business_on=began,
                occurred_at=day,
                title=title,
                source_updated_at=day,
                run_id=1,
                ingested_at=day,
            )
        later = date(2026, 8, 10)
        on = list_events([store], began, later)[store.id]
        assert on[began] == {"emergency:2026-07-28", "Sale"}
        assert on[later] == {"emergency:2026-07-28"}
        Event.objects.filter(kind="emergency").update(ended_at=datetime(2026, 8, 1, 12, tzinfo=UTC))
        assert later not in list_events([store], began, later)[store.id]
