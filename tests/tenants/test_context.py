"""The traps of switching clients: threads, asyncio, callbacks, generators, caches. Stock tools leak."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections, transaction

from config.lib.errors import NotFound
from tenants import cache
from tenants.context import (
    current_actor,
    current_client,
    current_ledger,
    request_id,
    require_client,
    use_actor,
    use_public,
    use_request_id,
    use_tenant,
)
from tenants.db.errors import NoTenantChosen, TenantScopeError
from tenants.types import Actor, ActorKind, ClientRef


def _marker() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select type from ledger_outboxevent")
        return str(cursor.fetchone()[0])


def _in_thread(function: Any, *args: Any) -> Any:
    def run() -> Any:
        try:
            return function(*args)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def test_a_thread_starts_with_nobody(marked: None, acme: ClientRef) -> None:
    """A thread pool inside use_tenant is refused, not served from public or from somebody else."""
    with use_tenant(acme), pytest.raises(NoTenantChosen):
        _in_thread(_marker)


def test_a_thread_that_is_given_the_context_works_for_its_client(
    marked: None, acme: ClientRef, globex: ClientRef
) -> None:
    """copy_context() hands the client on, whatever the thread that made it does next."""
    with use_tenant(acme):
        context = contextvars.copy_context()
    with use_tenant(globex):
        assert _in_thread(context.run, _marker) == "acme"
        assert _marker() == "globex"


def test_asyncio_tasks_do_not_mix_clients(marked: None, acme: ClientRef, globex: ClientRef) -> None:
    """Two tasks that share the executor's one connection and interleave each read their own client."""
    found: dict[str, set[str]] = {"acme": set(), "globex": set()}

    async def work(client: ClientRef) -> None:
        with use_tenant(client):
            for _ in range(20):
                found[client.slug].add(await sync_to_async(_marker)())
                await asyncio.sleep(0)

    async def both() -> None:
        await asyncio.gather(work(acme), work(globex))
        await sync_to_async(connections.close_all)()

    asyncio.run(both())
    assert found == {"acme": {"acme"}, "globex": {"globex"}}


def test_a_callback_runs_for_the_client_that_registered_it(
    marked: None, acme: ClientRef, globex: ClientRef
) -> None:
    """on_commit runs when the outermost transaction ends, perhaps in another's block, or in nobody's."""
    seen: list[tuple[str, str]] = []

    def note() -> None:
        seen.append((_marker(), current_actor().label))

    ann = Actor(ActorKind.USER, 1, "ann")
    with use_tenant(globex), transaction.atomic(), use_tenant(acme), use_actor(ann):
        transaction.on_commit(note)
    with transaction.atomic(), use_tenant(globex):
        transaction.on_commit(note)
    assert seen == [("acme", "ann"), ("globex", "system")]
    assert current_client() is None


def test_a_generator_may_not_choose(committed_db: None, acme: ClientRef) -> None:
    """Between two yields its caller would work for acme; the remedy keeps fixtures possible."""

    def leaking() -> Iterator[int]:
        with use_tenant(acme):
            yield 1

    async def also_leaking() -> Any:
        with use_tenant(acme):
            yield 1

    with pytest.raises(TenantScopeError, match="ExitStack"):
        next(leaking())
    with pytest.raises(TenantScopeError):
        asyncio.run(anext(also_leaking()))
    assert current_client() is None
    with ExitStack() as stack:
        assert stack.enter_context(use_tenant(acme)) == current_client()


def test_cache_keys_carry_the_client(acme: ClientRef, globex: ClientRef) -> None:
    """The same key in two clients, in public and for nobody never meets."""
    keys = []
    for scope in (use_tenant(acme), use_tenant(globex), use_public()):
        with scope:
            keys.append(cache.make_key("scorecard:7", "cache", 1))
    assert len(set(keys)) == 3
    assert {cache.reverse_key(key) for key in keys} == {"scorecard:7"}
    with pytest.raises(NoTenantChosen):
        cache.make_key("scorecard:7", "cache", 1)


def test_an_unknown_client_is_not_found(committed_db: None) -> None:
    """An id without a schema and role leaves nobody chosen."""
    with pytest.raises(NotFound), use_tenant(987_654):
        pytest.fail("must not be entered")
    assert current_client() is None


def test_an_id_becomes_the_whole_client(committed_db: None, acme: ClientRef) -> None:
    """use_tenant(id) reads the client's own row, as the client's own role."""
    with use_tenant(acme.id) as found:
        assert found == acme
        assert require_client() == acme


def test_public_is_no_client(committed_db: None) -> None:
    """In public there is a ledger but no client; where nobody is chosen there is neither."""
    with use_public():
        assert current_client() is None
        assert current_ledger().id == 0
        with pytest.raises(NoTenantChosen):
            require_client()
    with pytest.raises(NoTenantChosen):
        current_ledger()


def test_actor_and_request_nest() -> None:
    """Who acts and for which request are restored, after errors too."""
    ann = Actor(ActorKind.USER, 1, "ann")
    with pytest.raises(ZeroDivisionError), use_actor(ann), use_request_id("r1"):
        _ = 1 / len(set()) if (current_actor(), request_id()) == (ann, "r1") else pytest.fail("not set")
    assert (current_actor().label, request_id()) == ("system", "")


def test_a_switch_is_used_once(committed_db: None, acme: ClientRef) -> None:
    """Entering the same object twice would restore the wrong client."""
    switch = use_tenant(acme)
    with switch, pytest.raises(TenantScopeError), switch:
        pytest.fail("must not be entered")
