"""The tables of the ledger."""

from tenants.ledger.models.audit import AuditAnchor, AuditEntry
from tenants.ledger.models.idempotency import IdempotencyRecord
from tenants.ledger.models.jobs import Job
from tenants.ledger.models.outbox import OutboxEvent

__all__ = ["AuditAnchor", "AuditEntry", "IdempotencyRecord", "Job", "OutboxEvent"]
