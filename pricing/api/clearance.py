"""Old stock over HTTP: which listings, which step, what every way out brings, and suggesting the steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.query import QuerySerializer
from connectors.selectors.stores import get_store
from pricing.api.boundary import bounded
from pricing.api.clearance_forms import (
    ClearanceInput,
    ClearanceListSerializer,
    ClearanceProposalSerializer,
    StatedCharges,
)
from pricing.api.price_facts import money_body
from pricing.engine.clearance import Charges, WayResult
from pricing.selectors.clearance import ClearanceCase, aged_fees, list_clearance
from pricing.services.clearance import propose_clearance
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: clearance"]


def charges_of(asked: Mapping[str, Any], market: str) -> Charges:
    """What was stated; what was not stays unknown."""
    return Charges(
        storage=asked.get("storage_monthly"),
        aged=aged_fees(market, asked.get("aged_monthly")),
        removal=asked.get("removal"),
        disposal=asked.get("disposal"),
        liquidation=asked.get("liquidation"),
        yearly_rate=asked.get("yearly_rate", Decimal(0)),
    )


def case_body(case: ClearanceCase) -> dict[str, Any]:
    """A listing with old stock as it is shown."""
    context, currency = case.context, case.context.currency
    cut = case.band.cut if case.band else None
    return {
        "sku": context.sku,
        "title": context.title,
        "tier": context.tier.value,
        "age_days": case.age_days,
        "units": case.units,
        "price": money_body(context.price, currency),
        "regular_price": money_body(case.regular_price, currency),
        "cut": None if cut is None else str(cut),
        "step": "none" if case.band is None else "remove" if cut is None else "cut",
        "step_price": money_body(case.price, currency),
        "floor": money_body(case.floor, currency),
        "is_on_step": case.is_on_step,
        "is_below_cost": case.is_below_cost,
        "cash_freed": money_body(case.cash_freed, currency),
        "ways": [_way_body(way, currency) for way in case.ways],
        "missing": list(case.missing),
    }


def _way_body(way: WayResult, currency: str) -> dict[str, Any]:
    return {
        "way": way.way.value,
        "value": money_body(way.value, currency),
        "cash": money_body(way.cash, currency),
        "fees": money_body(way.fees, currency),
        "sold": None if way.sold is None else str(way.sold),
        "left": None if way.left is None else str(way.left),
        "days": way.days,
        "break_even_day": way.break_even_day,
        "missing": list(way.missing),
    }


class ClearanceView(TenantView):
    """Old stock of a store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": StatedCharges}
    looks = "clearance"

    @extend_schema(operation_id="list_clearance", responses=ClearanceListSerializer, tags=TAGS)
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """Show which listings hold units older than 90 days, and compare ladder, holding, removal and sale.

        Steps: from day 91 on −5 %, 121 −10 %, 151 −20 %, 181 −35 %, from 271 on removal. What keeping and
        removal cost has to be stated; what is not is named in `missing` and never taken for nothing.
        """
        store = get_store(store_id)
        cases = list_clearance(store_id=store_id, charges=charges_of(self.query, store.market))
        body = {
            "store_id": store_id,
            "currency": store.currency,
            "data": [case_body(case) for case in cases],
        }
        return self.ok(bounded(body))


class ClearanceProposalView(TenantView):
    """Suggesting the steps."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_CLEAR}

    @extend_schema(
        operation_id="propose_clearance",
        request=ClearanceInput,
        responses=ClearanceProposalSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, store_id: int) -> Response:
        """Suggest the price of each listing's step; below cost only for the clearance tier.

        Locked listings, stale or missing inputs and prices at their step are told and left alone.
        """
        store = get_store(store_id)
        asked = self.body(ClearanceInput)
        results = propose_clearance(
            store_id=store_id, charges=charges_of(asked, store.market), skus=asked["skus"] or None
        )
        return self.ok(bounded({"store_id": store_id, "data": [asdict(result) for result in results]}))
