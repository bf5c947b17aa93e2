"""Pilots over HTTP: a rule set begins with few listings, and is widened or stopped by what they bring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from pricing.api.boundary import bounded
from pricing.api.pilot_forms import PilotInput, PilotQuery, PilotStopInput, PricePilotSerializer
from pricing.engine.pilot import STAGES, Guardrails
from pricing.selectors.pilots import get_pilot, members_of, pilots_query
from pricing.services.pilots import PilotDraft, start_pilot, stop_pilot
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: pilots"]
_HIDDEN = ("skus", "rule_set_id", "rule_set_key")


def pilot_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A pilot as it is shown."""
    return bounded(
        {
            **{name: value for name, value in row.items() if name not in _HIDDEN},
            "rule_set": row["rule_set_key"],
            "stage": row["stage"] + 1,
            "stages": len(STAGES),
            "share": str(STAGES[row["stage"]]),
            "listings": len(row["skus"]),
            "members": members_of(row),
        }
    )


class PilotsView(TenantView):
    """The pilots of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "POST": Capability.PRICE_RULE_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PilotQuery.of(PricePilotSerializer)}
    looks = "price_pilots"

    @extend_schema(operation_id="list_price_pilots", responses=page_of(PricePilotSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the pilots, the newest first."""
        rows = pilots_query(store_id=self.query.get("store"), state=self.query.get("state"))
        return self.page(rows, shape=pilot_body)

    @extend_schema(
        operation_id="start_price_pilot",
        request=PilotInput,
        responses={201: PricePilotSerializer},
        examples=[
            OpenApiExample(
                "A whole store", value={"store_id": 1, "rule_set": "follow-buy-box"}, request_only=True
            )
        ],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Begin with 5 % of the listings (at least ten), then 20 %, 50 % and all, a week each.

        From now on the rule set suggests prices of members only. It stops by itself when a guardrail is
        touched, and then suggests nothing in this store until another version is in force or another pilot
        begins.
        """
        asked = self.body(PilotInput)
        rails = ("days_per_stage", "least_skus", "least_contribution_change", "least_buy_box_change")
        row = start_pilot(
            PilotDraft(
                store_id=asked["store_id"],
                rule_set_key=asked["rule_set"],
                skus=asked["skus"],
                guardrails=Guardrails(**{name: asked[name] for name in rails}),
                seed=asked["seed"],
                note=asked["note"],
            )
        )
        where = f"{self.base_path}/price-pilots/{row['id']}"
        return self.created(pilot_body(row), where, etag=etag_of(row["version"]))


class PilotDetailView(TenantView):
    """One pilot."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    looks = "price_pilots"

    @extend_schema(operation_id="get_price_pilot", responses=PricePilotSerializer, tags=TAGS)
    def get(self, request: Request, client: str, pilot_id: int) -> Response:
        """Show a pilot's stage, who takes part, and what the last look found."""
        row = get_pilot(pilot_id)
        return self.ok(pilot_body(row), etag=etag_of(row["version"]))


class PilotStopView(TenantView):
    """Stopping a pilot."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_RULE_WRITE}
    conditional_methods = frozenset({"POST"})

    @extend_schema(
        operation_id="stop_price_pilot", request=PilotStopInput, responses=PricePilotSerializer, tags=TAGS
    )
    def post(self, request: Request, client: str, pilot_id: int) -> Response:
        """Stop a pilot: what its rule set suggested for members is withdrawn."""
        row = get_pilot(pilot_id)
        require_if_match(request, row["version"])
        reason = self.body(PilotStopInput)["reason"]
        stopped = stop_pilot(pilot_id=pilot_id, version=row["version"], reason=reason)
        return self.ok(pilot_body(stopped), etag=etag_of(stopped["version"]))
