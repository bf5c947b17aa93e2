"""Suggested prices over HTTP: what is suggested, why, and from which inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from pricing.api.boundary import bounded
from pricing.api.recommendation_forms import (
    DetailQuery,
    PriceRecommendationDetailSerializer,
    PriceRecommendationSerializer,
    RecommendationQuery,
)
from pricing.selectors.recommendations import get_recommendation, recommendations_query, shown
from pricing.selectors.reproduction import reproduce
from pricing.types import LIVE_STATES, RecommendationState
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: recommendations"]


class RecommendationsView(TenantView):
    """What is suggested."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {
        "GET": RecommendationQuery.of(PriceRecommendationSerializer)
    }
    looks = "price_recommendations"

    @extend_schema(
        operation_id="list_price_recommendations", responses=page_of(PriceRecommendationSerializer), tags=TAGS
    )
    def get(self, request: Request, client: str) -> Response:
        """List suggestions, the newest first; `sort=-gain` those that bring most first.

        Without `state` only live ones are listed. Gains are compared as numbers: filter by store when
        stores have different currencies.
        """
        asked = self.query
        rows = recommendations_query(
            states=[RecommendationState(each) for each in asked.get("state") or LIVE_STATES],
            store_id=asked.get("store"),
            sku=asked.get("sku"),
            kind=asked.get("kind"),
            tier=asked.get("tier"),
            level=asked.get("level"),
            run_id=asked.get("run"),
            rule_set_id=asked.get("rule_set"),
            least_gain=asked.get("min_gain"),
        )
        return self.page(rows, ordering=asked.get("sort", ("-id",)), shape=_short)


class RecommendationDetailView(TenantView):
    """One suggestion."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": DetailQuery}
    looks = "price_recommendations"

    @extend_schema(
        operation_id="get_price_recommendation", responses=PriceRecommendationDetailSerializer, tags=TAGS
    )
    def get(self, request: Request, client: str, recommendation_id: int) -> Response:
        """Show a suggestion with its reasons and where it can go from here.

        With `explain=true` also the trace (inputs, rules, clamps, price), the whole snapshot of the inputs
        with the source of every cost, and whether computing it anew from them comes to the same price.
        """
        explain = self.query["explain"]
        row = get_recommendation(recommendation_id, with_trace=explain)
        row["links"] = self._links(row)
        if explain:
            row["reproduction"] = reproduce(recommendation_id)
        return self.ok(bounded(row), etag=etag_of(row["version"]))

    def _links(self, row: Mapping[str, Any]) -> dict[str, str | None]:
        own = f"{self.base_path}/price-recommendations/{row['id']}"
        run, successor = row["run_id"], row["superseded_by_id"]
        return {
            "decisions": f"{own}/decisions",
            "outcome": f"{own}/outcome",
            "run": f"{self.base_path}/pricing-runs/{run}" if run else None,
            "superseded_by": f"{self.base_path}/price-recommendations/{successor}" if successor else None,
        }


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    return bounded(shown(row))
