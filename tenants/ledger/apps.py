"""The ledger app: in the public schema and in every client's, so that a client's ledger leaves with it."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Audit, outbox, jobs and idempotency records."""

    name = "tenants.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
