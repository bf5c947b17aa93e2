"""The row fence: rows and queries of one client are refused in another, even with equal primary keys."""

from __future__ import annotations

import pickle

import pytest

from tenants.context import use_tenant
from tenants.db.errors import TenantFenceError
from tenants.db.router import SchemaRouter
from tenants.ledger.models import OutboxEvent
from tenants.types import ClientRef
from tests.tenants.conftest import MARKER_ID


def _types(client: ClientRef) -> list[str]:
    with use_tenant(client):
        return list(OutboxEvent.objects.order_by("id").values_list("type", flat=True))


def test_a_row_loaded_in_one_client_is_not_saved_in_another(
    marked: None, acme: ClientRef, globex: ClientRef
) -> None:
    """Without the fence, save() overwrites the other client's row of the same key (or inserts a copy)."""
    with use_tenant(acme):
        row = OutboxEvent.objects.get(pk=MARKER_ID)
    with use_tenant(globex):
        with pytest.raises(TenantFenceError):
            row.save()
        with pytest.raises(TenantFenceError):
            row.delete()
        with pytest.raises(TenantFenceError):
            row.refresh_from_db()
        with pytest.raises(TenantFenceError):
            OutboxEvent.objects.bulk_update([row], ["type"])
        with pytest.raises(TenantFenceError):
            OutboxEvent.objects.bulk_create([row])
    assert (_types(acme), _types(globex)) == (["acme"], ["globex"])


def test_a_row_made_for_one_client_is_not_saved_in_another(
    marked: None, acme: ClientRef, globex: ClientRef
) -> None:
    """A row that was never stored belongs to the client that was chosen when it was made."""
    with use_tenant(acme):
        row = OutboxEvent(type="new", created_at="2026-01-01T00:00:00Z")
    with use_tenant(globex), pytest.raises(TenantFenceError):
        row.save()
    with use_tenant(acme):
        row.save()
    assert (_types(acme)[-1], _types(globex)) in ((("acme"), ["globex"]), (("new"), ["globex"]))


def test_a_queryset_is_not_evaluated_for_another_client(
    marked: None, acme: ClientRef, globex: ClientRef
) -> None:
    """Without the fence a lazy queryset silently answers with the rows of whoever is chosen when it runs."""
    with use_tenant(acme):
        query = OutboxEvent.objects.filter(pk=MARKER_ID)
        filtered = query.exclude(type="x").order_by("id")
    with use_tenant(globex):
        for evaluate in (
            lambda: list(query),
            lambda: list(filtered),
            lambda: filtered.count(),
            lambda: query.exists(),
            lambda: query.first(),
            lambda: query.get(),
            lambda: query.update(type="stolen"),
            lambda: query.delete(),
            lambda: list(query.iterator()),
            lambda: list(query.values("type")),
            lambda: query.aggregate(),
            lambda: query.create(type="x", created_at="2026-01-01T00:00:00Z"),
            lambda: list(OutboxEvent.objects.filter(pk__in=query.values("pk"))),
        ):
            with pytest.raises(TenantFenceError):
                evaluate()
    assert (_types(acme), _types(globex)) == (["acme"], ["globex"])


def test_rows_already_read_are_not_handed_to_another_client(
    marked: None, acme: ClientRef, globex: ClientRef
) -> None:
    """An evaluated queryset holds acme's rows; iterating it again while globex is chosen is refused."""
    with use_tenant(acme):
        query = OutboxEvent.objects.all()
        assert [row.type for row in query] == ["acme"]
    with use_tenant(globex), pytest.raises(TenantFenceError):
        list(query)


def test_an_iterator_does_not_go_on_in_another_client(
    marked: None, acme: ClientRef, globex: ClientRef
) -> None:
    """A chunked read that is resumed after a switch would label acme's rows as globex's."""
    with use_tenant(acme):
        OutboxEvent.objects.create(type="second", created_at="2026-01-01T00:00:00Z")
        rows = OutboxEvent.objects.order_by("id").iterator(chunk_size=1)
        next(rows)
        with use_tenant(globex), pytest.raises(TenantFenceError):
            next(rows)


def test_a_row_keeps_its_client_when_pickled(marked: None, acme: ClientRef, globex: ClientRef) -> None:
    """A cached row cannot slip through either."""
    with use_tenant(acme):
        frozen = pickle.dumps(OutboxEvent.objects.get(pk=MARKER_ID))
    with use_tenant(globex), pytest.raises(TenantFenceError):
        pickle.loads(frozen).save()


def test_a_deferred_column_is_not_read_in_another_client(
    marked: None, acme: ClientRef, globex: ClientRef
) -> None:
    """Touching a deferred column queries; in globex it would read globex's row of the same key."""
    with use_tenant(acme):
        row = OutboxEvent.objects.defer("type").get(pk=MARKER_ID)
    with use_tenant(globex), pytest.raises(TenantFenceError):
        _ = row.type


def test_rows_of_two_clients_are_not_related(marked: None, acme: ClientRef, globex: ClientRef) -> None:
    """The router refuses a relation between rows of two schemas."""
    with use_tenant(acme):
        first = OutboxEvent.objects.get(pk=MARKER_ID)
    with use_tenant(globex):
        second = OutboxEvent.objects.get(pk=MARKER_ID)
    with pytest.raises(TenantFenceError):
        SchemaRouter().allow_relation(first, second)


def test_the_fence_lets_ordinary_work_through(marked: None, acme: ClientRef) -> None:
    """In its own client a row is loaded, changed, refreshed, bulk-written and deleted as ever."""
    with use_tenant(acme):
        row = OutboxEvent.objects.get(pk=MARKER_ID)
        row.type = "changed"
        row.save()
        row.refresh_from_db()
        assert row.type == "changed"
        rows = OutboxEvent.objects.bulk_create(
            [OutboxEvent(type=f"n{n}", created_at="2026-01-01T00:00:00Z") for n in range(3)]
        )
        for row in rows:
            row.type += "!"
        OutboxEvent.objects.bulk_update(rows, ["type"])
        assert OutboxEvent.objects.filter(type__endswith="!").delete()[0] == 3
