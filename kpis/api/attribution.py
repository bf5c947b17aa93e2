"""What may have moved a KPI, over HTTP: the checklist of causes with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.query import QuerySerializer
from config.lib.api.schema import problems
from kpis.api.attribution_forms import AttributionQuery, AttributionSerializer
from kpis.api.decomposition import ComparisonView
from kpis.selectors.attribution.tell import get_attributions

_EXAMPLE = {
    "kpi": "gross_margin_pct",
    "measured_in": "cm3",
    "period": "2026-W46",
    "compare": "2026-W45",
    "stores": [
        {
            "store": 3,
            "name": "Harbor MX",
            "currency": "MXN",
            "before": "8120.5",
            "after": "6710.25",
            "change": "-1410.25",
            "explained": "-1290",
            "unexplained": "-120.25",
            "is_unexplained": False,
            "causes": [
                {
                    "cause": "fee_change",
                    "verdict": "likely",
                    "strength": "0.7",
                    "contribution": "-1290",
                    "points": "-0.07",
                    "data_quality": "good",
                    "evidence": [
                        {
                            "figure": "fulfilment_cost_rate",
                            "sku": "AHOM-1001",
                            "before": "61.2",
                            "after": "82.6",
                            "note": "fee per unit",
                            "link": "/api/v1/clients/harbor/kpis/fulfilment_cost_rate/rows?period=2026-W46",
                        }
                    ],
                }
            ],
        }
    ],
}


class AttributionsView(ComparisonView):
    """The checklist of causes."""

    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": AttributionQuery}
    looks = "attributions"

    @extend_schema(
        operation_id="get_attributions",
        responses={200: AttributionSerializer, **problems(404, 422)},
        examples=[OpenApiExample("A fee rise", value=_EXAMPLE, response_only=True)],
        tags=["decompositions"],
    )
    def get(self, request: Request, client: str) -> Response:
        """Judge every cause that may have moved a KPI, store by store: likely, possible, unlikely or no data.

        A cause is likely only with two pieces of evidence; what none explains is told as unexplained.
        """
        return self.ok(
            get_attributions(self.query["kpi"], *self.periods(), self.stores(), path=self.base_path)
        )
