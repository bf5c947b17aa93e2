"""The KPIs there are, their values over time, and the scorecard templates, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.query import QuerySerializer
from config.lib.api.schema import problems
from kpis.api.card_forms import SeriesSerializer
from kpis.api.language import language_of_answer
from kpis.api.queries import SeriesQuery, slice_of
from kpis.api.serializers import KPIListSerializer, KPISerializer, TemplateListSerializer
from kpis.selectors.catalogue import get_definition, list_definitions, list_templates
from kpis.selectors.series import get_series
from kpis.selectors.slices import resolve_stores
from kpis.types import Grain
from tenants.http import TenantView
from tenants.permissions import Capability


class _ReadView(TenantView):
    """What needs no more than the right to read KPIs."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}


class KPIsView(_ReadView):
    """The catalogue of KPIs."""

    @extend_schema(operation_id="list_kpis", responses=KPIListSerializer, tags=["kpis"])
    def get(self, request: Request, client: str) -> Response:
        """List every KPI with its names and rules; the list is short and not paged."""
        return self.ok({"data": list_definitions(language_of_answer())})


class KPIDetailView(_ReadView):
    """One KPI."""

    @extend_schema(operation_id="get_kpi", responses=KPISerializer, tags=["kpis"])
    def get(self, request: Request, client: str, key: str) -> Response:
        """Show a KPI's definition."""
        return self.ok(get_definition(key, language_of_answer()))


class KPISeriesView(_ReadView):
    """One KPI over time."""

    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": SeriesQuery}
    looks = "series"

    @extend_schema(
        operation_id="get_kpi_series", responses={200: SeriesSerializer, **problems(422)}, tags=["kpis"]
    )
    def get(self, request: Request, client: str, key: str) -> Response:
        """Show a KPI per day, week or month; every period that touches the range is a whole point."""
        asked: dict[str, Any] = self.query
        body = get_series(
            key,
            first=asked["from"],
            last=asked["to"],
            grain=asked.get("grain", Grain.DAY),
            store_ids=resolve_stores(slice_of(asked)),
            explain=asked.get("explain", False),
        )
        return self.ok(body)


class TemplatesView(_ReadView):
    """The scorecard templates that can be applied."""

    @extend_schema(
        operation_id="list_scorecard_templates", responses=TemplateListSerializer, tags=["targets"]
    )
    def get(self, request: Request, client: str) -> Response:
        """List the templates with their KPIs, targets and sources; the list is short and not paged."""
        return self.ok({"data": list_templates(language_of_answer())})
