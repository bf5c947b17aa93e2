"""Does `manage.py sync` do the same work as the worker, tell what it did, and fail loudly?"""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from connectors.facts.orders import OrderLine
from connectors.types import StoreRef
from tenants.context import use_public
from tenants.models import Client
from tenants.types import ClientRef, ClientState
from tests.connectors.fakes import FakePlatform, rows


def sync(**options: object) -> str:
    """Run the command for acme and return what it printed."""
    out = StringIO()
    call_command("sync", client="acme", stdout=out, **options)
    return out.getvalue()


def test_each_stream_ends_with_its_counts(store: StoreRef, platform: FakePlatform) -> None:
    """Read, written, unchanged and rejected, stream by stream; a second run finds nothing new."""
    platform.pages = [[*rows(3), {"order": "B", "bad": True}]]
    told = sync()
    assert "orders: succeeded; read 4, written 3, unchanged 0, rejected 1" in told
    assert "orders_report: succeeded; read 4, written 0, unchanged 3, rejected 1" in told
    assert "returns: succeeded; read 0" in told
    assert OrderLine.objects.count() == 3
    assert "written 0, unchanged 3" in sync(store=store.id, stream="orders")


def test_a_failure_is_printed_and_is_the_exit(store: StoreRef, platform: FakePlatform) -> None:
    """The problem and its remedy are shown, the other streams still run, and the command fails."""
    platform.fail("list_orders", 400, body="bad marketplace")
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 3 streams failed: US/orders"):
        call_command("sync", client="acme", stdout=out)
    assert "bad marketplace" in out.getvalue()
    assert "orders_report: succeeded" in out.getvalue()


def test_what_goes_on_is_told_without_a_terminal_too(store: StoreRef, platform: FakePlatform) -> None:
    """A log of a machine shows how far it is."""
    platform.pages = [rows(3)]
    told = StringIO()
    call_command("sync", client="acme", stream="orders", stdout=StringIO(), stderr=told)
    assert "US/orders: 3 rows" in told.getvalue()


@pytest.mark.parametrize("options", [{"stream": "nothing"}, {"store": 999999}])
def test_what_is_not_there_is_named(store: StoreRef, options: dict[str, object]) -> None:
    """An unknown store or stream is an error that says so."""
    with pytest.raises(CommandError, match="not_found"):
        sync(**options)


def test_an_unknown_client_is_named(store: StoreRef) -> None:
    """By the slug that was given."""
    with pytest.raises(CommandError, match="nobody"):
        call_command("sync", client="nobody")


def test_a_client_that_is_not_open_for_work_is_not_synced(
    store: StoreRef, acme: ClientRef, platform: FakePlatform
) -> None:
    """A suspended client is refused by name and state, and no call leaves for its platforms."""
    with use_public():
        Client.objects.filter(pk=acme.id).update(state=ClientState.SUSPENDED)
    with pytest.raises(CommandError, match="is suspended"):
        call_command("sync", client=acme.slug)
    assert not platform.calls
