"""What a store has to work with, and how it fulfils."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connectors.types import StoreRef
from kpis.engine.plan_rules import Resources, Support
from kpis.models.resources import StoreResources

# How stores of a platform usually fulfil, until their resources are recorded.
_USUAL_MODELS = {"amazon_sp": "fba", "shopify": "dtc"}
_OTHERS = "overseas_wh"


@dataclass(frozen=True, slots=True)
class ResourcesView:
    """A version of a store's resources."""

    store_id: int
    version: int
    resources: Resources
    note: str
    recorded_at: datetime
    recorded_by: str


def find_resources(store_id: int) -> ResourcesView | None:
    """Return what was recorded last; None where nothing was."""
    row = StoreResources.objects.filter(store_id=store_id).order_by("-version").first()
    if row is None:
        return None
    support = tuple(
        Support(each["language"], Decimal(each["hours_per_week"]), each["agents"]) for each in row.support
    )
    resources = Resources(row.model, frozenset(row.warehouses), support, row.ad_budget_per_month)
    return ResourcesView(row.store_id, row.version, resources, row.note, row.recorded_at, row.recorded_by)


def model_of(store: StoreRef) -> str:
    """Return how a store fulfils: as recorded, else as is usual on its platform."""
    found = find_resources(store.id)
    return found.resources.model if found else _USUAL_MODELS.get(store.platform, _OTHERS)
