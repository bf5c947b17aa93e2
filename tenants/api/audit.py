"""What happened at a client, who did it, and who looked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from tenants.api.queries import AuditQuery
from tenants.api.serializers import AuditEntrySerializer
from tenants.http import TenantView
from tenants.permissions import Capability
from tenants.selectors.ledger import audit_rows


class AuditView(TenantView):
    """The client's audit."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.AUDIT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": AuditQuery.of(AuditEntrySerializer)}
    looks = "audit"

    @extend_schema(operation_id="list_audit_entries", responses=page_of(AuditEntrySerializer), tags=["audit"])
    def get(self, request: Request, client: str) -> Response:
        """List the entries of the client's audit, the newest first."""
        rows = audit_rows(
            actor=self.query.get("actor"),
            verb=self.query.get("verb", ""),
            target=self.query.get("target"),
            since=self.query.get("from"),
            until=self.query.get("to"),
        )
        return self.page(rows, ordering=("-seq",), shape=_entry)


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "entry_hash": bytes(row["entry_hash"]).hex()}
