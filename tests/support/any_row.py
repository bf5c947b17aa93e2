"""A row of any table with something in every field: for proofs that do not care what stands in it."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

AT = datetime(2026, 8, 3, 12, tzinfo=UTC)
_PLAIN: dict[type[models.Field[Any, Any]], Any] = {
    models.BooleanField: False,
    models.DateTimeField: AT,
    models.DateField: date(2026, 8, 3),
    models.DecimalField: Decimal(1),
    models.JSONField: {},
    models.BinaryField: b"x",
    models.UUIDField: uuid.UUID(int=1),
    models.IntegerField: 1,
}


def any_row(model: type[models.Model], word: str, **given: Any) -> models.Model:
    """Store a row: its texts are `word`, cut to fit, with the rows it refers to and what is `given`."""
    values: dict[str, Any] = dict(given)
    for field in model._meta.concrete_fields:
        if field.name in given or field.primary_key or field.null or field.has_default():
            continue
        if isinstance(field, models.ForeignKey):
            values[field.name] = any_row(field.related_model, word)
        else:
            values[field.name] = _value(field, word)
    row = model(**values)
    model._base_manager.bulk_create([row])
    return row


def _value(field: models.Field[Any, Any], word: str) -> Any:
    if isinstance(field, models.CharField | models.TextField):
        return word[: field.max_length] if field.max_length else word
    for kind, value in _PLAIN.items():
        if isinstance(field, kind):
            return value
    raise TypeError(f"no value is known for {field}")
