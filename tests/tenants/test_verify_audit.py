"""What `manage.py verify_audit` says when it cannot begin."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from tenants.types import ClientRef


def test_a_client_that_is_not_there_is_named(committed_db: None, acme: ClientRef) -> None:
    """An error message with the slug, no traceback."""
    with pytest.raises(CommandError, match="nobody"):
        call_command("verify_audit", client="nobody")
