"""Keeps the schemas at the release's state: public by Django, clients by replaying SQL that was planned once.

The template schema is migrated by Django while every statement is recorded; the record is a `SchemaStep`.
A client's schema is brought up by replaying the steps it lacks, in one transaction, so it is fully old or
fully new. A release with nothing to do costs one query. Refused, because a recording cannot replay them:
RunPython in a client app (it would see the template's empty tables) and migrations that cannot run in a
transaction.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations import RunPython, SeparateDatabaseAndState
from psycopg import Connection, errors

from config.lib import clock
from config.lib.errors import AppError, gettext_noop
from tenants.db import roles
from tenants.db.base import DatabaseWrapper
from tenants.db.scope import PUBLIC_SCHEMA, scope_of
from tenants.models import SchemaStep, SchemaVersion

OWNER = "owner"
TEMPLATE = "t_template"
# Advisory lock: migrate holds it alone, provisioning shares it.
SCHEMA_LOCK = 0x5C4E_0001
BATCH = 25

# A part of the clients' digest: raise it when tenants.db.roles.client_limits_sql changes.
_LIMITS_VERSION = 1

_NOT_REPLAYED = re.compile(r"\s*(?:SELECT|SAVEPOINT|RELEASE|ROLLBACK|SHOW|SET search_path)\b", re.IGNORECASE)


class MigrationRefused(AppError):
    """A migration of a client app cannot be recorded and replayed."""

    code = "migration_refused"
    title = gettext_noop("The migration cannot be replayed over the clients")
    status = 500
    permanent = True
    default_remedy = gettext_noop("Write it as RunSQL over whole tables, inside a transaction.")


@dataclass(frozen=True, slots=True)
class Target:
    """The states that this release's code needs."""

    public: str
    clients: str


def owner() -> DatabaseWrapper:
    """The owner's connection."""
    wrapper = connections[OWNER]
    if not isinstance(wrapper, DatabaseWrapper):
        raise TypeError(f"DATABASES[{OWNER!r}] must use the engine tenants.db")
    return wrapper


def raw_owner() -> Connection[Any]:
    """The driver's connection beneath `owner()`."""
    wrapper = owner()
    wrapper.ensure_connection()
    raw: Connection[Any] = wrapper.connection
    return raw


def database_name() -> str:
    """The database's name, with which the names of its roles start."""
    name: str = owner().settings_dict["NAME"]
    return name


def login_role() -> str:
    """The role as which the application connects."""
    name: str = connections.settings["default"]["USER"]
    return name


@contextmanager
def owner_path(schema: str, *, include_public: bool = False) -> Iterator[DatabaseWrapper]:
    """Stand on one schema as the owner, then on public again."""
    wrapper = owner()
    wrapper.set_schema(schema, include_public=include_public)
    try:
        yield wrapper
    finally:
        wrapper.set_schema_to_public()


def client_apps() -> set[str]:
    """Labels of the apps whose tables every client has."""
    return {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}


def target() -> Target:
    """What the migrations on disk and the grants amount to."""
    nodes = sorted(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)
    grants = roles.public_grants_sql("", owner="", login="").as_string(None)
    labels = client_apps()
    return Target(
        public=_digest([*nodes, grants]),
        clients=_digest([_LIMITS_VERSION, *(node for node in nodes if node[0] in labels)]),
    )


def _digest(parts: Iterable[object]) -> str:
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()


def is_current(wanted: Target) -> bool:
    """Whether public, the template and every client are at `wanted`; one query."""
    try:
        with owner().cursor() as cursor:
            cursor.execute(
                "select count(*) filter (where client_id = 0 and digest = %(public)s) = 1"
                " and count(*) filter (where client_id <> 0 and digest <> %(clients)s) = 0"
                " and (select digest from tenants_schemastep order by id desc limit 1) = %(clients)s"
                " from tenants_schemaversion",
                {"public": wanted.public, "clients": wanted.clients},
            )
            return bool(cursor.fetchone()[0])
    except ProgrammingError as error:
        if isinstance(error.__cause__, errors.UndefinedTable):
            return False
        raise


@contextmanager
def exclusive() -> Iterator[None]:
    """Only one migration at a time, and none while a client is provisioned."""
    with owner().cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [SCHEMA_LOCK])
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [SCHEMA_LOCK])


def ensure_roles() -> None:
    """Create the cluster-wide roles where they are missing."""
    password = connections.settings["default"]["PASSWORD"]
    with transaction.atomic(using=OWNER):
        roles.ensure_roles(raw_owner(), database_name(), login_role(), password)


def finish_public(wanted: Target) -> None:
    """After Django has migrated public: grant what the roles may do there, and note the state."""
    with transaction.atomic(using=OWNER):
        raw = raw_owner()
        raw.execute(roles.public_grants_sql(database_name(), owner=raw.info.user, login=login_role()))
        note_version(0, wanted.public)


def note_version(client_id: int, digest: str) -> None:
    """Remember the state in which a schema is now (0: public)."""
    SchemaVersion.objects.using(OWNER).bulk_create(
        [SchemaVersion(client_id=client_id, digest=digest, changed_at=clock.now())],
        update_conflicts=True,
        unique_fields=["client_id"],
        update_fields=["digest", "changed_at"],
    )


def record_template(wanted: Target) -> int:
    """Migrate the template schema and keep what was executed; returns how many statements that were."""
    last = SchemaStep.objects.using(OWNER).order_by("id").last()
    if last is not None and last.digest == wanted.clients:
        return 0
    with transaction.atomic(using=OWNER):
        raw_owner().execute(f'CREATE SCHEMA IF NOT EXISTS "{TEMPLATE}"')
        with owner_path(TEMPLATE) as wrapper:
            statements = _migrate_recording(wrapper)
        SchemaStep.objects.using(OWNER).create(
            digest=wanted.clients, statements=statements, created_at=clock.now()
        )
    return len(statements)


def _migrate_recording(wrapper: DatabaseWrapper) -> list[str]:
    statements: list[str] = []

    def record(execute: Callable[..., Any], query: Any, params: Any, many: bool, context: Any) -> Any:
        result = execute(query, params, many, context)
        # Another cursor: composing a statement makes a cursor forget its result.
        text = str(query) if params is None else wrapper.create_cursor().mogrify(query, params)
        if not _NOT_REPLAYED.match(text):
            if many or TEMPLATE in text:
                raise MigrationRefused(f"this statement belongs to one schema only: {text[:200]}")
            statements.append(text.rstrip().rstrip(";"))
        return result

    with wrapper.execute_wrapper(record):
        executor = MigrationExecutor(wrapper)
        labels = client_apps()
        leaves = [node for node in executor.loader.graph.leaf_nodes() if node[0] in labels]
        plan = executor.migration_plan(leaves)
        for migration, _ in plan:
            _refuse_unreplayable(migration, labels)
        executor.migrate(leaves, plan=plan)
    return statements


def _refuse_unreplayable(migration: Migration, labels: set[str]) -> None:
    if migration.app_label not in labels:
        return
    if not migration.atomic:
        raise MigrationRefused(f"{migration} does not run in a transaction")
    operations = list(migration.operations)
    while operations:
        operation = operations.pop()
        if isinstance(operation, RunPython):
            raise MigrationRefused(f"{migration} runs Python")
        if isinstance(operation, SeparateDatabaseAndState):
            operations += operation.database_operations


def replay_sql(after: str | None) -> str:
    """The SQL that brings a schema from the state `after` (None: an empty schema) to the template's."""
    steps = list(SchemaStep.objects.using(OWNER).order_by("id"))
    if after is not None:
        known = [step.digest for step in steps]
        if after not in known:
            raise MigrationRefused(f"no client schema was ever in the state {after}")
        steps = steps[known.index(after) + 1 :]
    return ";\n".join(statement for step in steps for statement in step.statements)


def upgrade_clients(wanted: Target, *, batch: int = BATCH) -> Iterator[int]:
    """Bring clients that are behind up to `wanted`, `batch` schemas in a transaction; yields their number."""
    behind = SchemaVersion.objects.using(OWNER).exclude(client_id=0).exclude(digest=wanted.clients)
    rows = list(behind.order_by("client_id").values_list("client_id", "digest"))
    scripts: dict[str, str] = {}
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        with transaction.atomic(using=OWNER):
            for client_id, digest in part:
                if digest not in scripts:
                    scripts[digest] = replay_sql(digest)
                replay(client_id, scripts[digest])
                note_version(client_id, wanted.clients)
        yield len(part)


def replay(client_id: int, script: str) -> None:
    """Run a script in a client's schema, in the caller's transaction, and set the limits of its role anew."""
    schema = scope_of(client_id).schema
    raw = raw_owner()
    limits = roles.client_limits_sql(database_name(), client_id, schema).as_string(raw)
    path = f"set local search_path = {schema}, pg_temp"
    reset = f"set local search_path = {PUBLIC_SCHEMA}, pg_temp"
    raw.execute(";\n".join(part for part in (path, script, limits, reset) if part).encode())
    owner().forget_scope()
