"""How a client comes to be and how its particulars change."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext

from config.lib import clock
from config.lib.errors import Conflict, FieldError, PreconditionFailed, gettext_noop
from tenants import audit
from tenants.context import require_client, use_public
from tenants.models import Client, Membership
from tenants.selectors.access import client_ref
from tenants.selectors.clients import get_client
from tenants.services.jobs import start_job
from tenants.services.provisioning import next_client_id, schema_name
from tenants.types import ClientRef, ClientView, JobView, Role

PROVISION = "tenants.provision_client"

# The reporting currency is left out: the daily measures are kept in it from the first day on.
_CHANGEABLE = frozenset({"name", "time_zone", "locale", "week_start"})


class SlugTaken(Conflict):
    """Another client has this slug; slugs are never used twice."""

    code = "slug_taken"
    title = gettext_noop("This slug is taken")


def create_client(
    *,
    slug: str,
    name: str,
    reporting_currency: str = "USD",
    time_zone: str = "Asia/Shanghai",
    locale: str = "zh-Hans",
    week_start: int = 1,
    owner_id: int | None = None,
) -> tuple[ClientRef, JobView]:
    """Note a client to be made and start the job that makes its schema; call it in the public schema.

    The client is PREPARING, and closed to everybody, until that job succeeds. `owner_id` is the person of the
    staff who becomes its owner. Raises SlugTaken.
    """
    with transaction.atomic():
        client = _insert(
            slug=slug,
            name=name,
            reporting_currency=reporting_currency,
            time_zone=time_zone,
            locale=locale,
            week_start=week_start,
        )
        if owner_id is not None:
            Membership.objects.create(user_id=owner_id, client=client, role=Role.OWNER)
        job = start_job(PROVISION, key=str(client.pk), payload={"client_id": client.pk})
        audit.record(
            "client.created",
            target=("client", client.pk),
            after={"slug": slug, "name": name, "owner_id": owner_id, "job_id": job.id},
        )
    return client_ref(vars(client)), job


def update_client(*, version: int, changes: dict[str, Any]) -> ClientView:
    """Change particulars of the current client; `version` is the one the caller read.

    Only name, time_zone, locale and week_start can change. Raises PreconditionFailed if somebody was faster.
    """
    client = require_client()
    unknown = set(changes) - _CHANGEABLE
    if unknown:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    with transaction.atomic():
        with use_public():
            before = get_client(client.id)
            if not changes:
                return before
            changed = Client.objects.filter(pk=client.id, version=version).update(
                **changes, version=F("version") + 1, updated_at=clock.now()
            )
            if changed != 1:
                raise PreconditionFailed
            after = get_client(client.id)
        audit.record(
            "client.changed",
            target=("client", client.id),
            before={key: getattr(before, key) for key in changes},
            after={key: getattr(after, key) for key in changes},
        )
    return after


def _insert(**columns: Any) -> Client:
    client = Client(id=next_client_id(), **columns)
    client.schema_name = schema_name(client.pk)
    try:
        with transaction.atomic():
            client.save(force_insert=True)
    except IntegrityError as error:
        raise SlugTaken(
            gettext("There is a client {slug} already.").format(slug=columns["slug"]),
            errors=[FieldError("/slug", "This slug is taken.", "slug_taken")],
        ) from error
    return client
