"""Which tables belong into which schema: SHARED_APPS into public, TENANT_APPS into every client's."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import Model
from django_tenants.routers import TenantSyncRouter

from tenants.db.base import DatabaseWrapper
from tenants.db.errors import TenantFenceError
from tenants.db.scope import PUBLIC_SCHEMA


class SchemaRouter(TenantSyncRouter):  # type: ignore[misc]
    """Lets the owner alone migrate, and refuses relations between rows of two schemas."""

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool | None:
        """Whether this app has tables in the schema on which the owner's connection stands."""
        connection = connections[db]
        if not isinstance(connection, DatabaseWrapper) or connection.has_tenant_roles:
            return False
        is_public = connection.schema_name == PUBLIC_SCHEMA
        apps = settings.SHARED_APPS if is_public else settings.TENANT_APPS
        return None if self.app_in_list(app_label, apps) else False

    def allow_relation(self, obj1: Model, obj2: Model, **hints: Any) -> bool | None:
        """Refuse to tie a row of one schema to a row of another."""
        first = getattr(obj1._state, "schema", None)
        second = getattr(obj2._state, "schema", None)
        if first and second and first != second:
            raise TenantFenceError(f"a row of {first} cannot refer to a row of {second}")
        return None
