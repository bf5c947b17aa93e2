"""Lots, costing rules, previews and the full cost of a unit, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.pagination import Keyset
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.money import Money
from connectors.api import costing_forms as f
from connectors.selectors.cost_scores import WEIGHTS, list_cost_scores
from connectors.selectors.costing import find_rule, get_rule, list_rules, lot_views, lots_query
from connectors.selectors.landed_costs import get_landed_cost
from connectors.selectors.stores import get_store, list_stores
from connectors.services.cost_impact import preview_cost_change
from connectors.services.costing import record_cost_lots, set_costing_rule
from connectors.services.costs import record_cost_sheets, refuse_faults
from connectors.values import CostingRuleView, CostLotInput, CostLotView, CostSheetInput
from tenants.http import TenantView
from tenants.permissions import Capability

_LOT = {
    "lot_key": "PO-2026-118",
    "sku": "BOTTLE-750",
    "received_on": "2026-10-04",
    "quantity": 1200,
    "lines": {"purchase": {"amount": "17.90", "currency": "CNY"}},
}


class CostLotsView(TenantView):
    """The lots of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.COST_READ,
        "POST": Capability.COST_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": f.CostLotQuery.of(f.CostLotSerializer)}
    looks = "cost_lots"

    @extend_schema(operation_id="list_cost_lots", responses=page_of(f.CostLotSerializer), tags=["costs"])
    def get(self, request: Request, client: str) -> Response:
        """List lots, the latest recorded first."""
        rows = lots_query(sku=self.query.get("sku"), market=self.query.get("market"))

        def fetch(keyset: Keyset, limit: int) -> Sequence[Mapping[str, Any]]:
            found = rows.filter(keyset.condition()).order_by(*keyset.order_by)[:limit]
            return [_lot(view) for view in lot_views(found)]

        return self.page(fetch, ordering=("-id",))

    @extend_schema(
        operation_id="record_cost_lots",
        request=f.CostLotsForm,
        responses=f.CostLotListSerializer,
        examples=[OpenApiExample("One lot", value={"lots": [_LOT]}, request_only=True)],
        tags=["costs"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Record up to a thousand lots, all or none; a known key corrects its lot.

        SKUs that are costed by FIFO or average get new sheets where their cost moves.
        """
        lots = [_lot_input(values) for values in self.body(f.CostLotsForm)["lots"]]
        return self.ok({"data": [_lot(view) for view in record_cost_lots(lots=lots)]})


class CostingRulesView(TenantView):
    """How units are costed."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.COST_READ,
        "PUT": Capability.COST_WRITE,
    }

    @extend_schema(operation_id="list_costing_rules", responses=f.CostingRuleListSerializer, tags=["costs"])
    def get(self, request: Request, client: str) -> Response:
        """List the costing rules; the list is short and not paged."""
        return self.ok({"data": [_rule(view) for view in list_rules()]})

    @extend_schema(
        operation_id="set_costing_rule",
        request=f.CostingRuleForm,
        responses=f.CostingRuleSerializer,
        examples=[
            OpenApiExample(
                "FIFO for all", value={"method": "fifo", "effective_on": "2026-01-01"}, request_only=True
            )
        ],
        tags=["costs"],
    )
    def put(self, request: Request, client: str) -> Response:
        """Set the method for a SKU and market; If-Match carries the present rule's ETag, "0" for none."""
        values = self.body(f.CostingRuleForm)
        present = find_rule(values["sku"], values["market"])
        version = present.version if present else 0
        require_if_match(request, version)
        set_costing_rule(**values, version=version)
        view = get_rule(values["sku"], values["market"])
        return self.ok(_rule(view), etag=etag_of(view.version))


class CostPreviewView(TenantView):
    """What a change of costs would do."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.COST_READ}
    idempotent_methods: ClassVar[frozenset[str]] = frozenset()

    @extend_schema(
        operation_id="preview_cost_change",
        request=f.CostPreviewForm,
        responses=f.CostPreviewSerializer,
        examples=[OpenApiExample("A corrected lot", value={"lots": [_LOT]}, request_only=True)],
        tags=["costs"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Show per store what the units sold would cost after a change; nothing is recorded."""
        values = self.body(f.CostPreviewForm)
        sheets = [CostSheetInput(**sheet) for sheet in values["sheets"]]
        lots = [_lot_input(lot) for lot in values["lots"]]

        def change() -> None:
            refuse_faults(record_cost_sheets(sheets=sheets, is_atomic=True))
            if lots:
                record_cost_lots(lots=lots)

        skus = {sheet.sku for sheet in sheets} | {lot.sku for lot in lots}
        found = preview_cost_change(skus=skus, change=change)
        return self.ok(
            {
                "data": [
                    {
                        "store": each.store_id,
                        "first_on": each.first_on,
                        "last_on": each.last_on,
                        "days": each.days,
                        "units": each.units,
                        "uncosted": each.uncosted,
                        **{
                            name: Money(getattr(each, name), each.currency).to_json()
                            for name in ("before", "after", "delta")
                        },
                    }
                    for each in found
                ]
            }
        )


class LandedCostView(TenantView):
    """What one unit costs altogether."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.COST_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": f.LandedCostQuery}
    looks = "landed_costs"

    @extend_schema(operation_id="get_landed_cost", responses=f.LandedCostSerializer, tags=["costs"])
    def get(self, request: Request, client: str) -> Response:
        """Show every cost line of one unit of a SKU in a store, where each comes from and what is missing."""
        asked = self.query
        store = get_store(asked["store"])
        found = get_landed_cost(
            store=store,
            sku=asked["sku"],
            channel=asked.get("channel", "platform"),
            on=asked.get("on") or clock.today(store.time_zone),
        )
        return self.ok(
            {
                "store": store.id,
                "sku": found.sku,
                "market": store.market,
                "channel": found.channel,
                "on": found.on,
                "lines": [
                    {
                        "line": line.line,
                        "amount": line.amount.to_json() if line.amount else None,
                        "converted": line.converted.to_json() if line.converted else None,
                        "rate": line.rate,
                        "rate_on": line.rate_on,
                        "source": line.source,
                        "confidence": line.confidence,
                    }
                    for line in found.lines
                ],
                "total": found.total.to_json(),
                "missing": list(found.missing),
            }
        )


class CostScoreView(TenantView):
    """How completely costs are known."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.COST_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": f.CostScoreQuery}

    @extend_schema(operation_id="get_cost_score", responses=f.CostScoreListSerializer, tags=["costs"])
    def get(self, request: Request, client: str) -> Response:
        """Score the costs of the units sold in the last 30 days, and say what to mend first."""
        store = self.query.get("store")
        stores = [get_store(store)] if store else list_stores()
        scores = list_cost_scores(stores)
        points = [each.score * each.units for each in scores if each.score is not None]
        units = sum(each.units for each in scores if each.score is not None)
        return self.ok(
            {
                "score": round(sum(points) / units, 2) if units else None,
                "weights": dict(WEIGHTS),
                "data": [
                    {
                        "store": each.store_id,
                        "score": each.score,
                        "units": each.units,
                        "share_with_cost": each.share_with_cost,
                        "allows_verdicts": each.allows_verdicts,
                        "gaps": [
                            {
                                "sku": gap.sku,
                                "units": gap.units,
                                "sales": gap.sales.to_json(),
                                "missing": list(gap.missing),
                            }
                            for gap in each.gaps
                        ],
                    }
                    for each in scores
                ],
            }
        )


def _lot_input(values: Mapping[str, Any]) -> CostLotInput:
    return CostLotInput(**values)


def _lot(view: CostLotView) -> dict[str, Any]:
    return {
        "id": view.id,
        "lot_key": view.lot_key,
        "sku": view.sku,
        "market": view.market,
        "received_on": view.received_on,
        "quantity": view.quantity,
        "lines": {line.value: money.to_json() for line, money in view.lines.items()},
        "version": view.version,
        "recorded_at": view.recorded_at,
    }


def _rule(view: CostingRuleView) -> dict[str, Any]:
    return {
        "sku": view.sku,
        "market": view.market,
        "method": view.method,
        "effective_on": view.effective_on,
        "version": view.version,
        "recorded_at": view.recorded_at,
    }
