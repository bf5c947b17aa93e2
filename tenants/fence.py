"""The row fence: what was loaded or built for one schema is refused in every other.

Without it, a row loaded for one client and saved while another is chosen is *inserted* there (Django's UPDATE
meets no row), and a queryset built for one is evaluated, silently, for the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models

from tenants.db.errors import TenantFenceError
from tenants.db.scope import active

__all__ = ["TenantFenceError", "TenantManager", "TenantModel", "TenantQuerySet"]

M = TypeVar("M", bound=models.Model)


def schema_of(alias: str | None) -> str | None:
    """The schema on which a statement sent through this database alias would run now."""
    if alias is None or alias == DEFAULT_DB_ALIAS:
        scope = active.get()
        return scope.schema if scope else None
    return getattr(connections[alias], "schema_name", None)


def _refuse(what: str, schema: str | None, now: str | None) -> None:
    raise TenantFenceError(
        f"{what} belongs to schema {schema}, but {now or 'nobody'} is chosen: "
        "pass ids from one client to another, never rows or querysets"
    )


def _check_row(row: object, now: str | None) -> None:
    state = getattr(row, "_state", None)
    schema = getattr(state, "schema", None)
    if schema is not None and schema != now:
        _refuse(f"a row of {type(row).__name__}", schema, now)


class TenantQuerySet(models.QuerySet[M]):
    """A queryset that is evaluated only in the schema for which it was built."""

    _db: str | None
    _hints: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fence = schema_of(self._db)
        instance = self._hints.get("instance") if self._hints else None
        if isinstance(instance, TenantModel):
            self._fence = getattr(instance._state, "schema", None) or self._fence

    def _check(self, alias: str | None) -> None:
        now = schema_of(alias)
        if self._fence is not None and self._fence != now:
            _refuse(f"a query on {self.model.__name__}", self._fence, now)

    @property
    def db(self) -> str:
        """The database a statement goes to; every evaluation asks for it, so this is the gate."""
        alias: str = super().db
        self._check(alias)
        return alias

    def using(self, alias: str | None) -> TenantQuerySet[M]:
        """The same query on another database alias, fenced to where that alias stands."""
        clone = super().using(alias)
        clone._fence = schema_of(alias)
        return clone

    def _clone(self) -> TenantQuerySet[M]:
        clone: TenantQuerySet[M] = super()._clone()  # type: ignore[misc]
        clone._fence = self._fence
        return clone

    def _fetch_all(self) -> None:
        self._check(self._db)
        super()._fetch_all()

    def _add_hints(self, **hints: Any) -> None:
        _check_row(hints.get("instance"), self._fence)
        super()._add_hints(**hints)  # type: ignore[misc]

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        """Become a subquery of another query; refused across schemas."""
        self._check(self._db)
        return super().resolve_expression(*args, **kwargs)

    def iterator(self, chunk_size: int | None = None) -> Iterator[M]:
        """Rows in chunks; going on after the client was switched is refused."""
        for row in super().iterator(chunk_size):
            self._check(self._db)
            yield row

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """Insert many rows, all of them made in this schema."""
        rows = list(objs)
        now = schema_of(self._db)
        for row in rows:
            _check_row(row, now)
        created = super().bulk_create(rows, *args, **kwargs)
        for row in rows:
            row._state.schema = now  # type: ignore[attr-defined]
        return created

    def bulk_update(self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Update many rows, all of them loaded from this schema."""
        rows = list(objs)
        now = schema_of(self._db)
        for row in rows:
            _check_row(row, now)
        return super().bulk_update(rows, fields, batch_size)


class TenantManager(models.Manager[M]):
    """The default manager of fenced models."""

    def get_queryset(self) -> TenantQuerySet[M]:
        """A queryset fenced to where it is built."""
        return TenantQuerySet(model=self.model, using=self._db, hints=self._hints)  # type: ignore[attr-defined]


class TenantModel(models.Model):
    """Base of every model that lives in client schemas: a row knows the schema it came from."""

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = active.get()
        self._state.schema = scope.schema if scope else None  # type: ignore[attr-defined]

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any
    ) -> Any:
        """Make a row of what was read, and remember where it was read."""
        row = super().from_db(db, field_names, values, **kwargs)
        if db != DEFAULT_DB_ALIAS:
            row._state.schema = schema_of(db)  # type: ignore[attr-defined]
        return row

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """Write, unless the row or a row it refers to is another schema's."""
        now = schema_of(kwargs.get("using") or self._state.db)
        _check_row(self, now)
        for field in self._meta.concrete_fields:
            if field.is_relation and field.is_cached(self):  # type: ignore[attr-defined]
                _check_row(field.get_cached_value(self), now)  # type: ignore[attr-defined]
        super().save_base(*args, **kwargs)
        self._state.schema = now  # type: ignore[attr-defined]

    def delete(self, using: Any = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Delete, unless the row is another schema's."""
        _check_row(self, schema_of(using or self._state.db))
        return super().delete(using=using, keep_parents=keep_parents)

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Any] | None = None,
    ) -> None:
        """Read again (or read a deferred column), unless the row is another schema's."""
        _check_row(self, schema_of(using or self._state.db))
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)
