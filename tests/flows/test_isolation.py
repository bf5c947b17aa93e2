"""Does one client ever see, or touch, a row of another? Threads, faults, cancels; then every HTTP route."""

from __future__ import annotations

import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from psycopg import Error as DriverError

from config.lib.errors import AppError
from connectors.models import Store, StoreConnection
from tenants.context import use_public, use_tenant
from tenants.db.errors import TenancyError
from tenants.types import ClientRef, Role
from tests.api.access.routes import api_routes
from tests.api.conftest import as_key, as_role
from tests.api.validating import ValidatingClient
from tests.factories.people import make_key, make_member
from tests.flows import premises
from tests.flows.isolation_routes import ASKED, BODIES, GIVEN, SCORECARDS, TABLES_ABOVE
from tests.flows.isolation_works import READS, WORKS
from tests.support import database
from tests.support.any_row import any_row

__all__ = ["as_key", "as_role"]

THREADS = 8
OPERATIONS = 250
SEED = 5
CANCELS_A_SECOND = 150


class Planned(Exception):
    """A fault of the caller's own, in the middle of its work."""


@dataclass
class Tally:
    """What the threads saw, counted without locks by one list per thread."""

    reads: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)

    def see(self, work: str, slug: str, found: list[str]) -> None:
        """Judge what one operation read."""
        self.reads[work] += 1
        self.foreign += [f"{work} for {slug}: {text}" for text in found if not text.startswith(slug)]


class Thread:
    """One worker: random work for random clients, nested, in transactions, with faults of every kind."""

    def __init__(self, number: int, clients: tuple[ClientRef, ...], pids: dict[int, int]) -> None:
        self._number, self._clients, self._pids = number, clients, pids
        self._rng = random.Random(SEED * 1000 + number)
        self.tally = Tally()

    def run(self) -> Tally:
        """All operations; the connection is closed at the end."""
        try:
            for _ in range(OPERATIONS):
                try:
                    self._one()
                except (DatabaseError, DriverError, AppError, TenancyError, Planned) as fault:
                    self.tally.faults[type(fault).__name__] += 1
                    connection.close_if_unusable_or_obsolete()
        finally:
            self._pids.pop(self._number, None)
            connection.close()
        return self.tally

    def _one(self) -> None:
        client = self._rng.choice(self._clients)
        way = self._rng.choice(
            (self._plain, self._plain, self._atomic, self._nested, self._savepoint, self._swallowed)
        )
        with use_tenant(client):
            if self._number not in self._pids and connection.connection is not None:
                self._pids[self._number] = connection.connection.info.backend_pid
            way(client)

    def _work(self, client: ClientRef) -> None:
        work = self._rng.choice(WORKS)
        self.tally.see(work.__name__, client.slug, work(self._rng, client.slug))

    def _plain(self, client: ClientRef) -> None:
        self._work(client)

    def _atomic(self, client: ClientRef) -> None:
        with transaction.atomic():
            self._work(client)
            if self._rng.random() < 0.3:
                raise Planned
            self._work(client)

    def _nested(self, client: ClientRef) -> None:
        other = self._rng.choice(self._clients)
        self._work(client)
        with use_tenant(other):
            self._work(other)
            if self._rng.random() < 0.3:
                raise Planned
        with use_public():
            pass
        self._work(client)

    def _savepoint(self, client: ClientRef) -> None:
        other = self._rng.choice(self._clients)
        with transaction.atomic():
            self._work(client)
            try:
                with transaction.atomic(), use_tenant(other):
                    self._work(other)
                    raise Planned
            except Planned:
                self.tally.faults["rolled back to a savepoint"] += 1
            self._work(client)

    def _swallowed(self, client: ClientRef) -> None:
        """An SQL error is swallowed in a transaction, and the COMMIT becomes a ROLLBACK nobody hears of."""
        with transaction.atomic():
            self._work(client)
            try:
                with connection.cursor() as cursor:
                    cursor.execute("select 1/0")
            except DatabaseError:
                self.tally.faults["swallowed"] += 1
            connection.needs_rollback = False
        self._work(client)


@pytest.fixture
def equal_keys(django_db_setup: None, acme: ClientRef, globex: ClientRef) -> None:
    """Both clients number from 1 again, whatever rolled-back tests before used up."""
    with database.connect(connections.settings["owner"]["NAME"]) as owner:
        sequences = owner.execute(
            "select format('%%I.%%I', schemaname, sequencename) from pg_sequences where schemaname = any(%s)",
            [[acme.schema_name, globex.schema_name]],
        ).fetchall()
        for (sequence,) in sequences:
            owner.execute(f"alter sequence {sequence} restart")


@pytest.fixture
def furnished(
    equal_keys: None, committed_db: None, acme: ClientRef, globex: ClientRef
) -> tuple[ClientRef, ClientRef]:
    """Both clients with the same keys, committed."""
    for client in (acme, globex):
        premises.furnish(client)
    return acme, globex


@pytest.fixture
def storm(furnished: object) -> Iterator[dict[int, int]]:
    """Cancels what a random registered backend does, many times a second, while the test runs."""
    pids: dict[int, int] = {}
    stop = threading.Event()
    rng = random.Random(SEED)

    def blow() -> None:
        with database.connect(connections.settings["owner"]["NAME"]) as owner:
            while not stop.wait(1 / CANCELS_A_SECOND):
                if chosen := list(pids.values()):
                    owner.execute("select pg_cancel_backend(%s)", [rng.choice(chosen)])

    thread = threading.Thread(target=blow)
    thread.start()
    yield pids
    stop.set()
    thread.join()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_eight_threads_of_faults_see_no_foreign_row(
    furnished: tuple[ClientRef, ClientRef], storm: dict[int, int]
) -> None:
    """Thousands of operations on equal keys through ORM, SQL, selectors and services: not one foreign row,
    and afterwards every row of a client still says that it is that client's."""
    workers = [Thread(number, furnished, storm) for number in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as executor:
        tallies = list(executor.map(lambda worker: worker.run(), workers))
    reads = sum((tally.reads for tally in tallies), Counter[str]())
    faults = sum((tally.faults for tally in tallies), Counter[str]())
    assert [line for tally in tallies for line in tally.foreign] == []
    assert reads.total() > THREADS * OPERATIONS
    assert set(reads) == {work.__name__ for work in WORKS}
    assert min(faults[kind] for kind in ("Planned", "swallowed", "rolled back to a savepoint")) > 20
    assert faults["OperationalError"] > 5, f"the storm reached nobody: {faults}"
    for client in furnished:
        with use_tenant(client):
            assert _strangers(client) == []


def test_the_judge_knows_a_foreign_row(furnished: tuple[ClientRef, ClientRef]) -> None:
    """Control: each kind of reading, done for the wrong client, is counted."""
    acme, globex = furnished
    for work in READS:
        tally = Tally()
        with use_tenant(globex):
            tally.see(work.__name__, acme.slug, work(random.Random(1), globex.slug))
        assert tally.foreign, work.__name__


def _strangers(client: ClientRef) -> list[str]:
    """Texts of the client's rows that speak of another."""
    names = [
        *StoreConnection.objects.values_list("name", flat=True),
        *Store.objects.values_list("name", flat=True),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(after ->> 'name', '') from ledger_auditentry where verb like 'connection.%%'"
        )
        names += [name for (name,) in cursor.fetchall() if name]
    assert len(names) > 2
    return [name for name in names if not name.startswith(client.slug)]


PLANS_OF_A_PERIOD = ("/plan/parallel", "/plan/sensitivity")
_ID = re.compile(r"<int:(\w+)>")


def _requests(foreign: dict[str, int]) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
    """Every method and path below /clients/acme/ that names an object, with the other client's ids in it."""
    for route in api_routes():
        if "<slug:client>" not in route.route or not _ID.search(route.route):
            continue
        last = "baselines" if "/baselines/" in route.route else route.route.rpartition("/")[2]
        path = _ID.sub(lambda match: str(foreign[match[1]]), route.route)
        path = _named(path)
        if path.endswith(PLANS_OF_A_PERIOD):
            path += "?period=2026-W32"
        # Where no body is at hand the form may be refused before the object is looked for.
        is_read = {"GET", "DELETE"}
        is_above = route.view.__module__.startswith(("pricing.", "alerts."))
        for method in route.view.capabilities:
            may_refuse = is_above and last not in BODIES and method not in is_read
            yield method, f"/{path}", BODIES.get(last, {}), may_refuse


@pytest.fixture
def foreign_ids(equal_keys: None, db: None, acme: ClientRef, globex: ClientRef) -> dict[str, int]:
    """Both clients furnished, globex with a second of everything: its ids are free at acme."""
    premises.furnish(acme)
    premises.furnish(globex, shops=2)
    tables = {
        "connection_id": "connectors_storeconnection",
        "store_id": "connectors_store",
        "run_id": "connectors_syncrun",
        "sheet_id": "fact_cost_sheet",
        "job_id": "ledger_job",
        "upload_id": "connectors_uploadedfile",
        "review_id": "kpis_review",
        "issue_id": "kpis_issue",
        "action_id": "kpis_action",
        "hand_off_id": "kpis_hand_off",
        "playbook_id": "kpis_playbook",
        "plan_id": "kpis_fallback_plan",
        "proposal_id": "kpis_plan_proposal",
        "trigger_id": "kpis_fallback_trigger",
        "statement_id": "kpis_incentive_statement",
        "appeal_id": "kpis_appeal",
    }
    found: dict[str, int] = {"number": 1, "evidence_id": 1}
    with use_tenant(globex), connection.cursor() as cursor:
        for name, table in tables.items():
            cursor.execute(f"select max(id) from {table}")
            found[name] = cursor.fetchone()[0]
        for name, model in TABLES_ABOVE.items():
            found[name] = any_row(model, globex.slug, **GIVEN.get(name, {})).pk
    found["member_id"] = make_member(globex, Role.OWNER)[1]
    found["key_id"] = make_key(globex).id
    return found


def test_no_route_reaches_an_object_of_another_client(
    foreign_ids: dict[str, int],
    acme: ClientRef,
    globex: ClientRef,
    as_role: Callable[..., ValidatingClient],
) -> None:
    """An owner of acme names globex's objects at every route: 404, as for what does not exist, and globex's
    tables, and the shared rows that are globex's, are untouched."""
    owner = as_role(Role.OWNER)
    before = _everything_of(globex)
    asked = 0
    for method, path, body, may_refuse in _requests(foreign_ids):
        headers = {} if method == "GET" else {"If-Match": "*"}
        sent = {} if method in ("GET", "DELETE") else {"data": body, "format": "json"}
        response = getattr(owner, method.lower())(path, headers=headers, **sent)
        if method == "GET" and response.status_code == 400:
            response = owner.get(path, _lacking(response))
        allowed = (404, 400, 422) if may_refuse else (404,)
        told = f"{method} {path}: {response.status_code} {response.content!r}"
        assert response.status_code in allowed, told
        assert globex.slug.encode() not in response.content
        asked += 1
    assert asked > 50
    assert _everything_of(globex) == before


def test_no_list_and_no_equal_key_shows_a_row_of_another_client(
    foreign_ids: dict[str, int],
    acme: ClientRef,
    globex: ClientRef,
    as_role: Callable[..., ValidatingClient],
) -> None:
    """Every readable route, with keys both clients have and filters naming globex's ids: no word of it."""
    owner = as_role(Role.OWNER)
    shown = 0
    for route in api_routes():
        if "<slug:client>" not in route.route or "GET" not in route.view.capabilities:
            continue
        path = "/" + _ID.sub("1", route.route).replace("<slug:client>", "acme")
        path = _named(path)
        for query in _queries(route.route, foreign_ids):
            response = owner.get(path, query)
            if response.status_code == 400:
                response = owner.get(path, {**query, **_lacking(response)})
            # Furnished with a week of orders alone, some moves cannot be split: 422, which must not name
            # anybody either.
            assert response.status_code in (200, 404, 422), f"{path} {query}: {response.content!r}"
            assert globex.slug.encode() not in response.content, f"{path} {query}"
            shown += acme.slug.encode() in response.content
    assert shown > 20


def _named(path: str) -> str:
    """A path with names in place of what is no id."""
    names = {"client": "acme", "key": "gross_margin_pct", "sku": "acme-sku-1", "tier": "hero"}
    names |= {"kind": "price_suggestion", "position": "finance", "dataset": "reviews"}
    return re.sub(r"<\w+:(\w+)>", lambda match: names.get(match[1], match[0]), path)


def _lacking(response: Any) -> dict[str, str]:
    """The parameters that a refused question lacked."""
    lacking = [each["parameter"] for each in response.json()["errors"]]
    return {name: ASKED.get(name, "2026-08-03") for name in lacking}


def _queries(route: str, foreign: dict[str, int]) -> list[dict[str, str]]:
    store = str(foreign["store_id"])
    if "/scorecards/" in route:
        asked = SCORECARDS[route.rpartition("/")[2]]
        return [asked, {**asked, "store": "1"}, {**asked, "store": store}]
    if route.endswith("/series"):
        days = {"from": "2026-08-03", "to": "2026-08-09"}
        return [days, {**days, "store": store}]
    if "/decompositions/" in route or route.endswith("/attributions"):
        asked = {"period": "2026-W32"}
        asked |= {"kpi": "gross_margin_pct"} if route.endswith(("/rate-mix", "/attributions")) else {}
        return [asked, {**asked, "store": store}]
    if route.endswith(PLANS_OF_A_PERIOD):
        return [{"period": "2026-W32"}]
    if route.endswith(("/breakdown", "/rows")):
        return [{"period": "2026-W32"}, {"period": "2026-W32", "store": store}]
    if route.endswith(("/landed-costs", "/evidence/sample")):
        asked = {"sku": "acme-sku-1"} if route.endswith("/landed-costs") else {"metric": "label_check_pass"}
        return [{**asked, "store": "1"}, {**asked, "store": store}]
    if route.endswith(("/order-lines", "/outbound-calls", "/cost-sheets/coverage")):
        return [{}, {"store": store}]
    return [{}]


def _everything_of(client: ClientRef) -> dict[str, str]:
    """A hash of each table of a client, and of its rows in the shared ones, read by the owner's alias."""
    found: dict[str, str] = {}
    with use_tenant(client), connection.cursor() as cursor:
        cursor.execute(
            "select tablename from pg_tables where schemaname = %s and tablename <> 'django_migrations'",
            [client.schema_name],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"select md5(coalesce(string_agg(t::text, e'\\n' order by t::text), '')) from \"{table}\" t"
            )
            found[table] = cursor.fetchone()[0]
    with use_public(), connection.cursor() as cursor:
        for table in ("tenants_membership", "tenants_apikey"):
            cursor.execute(
                f"select md5(coalesce(string_agg(t::text, e'\\n' order by t::text), '')) from {table} t"
                " where client_id = %s",
                [client.id],
            )
            found[table] = cursor.fetchone()[0]
    return found
