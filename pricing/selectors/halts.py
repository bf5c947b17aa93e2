"""Whether pricing is halted, and which halts there were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from config.lib.errors import NotFound
from pricing.models import PriceHalt
from tenants.context import require_client

# First key of the two-part advisory lock: work that proposes or approves shares it, a halt takes it alone.
HALT_LOCK = 0x9A17
COLUMNS = (
    *("id", "scope", "store_id", "rule_set_id", "reason", "withdrawn", "version"),
    *("halted_at", "halted_by", "resumed_at", "resumed_by", "resume_reason"),
)


@dataclass(frozen=True, slots=True)
class HaltView:
    """A halt; `store_id` and `rule_set_id` are 0 where its `scope` (client, store, rule_set) is wider."""

    id: int
    scope: str
    store_id: int
    rule_set_id: int
    reason: str
    withdrawn: int
    version: int
    halted_at: datetime
    halted_by: str
    resumed_at: datetime | None
    resumed_by: str
    resume_reason: str


def find_halt(store_id: int, rule_set_id: int | None = None) -> HaltView | None:
    """Return the widest standing halt that covers a store (and, if given, a rule set).

    Inside a transaction the answer stays true until its end: a halt waits for it, and withdraws what it
    wrote. So ask once per short transaction, not once per run.
    """
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock_shared(%s, %s)", [HALT_LOCK, require_client().id])
    covers = Q(scope="client") | Q(scope="store", store_id=store_id)
    if rule_set_id is not None:
        covers |= Q(scope="rule_set", rule_set_id=rule_set_id)
    row = (
        PriceHalt.objects.filter(covers, resumed_at__isnull=True)
        .order_by("scope", "id")
        .values_list(*COLUMNS)
        .first()
    )
    return None if row is None else HaltView(*row)


def get_halt(halt_id: int) -> HaltView:
    """Return one halt; `NotFound`."""
    row = PriceHalt.objects.filter(pk=halt_id).values_list(*COLUMNS).first()
    if row is None:
        raise NotFound(f"There is no halt {halt_id}.")
    return HaltView(*row)


def halts_query(*, standing: bool | None = None) -> QuerySet[PriceHalt, dict[str, Any]]:
    """Return the halts as a query for a page; `standing` asks for those that are (not) in force."""
    rows: QuerySet[PriceHalt, dict[str, Any]] = PriceHalt.objects.values(*COLUMNS)
    if standing is not None:
        rows = rows.filter(resumed_at__isnull=standing)
    return rows
