"""The product master of a client: which attributes each of its articles has."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from config.lib.errors import NotFound
from connectors.models import Product

PRODUCT_COLUMNS = (
    "id", "sku", "title", "family", "role", "size_class", "category", "brand", "jan", "condition", "version",
    "updated_at",
)  # fmt: skip


def products_query(**having: str | None) -> QuerySet[Any, Any]:
    """The products whose attributes are those given (None: any), for paging."""
    rows: QuerySet[Any, Any] = Product.objects.values(*PRODUCT_COLUMNS)
    return rows.filter(**{name: value for name, value in having.items() if value is not None})


def get_product(sku: str) -> dict[str, Any]:
    """One product; `NotFound` if the SKU is not in the master."""
    row = products_query(sku=sku).first()
    if row is None:
        raise NotFound(f"the product master has no SKU {sku!r}")
    return dict(row)


def attributes_of(skus: Collection[str]) -> dict[str, dict[str, Any]]:
    """The attributes of these SKUs, as far as the master has them, by SKU."""
    rows = Product.objects.filter(sku__in=list(skus)).values(*PRODUCT_COLUMNS)
    return {row["sku"]: dict(row) for row in rows}
