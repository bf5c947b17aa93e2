"""How the clients are doing, for monitoring. Reads public tables, by one query for all clients."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from tenants.context import use_public
from tenants.types import ClientState, ClientVitalsView

#: The provider's own ledger, among clients: no slug begins like this.
PROVIDER = "_provider"

_LIST = """
select case when v.client_id = 0 then %s else c.slug end, v.jobs, v.oldest_due_at, v.streams, v.oldest_as_of,
       v.stale_at, v.measured_at
from tenants_clientvitals v left join tenants_client c on c.id = v.client_id
where v.client_id = 0 or c.state = %s
order by v.client_id
"""


def list_vitals() -> list[ClientVitalsView]:
    """What was last measured at the provider and at every active client."""
    with use_public(), connection.cursor() as cursor:
        cursor.execute(_LIST, [PROVIDER, ClientState.ACTIVE])
        return [_view(*row) for row in cursor.fetchall()]


def _view(client: str, jobs: Any, oldest_due_at: Any, streams: Any, *instants: Any) -> ClientVitalsView:
    return ClientVitalsView(client, _counts(jobs), oldest_due_at, _counts(streams), *instants)


def _counts(value: Any) -> dict[str, int]:
    loaded: dict[str, int] = json.loads(value) if isinstance(value, str) else value
    return loaded
