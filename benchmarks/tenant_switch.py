"""P11: what it costs to become a client's role on a client's path, per statement and per request.

`P11`: our switch (role and path in one message, chosen by `use_tenant`, through the product's backend) and a
select by primary key, against a plain `SET search_path` and the same select through Django's own backend; the
control sets role and path by `BEGIN`, two `SET LOCAL` and `COMMIT`. Two clients take turns, so that every
switch is one. `P11.request`: a whole request of ours, which switches to public, to the client and at the end
to a role without rights, against the same request as the owner with a plain `SET search_path` where it
switches; the control wraps each of its statements like the control of `P11`.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import DatabaseWrapper as PlainWrapper
from django.db.backends.utils import CursorWrapper

from benchmarks import database, measure
from benchmarks.edge import Caller
from tenants.context import use_public, use_tenant
from tenants.db.base import DatabaseWrapper
from tenants.db.errors import NoTenantChosen
from tenants.db.scope import Scope, active
from tenants.types import ClientRef

# Many short blocks: the arms then meet the same noise, and the median leaves its bursts out.
REPEATS = 151
CALLS = 40
REQUESTS = 3
REQUEST_REPEATS = 301
ADDRESS = "/connections"
SELECT = "select id, name from connectors_storeconnection where id = %s"

Arm = Callable[[], Any]


def main() -> None:
    """Two clients with a row of the same key; each arm must find the right one, then they are timed."""
    with database.throwaway():
        clients = [database.make_client(slug) for slug in ("north", "south")]
        for client in clients:
            with use_tenant(client), connections["default"].cursor() as cursor:
                cursor.execute(
                    "insert into connectors_storeconnection (id, platform, name, account, state, warnings,"
                    " version, created_at, updated_at)"
                    " values (1, 'amazon_sp', %s, '{}', 'active', '[]', 1, now(), now())",
                    [client.slug],
                )
        _race_statements(clients)
        _race_requests(clients[0])


# Statements


def _race_statements(clients: list[ClientRef]) -> None:
    plain = PlainWrapper({**connections.settings["owner"]}, "plain")
    with use_public():
        arms = _arms(clients, plain)
        _check(arms, clients)
        timings = measure.interleave(
            {arm: partial(_repeat, call) for arm, call in arms.items()}, repeats=REPEATS
        )
    # Outside of use_public: the outermost switch, at whose end the connection is put to rest.
    resting = measure.interleave({"ours, and rest": partial(_repeat, arms["ours"])}, repeats=REPEATS)
    plain.close()
    middle = {arm: timing.median / CALLS for arm, timing in {**timings, **resting}.items()}
    control = middle["local"] / middle["path"]
    measure.report(
        "P11",
        ratio=middle["ours"] / middle["path"],
        goal=1.25,
        at="most",
        n=REPEATS * CALLS,
        control_fails=control > 1.25,
        detail={
            "what": "switch of role and path + select by key / SET search_path + select by key",
            "interval": measure.ratio_interval(timings["ours"].seconds, timings["path"].seconds),
            "control": {"BEGIN, SET LOCAL twice, COMMIT": round(control, 2)},
            "each_us": {arm: round(value * 1e6, 1) for arm, value in middle.items()},
        },
    )


def _repeat(call: Arm) -> None:
    """A block of calls: single ones of each arm in turn would measure how their backends wake up."""
    for _ in range(CALLS):
        call()


def _arms(clients: list[ClientRef], plain: PlainWrapper) -> dict[str, Arm]:
    """Each arm works for the next client at each call; `bare` for the first, without any switch."""
    product = connections["default"]
    turns = {arm: itertools.cycle(clients) for arm in ("ours", "path", "local")}
    bare_select = SELECT.replace("connectors_", f"{clients[0].schema_name}.connectors_")

    def ours() -> Any:
        with use_tenant(next(turns["ours"])), product.cursor() as cursor:
            cursor.execute(SELECT, [1])
            return cursor.fetchone()

    def path() -> Any:
        client = next(turns["path"])
        with plain.cursor() as cursor:
            cursor.execute(f"set search_path = {client.schema_name}, public")
            cursor.execute(SELECT, [1])
            return cursor.fetchone()

    def local() -> Any:
        client = next(turns["local"])
        with plain.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"set local role {_role(client.id)}")
            cursor.execute(f"set local search_path = {client.schema_name}, public")
            cursor.execute(SELECT, [1])
            row = cursor.fetchone()
            cursor.execute("commit")
            return row

    def bare() -> Any:
        with plain.cursor() as cursor:
            cursor.execute(bare_select, [1])
            return cursor.fetchone()

    return {"ours": ours, "path": path, "local": local, "bare": bare}


def _role(client_id: int) -> str:
    return f"{connections.settings['default']['NAME']}_" + (f"t_{client_id}" if client_id else "public")


def _check(arms: Mapping[str, Arm], clients: list[ClientRef]) -> None:
    expected = [(1, client.slug) for client in clients]
    for arm, call in arms.items():
        found = [call(), call()]
        if found != (expected if arm != "bare" else [expected[0]] * 2):
            raise AssertionError(f"{arm} reads {found}")


# Requests


def _chosen() -> Scope:
    scope = active.get()
    if scope is None:
        raise NoTenantChosen
    return scope


class _PathWrapper(DatabaseWrapper):
    """Logs in as the owner, sets the path where it changes, as django-tenants does, and rests nowhere."""

    def _statement(self) -> str:
        return f"set search_path = {', '.join(_chosen().path)}"

    def _switch(self, statement: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)

    def rest(self) -> None:
        pass


class _LocalCursor(CursorWrapper):
    """Sets role and path for each statement anew, as connections shared by transactions need it."""

    def _execute(self, sql: Any, params: Any, *rest: Any) -> Any:
        scope = _chosen()
        driver = self.db.connection
        driver.execute("begin")
        driver.execute(f"set local role {_role(scope.client_id)}")
        driver.execute(f"set local search_path = {', '.join(scope.path)}")
        result = super()._execute(sql, params, *rest)  # type: ignore[misc]
        driver.execute("commit")
        return result


class _LocalWrapper(_PathWrapper):
    def make_cursor(self, cursor: Any) -> Any:
        return _LocalCursor(cursor, self)


def _race_requests(client: ClientRef) -> None:
    """The same request on three kinds of connection: ours, the owner's with a path, the owner's with both."""
    caller = Caller(client)
    product = connections["default"]
    as_owner = {key: connections.settings["owner"][key] for key in ("USER", "PASSWORD")}
    settings = {**connections.settings["default"], **as_owner}
    wrappers: dict[str, BaseDatabaseWrapper] = {
        "ours": product,
        "path": _PathWrapper(dict(settings), "default"),
        "local": _LocalWrapper(dict(settings), "default"),
    }

    def requests(wrapper: BaseDatabaseWrapper) -> None:
        connections["default"] = wrapper
        for _ in range(REQUESTS):
            caller.body(ADDRESS)

    bodies = set()
    for wrapper in wrappers.values():
        connections["default"] = wrapper
        bodies.add(caller.body(ADDRESS))
    if len(bodies) != 1:
        raise AssertionError("the arms answer differently")
    arms = {arm: partial(requests, wrapper) for arm, wrapper in wrappers.items()}
    timings = measure.interleave(arms, repeats=REQUEST_REPEATS)
    connections["default"] = product
    for arm in ("path", "local"):
        wrappers[arm].close()
    middle = {arm: timing.median / REQUESTS for arm, timing in timings.items()}
    control = middle["local"] / middle["path"]
    measure.report(
        "P11.request",
        ratio=middle["ours"] / middle["path"],
        goal=1.02,
        at="most",
        n=REQUEST_REPEATS * REQUESTS,
        control_fails=control > 1.02,
        detail={
            "what": f"GET {ADDRESS} in process: with our switches / with SET search_path in their place",
            "interval": measure.ratio_interval(timings["ours"].seconds, timings["path"].seconds),
            "control": {"each statement in BEGIN, SET LOCAL twice, COMMIT": round(control, 3)},
            "each_ms": {arm: round(value * 1000, 3) for arm, value in middle.items()},
            **_share_of_switches(caller),
        },
    )


def _share_of_switches(caller: Caller) -> dict[str, Any]:
    """How much of one of our requests is switching, waiting for the server included."""
    taken: list[list[float]] = []
    requests: list[float] = []
    with _watched() as switches:
        for _ in range(200):
            switches.clear()
            started = time.perf_counter()
            caller.body(ADDRESS)
            requests.append(time.perf_counter() - started)
            taken.append(list(switches))
    return {
        "switches_us": [round(statistics.median(each) * 1e6, 1) for each in zip(*taken, strict=True)],
        "share_of_all_switches": round(
            statistics.median(sum(each) / whole for each, whole in zip(taken, requests, strict=True)), 4
        ),
    }


@contextmanager
def _watched() -> Iterator[list[float]]:
    """A list that grows by the seconds of each switch of the product's backend."""
    seconds: list[float] = []
    method = DatabaseWrapper._switch

    def timed(wrapper: DatabaseWrapper, statement: str) -> None:
        started = time.perf_counter()
        method(wrapper, statement)
        seconds.append(time.perf_counter() - started)

    with patch.object(DatabaseWrapper, "_switch", timed):
        yield seconds


if __name__ == "__main__":
    main()
