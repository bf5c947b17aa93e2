"""Why figures moved, over HTTP: decompositions of two periods, breakdowns, and the rows behind a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of, problems
from config.lib.api.times import FIRST_YEAR, LAST_YEAR
from config.lib.calendars import BadPeriod, Period
from kpis.api.decomposition_forms import (
    BreakdownQuery,
    BreakdownSerializer,
    ComparisonQuery,
    DecompositionSerializer,
    FactRowSerializer,
    RateMixQuery,
    RowsQuery,
    TrendPackQuery,
    TrendPackSerializer,
)
from kpis.selectors.breakdown import get_breakdown
from kpis.selectors.decomposition.acos import get_acos
from kpis.selectors.decomposition.margin import get_margin
from kpis.selectors.decomposition.pvm import get_price_volume_mix
from kpis.selectors.decomposition.rate_mix import get_rate_mix
from kpis.selectors.decomposition.sales import get_sales
from kpis.selectors.rows import find_rows, shown
from kpis.selectors.trend_pack import get_trend_pack
from tenants.http import TenantView
from tenants.permissions import Capability

F = TypeVar("F", bound=Callable[..., Any])
_EXAMPLE = {
    "kind": "margin",
    "method": "margin_walk",
    "currency": "USD",
    "is_converted": False,
    "stores": [1],
    "period": {"id": "2026-W46", "start": "2026-11-09", "end": "2026-11-15"},
    "compare": {"id": "2026-W45", "start": "2026-11-02", "end": "2026-11-08"},
    "result": {"key": "cm3_pct", "before": "0.19", "after": "0.120909", "change": "-0.069091"},
    "nodes": [
        {
            "key": "landed_cost",
            "before": "-35000",
            "after": "-41000",
            "contribution": "-6000",
            "points": "-0.022727",
            "share": "1.052632",
        }
    ],
    "subtotals": [],
    "check": {"change": "-5700", "sum": "-5700"},
    "top_stores": [],
    "top_skus": [],
    "quality": {
        "period": {"coverage": "1", "is_complete": True, "is_final": False, "data_as_of": None},
        "compare": {"coverage": "1", "is_complete": True, "is_final": True, "data_as_of": None},
        "cost_completeness": "1.0000",
        "estimated_share": "0.2500",
    },
}


class ComparisonView(TenantView):
    """What compares two periods of some stores, and needs no more than the right to read KPIs."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ComparisonQuery}
    looks = "decompositions"

    def periods(self) -> tuple[Period, Period | None]:
        """The period asked for and the one to compare it with, where one is named."""
        compared = self.query.get("compare")
        return self._period(self.query["period"]), self._period(compared) if compared else None

    def _period(self, text: str) -> Period:
        period = Period.parse(text, self.client.week_start)
        if not FIRST_YEAR < period.start.year < LAST_YEAR:
            raise BadPeriod(f"{text!r} lies outside our time")
        return period

    def stores(self) -> tuple[int, ...]:
        """The stores asked for; none: all active ones."""
        return tuple(self.query.get("store", ()))


def _decomposes(operation_id: str) -> Callable[[F], F]:
    return extend_schema(
        operation_id=operation_id,
        responses={200: DecompositionSerializer, **problems(404, 422)},
        examples=[OpenApiExample("A week against the one before", value=_EXAMPLE, response_only=True)],
        tags=["decompositions"],
    )


class MarginView(ComparisonView):
    """The margin waterfall."""

    @_decomposes("get_margin_decomposition")
    def get(self, request: Request, client: str) -> Response:
        """Show what every cost line did to the margin, in money and points; they add up to the change."""
        return self.ok(get_margin(*self.periods(), self.stores()))


class SalesView(ComparisonView):
    """The sales tree."""

    @_decomposes("get_sales_decomposition")
    def get(self, request: Request, client: str) -> Response:
        """Show what visits, conversion, basket, price, discounts and refunds did to net sales."""
        return self.ok(get_sales(*self.periods(), self.stores()))


class ACoSView(ComparisonView):
    """The ACoS tree."""

    @_decomposes("get_acos_decomposition")
    def get(self, request: Request, client: str) -> Response:
        """Show what clicks, conversion and basket did to ACoS, and the dearest click that still pays."""
        return self.ok(get_acos(*self.periods(), self.stores()))


class PriceVolumeMixView(ComparisonView):
    """Price, volume, mix, cost and exchange rates."""

    @_decomposes("get_price_volume_mix")
    def get(self, request: Request, client: str) -> Response:
        """Show what volume, mix, prices, unit costs and exchange rates did to the margin before ads."""
        return self.ok(get_price_volume_mix(*self.periods(), self.stores()))


class RateMixView(ComparisonView):
    """Rate and mix of a ratio."""

    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": RateMixQuery}

    @_decomposes("get_rate_mix")
    def get(self, request: Request, client: str) -> Response:
        """Show whether a ratio moved inside the stores (or SKUs) or because others weigh more."""
        by_sku = self.query.get("by") == "sku"
        return self.ok(get_rate_mix(*self.periods(), self.stores(), kpi_key=self.query["kpi"], by_sku=by_sku))


class KPIBreakdownView(ComparisonView):
    """A KPI's parts."""

    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": BreakdownQuery}

    @extend_schema(
        operation_id="get_kpi_breakdown",
        responses={200: BreakdownSerializer, **problems(404, 422)},
        tags=["kpis"],
    )
    def get(self, request: Request, client: str, key: str) -> Response:
        """Show a KPI by store, day or SKU, each part from its own sums; the largest 200 SKUs."""
        period, _ = self.periods()
        return self.ok(get_breakdown(key, period, self.stores(), by=self.query.get("by", "store")))


class KPITrendPackView(TenantView):
    """Where a KPI is heading."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": TrendPackQuery}
    looks = "trend_packs"

    @extend_schema(
        operation_id="get_kpi_trend_pack",
        responses={200: TrendPackSerializer, **problems(404, 422)},
        tags=["kpis"],
    )
    def get(self, request: Request, client: str, key: str) -> Response:
        """Show a KPI's history, its trend with its confidence, and what scenarios would make of it."""
        asked = self.query
        pack = get_trend_pack(
            key,
            grain=asked.get("grain", "week"),
            periods=asked.get("periods", 26),
            horizon=asked.get("horizon", 8),
            shifts=asked.get("shift", ()),
            store_ids=asked.get("store", ()),
        )
        return self.ok(pack)


class KPIRowsView(ComparisonView):
    """The rows behind a number."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.FACT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": RowsQuery.of(FactRowSerializer)}
    looks = "facts"

    @extend_schema(
        operation_id="list_kpi_rows",
        responses={200: page_of(FactRowSerializer), **problems(404, 422)},
        tags=["kpis"],
    )
    def get(self, request: Request, client: str, key: str) -> Response:
        """List the fact rows that a KPI's sums were made from, one source at a time, newest first; nothing
        personal is in them."""
        period, _ = self.periods()
        rows = find_rows(
            key, period, self.stores(), source=self.query.get("source"), sku=self.query.get("sku")
        )
        return self.page(rows, ordering=("-id",), shape=shown)
