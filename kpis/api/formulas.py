"""KPIs of a client's own making, over HTTP: try, save, change, take out of use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.errors import NotFound
from kpis.api.formula_forms import (
    FormulaInput,
    FormulaListSerializer,
    FormulaPreviewInput,
    FormulaPreviewSerializer,
    FormulaSerializer,
    MeasureListSerializer,
    ParallelQuery,
    ParallelSerializer,
)
from kpis.selectors.catalogue import list_measures
from kpis.selectors.definitions import (
    get_formula,
    get_formula_version,
    list_formula_versions,
    list_formulas,
)
from kpis.selectors.preview import preview
from kpis.services.formulas import FormulaDraft, archive_formula, draft_kpi, examine, save_formula
from kpis.types import FormulaView, Grain
from tenants.http import TenantView
from tenants.permissions import Capability

_EXAMPLE = {
    "names": {"en": "Orders per thousand sessions", "zh": "千次访问订单数"},
    "unit": "multiple",
    "direction": "up",
    "expression": "1000 * orders / sessions",
    "note": "Agreed with the client on 2026-11-02",
}


class MeasuresView(TenantView):
    """The names beside the KPIs that formulas may use."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}

    @extend_schema(operation_id="list_measures", responses=MeasureListSerializer, tags=["formulas"])
    def get(self, request: Request, client: str) -> Response:
        """List every measure with what it sums; the list is short and not paged."""
        return self.ok({"data": list_measures()})


class FormulasView(TenantView):
    """The client's formulas."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}

    @extend_schema(operation_id="list_formulas", responses=FormulaListSerializer, tags=["formulas"])
    def get(self, request: Request, client: str) -> Response:
        """List the formulas in use; the list is short and not paged."""
        return self.ok({"data": [_body(view) for view in list_formulas()]})


class FormulaPreviewView(TenantView):
    """Trying a text."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.KPI_READ}
    idempotent_methods: ClassVar[frozenset[str]] = frozenset()

    @extend_schema(
        operation_id="preview_formula",
        request=FormulaPreviewInput,
        responses=FormulaPreviewSerializer,
        examples=[
            OpenApiExample(
                "A ratio over eight weeks",
                value={"expression": "1000 * orders / sessions", "unit": "multiple"},
                request_only=True,
            )
        ],
        tags=["formulas"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Check a text and show what it would have shown; nothing is saved, so no key is needed.

        A text with mistakes is answered with 200 and all of them: finding them is what was asked.
        """
        asked = self.body(FormulaPreviewInput)
        found = examine(key=asked["key"], expression=asked["expression"], unit=asked["unit"])
        body: dict[str, Any] = {
            "is_valid": not found.faults,
            "faults": [
                {
                    "code": fault.code,
                    "start": fault.at.start,
                    "length": fault.at.length,
                    "message": fault.message,
                    "remedy": fault.remedy,
                }
                for fault in found.faults
            ],
            "depends_on": list(found.depends_on),
            "needs": [],
            "points": [],
        }
        if found.node is not None and not found.faults:
            kpi = draft_kpi(
                key=asked["key"], node=found.node, unit=asked["unit"], expression=asked["expression"]
            )
            body["needs"] = [list(group) for group in kpi.needs]
            body["points"] = preview(
                [kpi], store_ids=asked.get("store", ()), grain=asked["grain"], points=asked["points"]
            )
        return self.ok(body)


class FormulaDetailView(TenantView):
    """One formula."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.KPI_READ,
        "PUT": Capability.FORMULA_WRITE,
        "DELETE": Capability.FORMULA_WRITE,
    }

    @extend_schema(operation_id="get_formula", responses=FormulaSerializer, tags=["formulas"])
    def get(self, request: Request, client: str, key: str) -> Response:
        """Show the latest version of a formula, archived or not."""
        return self._shown(get_formula(key))

    @extend_schema(
        operation_id="save_formula",
        request=FormulaInput,
        responses=FormulaSerializer,
        examples=[OpenApiExample("A ratio", value=_EXAMPLE, request_only=True)],
        tags=["formulas"],
    )
    def put(self, request: Request, client: str, key: str) -> Response:
        """Record a new version; If-Match carries the ETag of the present one, "0" for none.

        Every mistake in the text is told at once, with line, column and remedy.
        """
        version = _version(key)
        require_if_match(request, version)
        values = self.body(FormulaInput)
        return self._shown(save_formula(key=key, draft=FormulaDraft(**values), version=version))

    @extend_schema(operation_id="archive_formula", responses={200: FormulaSerializer}, tags=["formulas"])
    def delete(self, request: Request, client: str, key: str) -> Response:
        """Take a formula out of use; its versions stay. Refused while a scorecard or formula uses it."""
        version = get_formula(key).version
        require_if_match(request, version)
        return self._shown(archive_formula(key=key, version=version))

    def _shown(self, view: FormulaView) -> Response:
        return self.ok(_body(view), etag=etag_of(view.version))


class FormulaVersionsView(TenantView):
    """How a formula came to be what it is."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}

    @extend_schema(operation_id="list_formula_versions", responses=FormulaListSerializer, tags=["formulas"])
    def get(self, request: Request, client: str, key: str) -> Response:
        """List every version of a formula, the latest first; the list is short and not paged."""
        return self.ok({"data": [_body(view) for view in list_formula_versions(key)]})


class FormulaParallelView(TenantView):
    """A formula before and after a change."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ParallelQuery}

    @extend_schema(operation_id="compare_formula_versions", responses=ParallelSerializer, tags=["formulas"])
    def get(self, request: Request, client: str, key: str) -> Response:
        """Compute a former version and the present one over the same periods (the quarter's parallel run)."""
        asked = self.query
        present = get_formula(key).version
        former = asked.get("former", present - 1)
        versions = [former, present] if former != present else [present]
        kpis = [get_formula_version(key, version) for version in versions]
        points = preview(
            kpis,
            store_ids=asked.get("store", ()),
            grain=asked.get("grain", Grain.WEEK),
            points=asked.get("points", 13),
        )
        return self.ok({"versions": versions, "points": points})


def _version(key: str) -> int:
    try:
        return get_formula(key).version
    except NotFound:
        return 0


def _body(view: FormulaView) -> dict[str, Any]:
    return {
        "key": view.key,
        "version": view.version,
        "names": view.names,
        "unit": view.unit,
        "direction": view.direction,
        "expression": view.expression,
        "note": view.note,
        "override_reason": view.override_reason,
        "is_archived": view.is_archived,
        "recorded_at": view.recorded_at,
        "recorded_by": view.recorded_by,
    }
