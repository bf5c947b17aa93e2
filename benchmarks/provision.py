"""P8: how fast a client's schema comes to be, beside the bare SQL, django-tenants' ways, and many clients.

Three gates on schemas of sixty tables. `P8`: provisioning (role, grants, data key and audit entry included)
against replaying the template's SQL alone; the control is django-tenants' migrate. `P8.migrate`: the same
migrate against provisioning; the control is django-tenants' own fast path, clone_schema. `P8.flat`:
provisioning in a database of many clients against one of few; the control adds a look at every column of the
database, as introspection that forgets the schema takes. First of all a provisioned schema must be equal to
a migrated one.
"""

from __future__ import annotations

import itertools
import time
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from django.test import override_settings
from django_tenants.clone import CLONE_SCHEMA_FUNCTION
from django_tenants.migration_executors.base import run_migrations

from benchmarks import database, measure
from tenants.db.base import DatabaseWrapper
from tenants.services import provisioning, schema

TABLES = 60
FEW = 10
MOST = 400
FILL_SECONDS = 20.0
REPEATS = 15
RACE_REPEATS = 31
SLOW_REPEATS = 11
PADDING = "benchmarks.padding"

_numbers = itertools.count(1)
# What makes two schemas the same: relations, columns, constraints, indexes, sequences, and which migrations
# of the clients' apps are noted (django-tenants also notes those of shared apps, which make nothing here).
# Names are written as seen from inside the schema, so that they do not hold its own.
_SHAPE = (
    "select relname, relkind::text, relpersistence::text from pg_class"
    " where relnamespace = %(schema)s::regnamespace",
    "select attrelid::regclass::text, attnum, attname, format_type(atttypid, atttypmod), attnotnull,"
    " attidentity::text, coalesce(pg_get_expr(adbin, adrelid), '')"
    " from pg_attribute join pg_class c on c.oid = attrelid"
    " left join pg_attrdef on adrelid = attrelid and adnum = attnum"
    " where relnamespace = %(schema)s::regnamespace and attnum > 0",
    "select conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferrable, condeferred"
    " from pg_constraint where connamespace = %(schema)s::regnamespace",
    "select indexname, replace(indexdef, %(schema)s || '.', '')"
    " from pg_indexes where schemaname = %(schema)s",
    "select sequencename, data_type::text, start_value, increment_by, cycle from pg_sequences"
    " where schemaname = %(schema)s",
    "select app, name from django_migrations where app = any(%(apps)s)",
)


def main() -> None:
    """Check that the schemas are equal, then measure the three gates."""
    padded = {
        "INSTALLED_APPS": [*settings.INSTALLED_APPS, PADDING],
        "TENANT_APPS": [*settings.TENANT_APPS, PADDING],
    }
    with override_settings(**padded), database.throwaway() as name, database.as_owner(name) as raw:
        differences = _differences(raw)
        _race(raw, differences)
        _flatness(name)


# Equality


def _differences(raw: psycopg.Connection) -> dict[str, int]:
    """How many rows of the catalogue differ: provisioned and migrated; and with an index dropped."""
    client = database.make_client(f"shape-{next(_numbers)}")
    migrated = _migrate()
    provisioned, expected = _shape(raw, client.schema_name), _shape(raw, migrated)
    tables = sum(1 for row in expected if row[0] == 0 and row[2] == "r")
    if tables < TABLES:
        raise AssertionError(f"a client's schema has {tables} tables: raise the padding's number")
    raw.execute(f'drop index "{migrated}".order_line_business'.encode())
    return {
        "tables": tables,
        "rows": len(expected),
        "differences": len(provisioned ^ expected),
        "control_differences": len(provisioned ^ _shape(raw, migrated)),
    }


def _shape(raw: psycopg.Connection, name: str) -> set[tuple[Any, ...]]:
    known = {"schema": name, "apps": list(schema.client_apps())}
    raw.execute(f'set search_path = "{name}"'.encode())
    found = {
        (kind, *row)
        for kind, query in enumerate(_SHAPE)
        for row in raw.execute(query.encode(), known).fetchall()
    }
    raw.execute(b"reset search_path")
    return found


# The arms


def _migrate() -> str:
    """A schema made as django-tenants makes one: created, then migrated by Django."""
    name = f"migrated_{next(_numbers)}"
    owner = schema.owner()
    owner.set_schema_to_public()
    with owner.cursor() as cursor:
        cursor.execute(f'create schema "{name}"')
    options = {
        **dict.fromkeys(("app_label", "migration_name")),
        **dict.fromkeys(("interactive", "fake", "fake_initial", "plan", "run_syncdb", "prune"), False),
        **dict.fromkeys(("check_unapplied", "traceback", "force_color", "no_color"), False),
        "database": schema.OWNER,
        "skip_checks": True,
        "verbosity": 0,
    }
    # Its signals tell of each app's migration; nobody listens, as in the product.
    run_migrations([], options, "standard", name)
    return name


def _race(raw: psycopg.Connection, equality: dict[str, int]) -> None:
    schema.owner().set_schema_to_public()
    script = schema.replay_sql(None)
    raw.execute(CLONE_SCHEMA_FUNCTION.format(db_user=raw.info.user).encode())
    prepared: list[int] = []

    def before(arm: str) -> None:
        if arm == "provision":
            prepared.append(database.prepare_client(f"race-{next(_numbers)}").id)

    def provision() -> None:
        provisioning.provision(prepared.pop())

    def replay() -> None:
        name = f"raw_{next(_numbers)}"
        with raw.transaction():
            raw.execute(f"create schema {name}; set local search_path = {name};\n{script}".encode())

    def clone() -> None:
        name = f"cloned_{next(_numbers)}"
        raw.execute("select clone_schema(%s, %s, 'NODATA')", [schema.TEMPLATE, name])

    quick = measure.interleave(
        {"provision": provision, "replay": replay}, repeats=RACE_REPEATS, before=before
    )
    slow = measure.interleave(
        {"provision": provision, "migrate": _migrate, "clone": clone}, repeats=SLOW_REPEATS, before=before
    )
    arms = {name: timing.summary() for name, timing in {**slow, **quick}.items()}
    equal = equality["differences"] == 0 < equality["control_differences"]
    migrate_to_replay = slow["migrate"].median / quick["replay"].median
    measure.report(
        "P8",
        ratio=quick["provision"].median / quick["replay"].median,
        goal=1.3,
        at="most",
        n=RACE_REPEATS,
        control_fails=equal and migrate_to_replay > 1.3,
        detail={
            "what": "provisioning / the template's SQL alone",
            "interval": measure.ratio_interval(quick["provision"].seconds, quick["replay"].seconds),
            "control": {"migrate / replay": round(migrate_to_replay, 2)},
            "schema": equality,
            "arms": arms,
        },
    )
    migrate_to_clone = slow["migrate"].median / slow["clone"].median
    measure.report(
        "P8.migrate",
        ratio=slow["migrate"].median / slow["provision"].median,
        goal=5.0,
        at="least",
        n=SLOW_REPEATS,
        control_fails=equal and migrate_to_clone < 5.0,
        detail={
            "what": "django-tenants' migrate of one schema / provisioning",
            "interval": measure.ratio_interval(slow["migrate"].seconds, slow["provision"].seconds),
            "control": {"migrate / django-tenants' clone_schema": round(migrate_to_clone, 2)},
            "arms": arms,
        },
    )


# Flatness


def _flatness(name: str) -> None:
    """Provision in turn where many clients are and where few are, each on one lasting connection."""
    many = _Place(name, clients=MOST + REPEATS + 1)
    many.fill(MOST, seconds=FILL_SECONDS)
    with database.another() as second:
        few = _Place(second, clients=FEW + REPEATS + 1)
        few.fill(FEW, seconds=FILL_SECONDS)
        first = {"few": few.schemas(), "many": many.schemas()}
        timings = measure.interleave(
            {"few": few.work, "many": many.work, "few: scan": few.scan, "many: scan": many.scan},
            repeats=REPEATS,
        )
        last = {"few": few.schemas(), "many": many.schemas()}
        few.leave()
        many.leave()
    middle = {arm: timing.median for arm, timing in timings.items()}
    control = (middle["many"] + middle["many: scan"]) / (middle["few"] + middle["few: scan"])
    measure.report(
        "P8.flat",
        ratio=middle["many"] / middle["few"],
        goal=1.2,
        at="most",
        n=REPEATS,
        control_fails=control > 1.2,
        detail={
            "what": "provisioning where many clients are / where few are",
            "schemas": {place: [first[place], last[place]] for place in first},
            "interval": measure.ratio_interval(timings["many"].seconds, timings["few"].seconds),
            "control": {"with a look at every column of the database": round(control, 2)},
            "arms": {arm: timing.summary() for arm, timing in timings.items()},
        },
    )


class _Place:
    """One database with clients that wait to be provisioned, and the owner's connection to it."""

    def __init__(self, name: str, *, clients: int) -> None:
        self._waiting = [database.prepare_client(f"client-{next(_numbers)}").id for _ in range(clients)]
        self._waiting.reverse()
        self._owner = DatabaseWrapper({**connections.settings[schema.OWNER], "NAME": name}, schema.OWNER)
        self._owner.set_schema_to_public()

    def work(self) -> None:
        """Provision the next client, with this place's connection as the product's owner connection."""
        former = connections[schema.OWNER]
        connections[schema.OWNER] = self._owner
        try:
            provisioning.provision(self._waiting.pop())
        finally:
            connections[schema.OWNER] = former

    def fill(self, number: int, *, seconds: float) -> None:
        """Provision so many clients, or as many as the time allows."""
        end = time.monotonic() + seconds
        for _ in range(number):
            self.work()
            if time.monotonic() > end:
                return

    def schemas(self) -> int:
        """How many schemas have the tables of a client."""
        with self._owner.cursor() as cursor:
            cursor.execute("select count(*) from pg_tables where tablename = 'fact_order_line'")
            return int(cursor.fetchone()[0])

    def scan(self) -> None:
        """Look at every column of every table there is."""
        with self._owner.cursor() as cursor:
            cursor.execute("select count(*) from information_schema.columns")

    def leave(self) -> None:
        """Close the connection, so that the database can be dropped."""
        self._owner.close()


if __name__ == "__main__":
    main()
