"""How the product master is kept: what a client tells of its own articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.errors import FieldError, Invalid, PreconditionFailed
from connectors.models import Product
from connectors.platforms.csv_upload.datasets.master import CONDITIONS, PRODUCT_ROLES
from connectors.selectors.products import get_product
from tenants import audit

ATTRIBUTES = ("title", "family", "role", "size_class", "category", "brand", "jan", "condition")
_WORDS = {"role": PRODUCT_ROLES, "condition": CONDITIONS}


@dataclass(frozen=True, slots=True)
class ProductsResult:
    """What saving many products did."""

    inserted: int
    changed: int
    unchanged: int


def save_products(
    *, products: Sequence[Mapping[str, Any]], is_dry_run: bool = False, upload_id: int | None = None
) -> ProductsResult:
    """Save products by their SKU; attributes that are not given stay. `products` hold checked values."""
    with transaction.atomic():
        known = {
            row.sku: row
            for row in Product.objects.select_for_update().filter(sku__in=[each["sku"] for each in products])
        }
        now = clock.now()
        new, changed = [], []
        for values in products:
            given = {name: values[name] for name in ATTRIBUTES if values.get(name) is not None}
            row = known.get(values["sku"])
            if row is None:
                new.append(Product(sku=values["sku"], upload_id=upload_id, updated_at=now, **given))
            elif any(getattr(row, name) != value for name, value in given.items()):
                for name, value in given.items():
                    setattr(row, name, value)
                row.version, row.updated_at, row.upload_id = row.version + 1, now, upload_id
                changed.append(row)
        result = ProductsResult(len(new), len(changed), len(products) - len(new) - len(changed))
        if is_dry_run or not (new or changed):
            return result
        Product.objects.bulk_create(new)
        Product.objects.bulk_update(changed, [*ATTRIBUTES, "version", "updated_at", "upload_id"])
        audit.record(
            "product.saved",
            target=("upload", upload_id) if upload_id is not None else ("product", products[0]["sku"]),
            after={"inserted": result.inserted, "changed": result.changed},
        )
    return result


def set_product(*, sku: str, attributes: Mapping[str, str], version: int) -> Mapping[str, Any]:
    """Save one product; `version` is that of the present one, 0 for none, else `PreconditionFailed`.

    `Invalid` names a word that is none of an attribute's.
    """
    faults = [
        FieldError(f"/{name}", f"One of {', '.join(words)}, or empty.", "unknown")
        for name, words in _WORDS.items()
        if attributes.get(name, "") not in ("", *words)
    ]
    if not sku.strip() or len(sku) > 100 or not sku.isprintable():
        faults.append(FieldError("/sku", "A SKU has 1 to 100 printable characters.", "invalid"))
    if faults:
        raise Invalid(errors=faults)
    with transaction.atomic():
        row = Product.objects.select_for_update().filter(sku=sku).first()
        if (row.version if row else 0) != version:
            raise PreconditionFailed
        before = {name: getattr(row, name) for name in ATTRIBUTES} if row else None
        values = {**attributes, "version": version + 1, "updated_at": clock.now(), "upload_id": None}
        Product.objects.update_or_create(sku=sku, defaults=values)
        audit.record("product.saved", target=("product", sku), before=before, after=dict(attributes))
    return get_product(sku)
