"""A dashboard reads one moment; with a transaction of its own, so without rows that tests share."""

from __future__ import annotations

import pytest
from django.db import connection

from kpis.selectors import dashboard
from tenants.context import use_tenant
from tenants.types import ClientRef


@pytest.mark.django_db(transaction=True)
def test_all_widgets_are_of_one_snapshot(acme: ClientRef) -> None:
    """Outside a transaction of the caller's the reading is repeatable and cannot write."""
    with use_tenant(acme), dashboard.one_snapshot(), connection.cursor() as cursor:
        cursor.execute("select current_setting('transaction_isolation'), current_schema")
        assert cursor.fetchone() == ("repeatable read", acme.schema_name)
        cursor.execute("select current_setting('transaction_read_only')")
        assert cursor.fetchone() == ("on",)
