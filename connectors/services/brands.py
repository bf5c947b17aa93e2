"""Saying which brand a store belongs to."""

from __future__ import annotations

from django.db import transaction

from config.lib.errors import NotFound
from connectors.models import Store
from tenants import audit


def set_brand(*, store_id: int, brand: str) -> str:
    """Put a store to a brand ("": to none) and return it; `NotFound` for an unknown store."""
    with transaction.atomic():
        store = Store.objects.select_for_update().filter(pk=store_id).first()
        if store is None:
            raise NotFound(f"there is no store {store_id}")
        before, store.brand = store.brand, brand.strip()
        if before != store.brand:
            store.save(update_fields=["brand"])
            audit.record(
                "store.brand_set",
                target=("store", store_id),
                before={"brand": before},
                after={"brand": store.brand},
            )
    return store.brand
