"""What fees and rates do to prices, over HTTP: divergences, previews, proposals, margins at risk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.query import QuerySerializer
from config.lib.dated import BadDefinition
from config.lib.errors import FieldError, Invalid
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from pricing.api.fee_change_bodies import (
    divergences_body,
    fee_changes_body,
    fx_changes_body,
    proposed_body,
    risk_body,
)
from pricing.api.fee_change_forms import (
    DivergenceListSerializer,
    DivergencesQuery,
    FeeChangeInput,
    FeeChangePreviewInput,
    FeeChangesSerializer,
    FXChangeInput,
    FXChangesSerializer,
    FXProposeInput,
    MarginAtRiskQuery,
    MarginAtRiskSerializer,
    ProposedSetSerializer,
)
from pricing.fees.parameters import PARAMETERS
from pricing.fees.query import Override
from pricing.fees.units import read_stated
from pricing.selectors.divergence import find_divergences
from pricing.selectors.fee_changes import FeeChanges, preview_divergences, preview_fee_change
from pricing.selectors.fx_changes import preview_fx_change
from pricing.selectors.margin_at_risk import assess_store
from pricing.services.fee_changes import propose_fee_changes
from pricing.services.fx_changes import propose_fx_changes
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: fee and rate changes"]
_ROWS = 200


class FeeDivergencesView(TenantView):
    """Where charges, estimates and tables disagree."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": DivergencesQuery}
    looks = "fee_divergences"

    @extend_schema(operation_id="list_fee_divergences", responses=DivergenceListSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Show the largest divergences of a store's last 30 shop days; 200 unless `limit` says otherwise."""
        store = get_store(self.query["store"])
        on = self.query.get("on") or clock.today(store.time_zone)
        found = find_divergences(store.id, on)
        if self.query.get("sort") == "margin":
            found.sort(key=lambda each: (-abs(each.margin_move), each.sku, each.line))
        limit = self.query.get("limit", _ROWS)
        return self.ok(divergences_body(store.id, on, store.currency, found, limit))


class FeeChangesPreviewView(TenantView):
    """What a change of fees would do; nothing is saved."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_READ}
    idempotent_methods: ClassVar[frozenset[str]] = frozenset()

    @extend_schema(
        operation_id="preview_fee_changes",
        request=FeeChangePreviewInput,
        responses=FeeChangesSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Show each listing's margin before and after, the price that keeps it, and the money at stake."""
        asked = self.body(FeeChangePreviewInput)
        store = get_store(asked["store_id"])
        changes = _fee_changes(store, asked, _supposed(asked))
        return self.ok(fee_changes_body(store.id, store.currency, changes))


class FeeChangesProposeView(TenantView):
    """Suggestions that keep margins after a change of fees."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_WRITE}

    @extend_schema(
        operation_id="propose_fee_changes", request=FeeChangeInput, responses=ProposedSetSerializer, tags=TAGS
    )
    def post(self, request: Request, client: str) -> Response:
        """Open a suggestion per listing whose keeping price may be proposed now; says why for the others."""
        asked = self.body(FeeChangeInput)
        store = get_store(asked["store_id"])
        return self.ok(proposed_body(propose_fee_changes(changes=_fee_changes(store, asked, {}))))


class FXChangesPreviewView(TenantView):
    """What a currency's move does; nothing is saved."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_READ}
    idempotent_methods: ClassVar[frozenset[str]] = frozenset()

    @extend_schema(
        operation_id="preview_fx_changes", request=FXChangeInput, responses=FXChangesSerializer, tags=TAGS
    )
    def post(self, request: Request, client: str) -> Response:
        """Show each listing's margin since it was priced, or after a supposed `move`, and what mends it."""
        asked = self.body(FXChangeInput)
        store = get_store(asked["store_id"])
        changes = preview_fx_change(
            store_id=store.id, currency=asked["currency"], move=asked.get("move"), skus=asked.get("skus")
        )
        return self.ok(fx_changes_body(store.id, store.currency, changes))


class FXChangesProposeView(TenantView):
    """Suggestions that make up for a currency's confirmed move."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_WRITE}

    @extend_schema(
        operation_id="propose_fx_changes", request=FXProposeInput, responses=ProposedSetSerializer, tags=TAGS
    )
    def post(self, request: Request, client: str) -> Response:
        """Open a suggestion per listing where the move calls for it; says why for the others."""
        asked = self.body(FXProposeInput)
        store = get_store(asked["store_id"])
        changes = preview_fx_change(store_id=store.id, currency=asked["currency"], skus=asked.get("skus"))
        return self.ok(proposed_body(propose_fx_changes(changes=changes)))


class MarginAtRiskView(TenantView):
    """Which margins are at risk."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": MarginAtRiskQuery}
    looks = "margin_at_risk"

    @extend_schema(operation_id="get_margin_at_risk", responses=MarginAtRiskSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Simulate rates, duties, fees and returns: the lowest margins at risk and what mends them."""
        asked = self.query
        store = get_store(asked["store"])
        risk = assess_store(
            store_id=store.id,
            currency=asked.get("currency", "CNY"),
            days=asked.get("days", 90),
            seed=asked.get("seed", 1),
            hedge_cost=asked.get("hedge_cost"),
        )
        return self.ok(risk_body(store.id, store.currency, risk, asked.get("limit", _ROWS)))


def _fee_changes(store: StoreRef, asked: Mapping[str, Any], supposed: Mapping[str, Override]) -> FeeChanges:
    if asked["cause"] == "divergence":
        return preview_divergences(store_id=store.id, skus=asked.get("skus"))
    on = asked.get("effective_on") or clock.today(store.time_zone)
    return preview_fee_change(store_id=store.id, effective_on=on, skus=asked.get("skus"), supposed=supposed)


def _supposed(asked: Mapping[str, Any]) -> dict[str, Override]:
    found: dict[str, Override] = {}
    for index, each in enumerate(asked.get("supposed", ())):
        unit = PARAMETERS.get(each["key"]).unit
        try:
            value = read_stated(unit, each["value"], each["key"])
        except BadDefinition as error:
            fault = FieldError(f"/supposed/{index}/value", error.detail, "unit")
            raise Invalid(errors=[fault]) from error
        found[each["key"]] = Override(value, date(1970, 1, 1), "supposed", "preview")
    return found
