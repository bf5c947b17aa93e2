"""Makes a client's schema, role and key: one transaction on the owner's connection, all of it or nothing."""

from __future__ import annotations

from django.db import connections, transaction

from config.lib import clock
from config.lib.errors import Conflict, NotFound
from tenants import audit, crypto
from tenants.context import current_actor
from tenants.db import roles
from tenants.db.scope import scope_of
from tenants.models import Client, SchemaStep
from tenants.services import schema
from tenants.types import ClientState


def next_client_id() -> int:
    """Draw the id of a client to be created (in public), so that its row can name its schema at once."""
    with connections["default"].cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('tenants_client', 'id'))")
        return int(cursor.fetchone()[0])


def schema_name(client_id: int) -> str:
    """The name of a client's schema."""
    return scope_of(client_id).schema


def provision(client_id: int) -> None:
    """Bring a client that is PREPARING into being and make it ACTIVE; harmless to repeat.

    Replays the template's SQL into a new schema of a new role, gives the client its data key and opens its
    ledger. A crash at any point leaves the client PREPARING and nothing else.
    """
    with transaction.atomic(using=schema.OWNER):
        raw = schema.raw_owner()
        raw.execute("select pg_advisory_xact_lock_shared(%s)", [schema.SCHEMA_LOCK])
        client = Client.objects.using(schema.OWNER).select_for_update().filter(id=client_id).first()
        if client is None:
            raise NotFound(f"there is no client {client_id}")
        if client.state != ClientState.PREPARING:
            return
        step = SchemaStep.objects.using(schema.OWNER).order_by("id").last()
        if step is None:
            raise Conflict("the template is not there yet", remedy="Run `manage.py migrate` first.")
        name = schema_name(client_id)
        role = roles.client_role_sql(raw, schema.database_name(), schema.login_role(), client_id, name)
        raw.execute(role)
        schema.replay(client_id, schema.replay_sql(None))
        schema.note_version(client_id, step.digest)
        crypto.create_client_key(client_id)
        Client.objects.using(schema.OWNER).filter(id=client_id).update(
            schema_name=name, state=ClientState.ACTIVE, updated_at=clock.now()
        )
        with schema.owner_path(name), connections[schema.OWNER].cursor() as cursor:
            audit.append(
                cursor,
                client_id,
                "client.provisioned",
                actor=current_actor(),
                target=("client", client_id),
                after={"slug": client.slug, "name": client.name},
            )
