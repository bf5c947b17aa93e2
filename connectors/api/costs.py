"""What a unit costs: sheets one by one, in batches and as files, and how much of the sales they cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import IO, Any, ClassVar, cast

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.pagination import Keyset
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.api.validation import body_errors
from config.lib.errors import FieldError, Invalid
from connectors.api.forms import CostBatchEnvelope, CostBatchForm, CostSheetForm
from connectors.api.queries import CostCoverageQuery, CostSheetQuery, UploadQuery
from connectors.api.serializers import (
    CostBatchSerializer,
    CostCoverageListSerializer,
    CostSheetSerializer,
    UploadSerializer,
)
from connectors.selectors.costs import (
    cost_sheets_query,
    get_cost_sheet,
    list_cost_completeness,
    with_lines,
)
from connectors.selectors.stores import get_store, list_stores
from connectors.services.costs import record_cost_sheet, record_cost_sheets
from connectors.services.uploads import import_cost_file
from connectors.values import CostOutcome, CostSheetInput, CostSheetResult, CostSheetView
from tenants.http import TenantView
from tenants.permissions import Capability

_COVERAGE_DAYS = timedelta(days=30)
_SHEET = {
    "sku": "BOTTLE-750",
    "market": "JP",
    "effective_on": "2026-11-01",
    "lines": {
        "purchase": {"amount": "18.50", "currency": "CNY"},
        "first_leg": {"amount": "62", "currency": "JPY"},
    },
}


class CSVParser(BaseParser):
    """Hands a CSV body on as the bytes it came in."""

    media_type = "text/csv"

    def parse(  # type: ignore[override]
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the body."""
        return bytes(stream.read())


class CostSheetsView(TenantView):
    """The cost sheets of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.COST_READ,
        "POST": Capability.COST_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": CostSheetQuery.of(CostSheetSerializer)}
    looks = "cost_sheets"

    @extend_schema(operation_id="list_cost_sheets", responses=page_of(CostSheetSerializer), tags=["costs"])
    def get(self, request: Request, client: str) -> Response:
        """List cost sheets, the latest recorded first unless sorted, superseded versions included."""
        rows = cost_sheets_query(
            sku=self.query.get("sku"),
            market=self.query.get("market"),
            effective_on=self.query.get("effective_on"),
        )

        def fetch(keyset: Keyset, limit: int) -> Sequence[Mapping[str, Any]]:
            found = rows.filter(keyset.condition()).order_by(*keyset.order_by)[:limit]
            return [sheet_body(sheet) for sheet in with_lines(found)]

        return self.page(fetch, ordering=self.query.get("sort") or ("-id",))

    @extend_schema(
        operation_id="record_cost_sheet",
        request=CostSheetForm,
        responses={200: CostSheetSerializer, 201: CostSheetSerializer},
        examples=[OpenApiExample("Bottle in Japan", value=_SHEET, request_only=True)],
        tags=["costs"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Record what a unit costs from a day on. 200 with the known sheet if it says the same already."""
        result = record_cost_sheet(sheet=_read(self.body(CostSheetForm)))
        assert result.id is not None
        body = sheet_body(get_cost_sheet(result.id))
        if result.outcome is CostOutcome.UNCHANGED:
            return self.ok(body)
        return self.created(body, f"{self.base_path}/cost-sheets/{result.id}")


class CostSheetDetailView(TenantView):
    """One cost sheet."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.COST_READ}
    looks = "cost_sheets"

    @extend_schema(operation_id="get_cost_sheet", responses=CostSheetSerializer, tags=["costs"])
    def get(self, request: Request, client: str, sheet_id: int) -> Response:
        """Show a cost sheet."""
        return self.ok(sheet_body(get_cost_sheet(sheet_id)))


class CostSheetBatchView(TenantView):
    """Many cost sheets at once."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.COST_WRITE}

    @extend_schema(
        operation_id="record_cost_sheets",
        request=CostBatchForm,
        responses=CostBatchSerializer,
        examples=[OpenApiExample("One item", value={"items": [_SHEET], "atomic": True}, request_only=True)],
        tags=["costs"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Record up to a thousand sheets; the answer tells what became of each.

        With `atomic` one invalid item is a 422 for all, its faults named by /items/<index>. `dry_run` tells
        the same and records nothing.
        """
        envelope = self.body(CostBatchEnvelope)
        is_atomic, is_dry_run = envelope["atomic"], envelope["dry_run"]
        read = [_judge(item) for item in envelope["items"]]
        sheets = [sheet for sheet in read if isinstance(sheet, CostSheetInput)]
        is_blocked = is_atomic and len(sheets) < len(read)
        recorded = iter(
            record_cost_sheets(sheets=sheets, is_atomic=is_atomic, is_dry_run=is_dry_run or is_blocked)
        )
        results = [next(recorded) if isinstance(item, CostSheetInput) else item for item in read]
        items = [_item_body(index, result) for index, result in enumerate(results)]
        if is_atomic and not is_dry_run and any(result.errors for result in results):
            faults = [error for item in items for error in item["errors"]]
            raise Invalid(
                "Nothing was recorded.",
                errors=[FieldError(fault["pointer"], fault["detail"], fault["code"]) for fault in faults],
            )
        counts = {
            outcome.value: sum(result.outcome is outcome for result in results) for outcome in CostOutcome
        }
        return self.ok({"is_dry_run": is_dry_run, **counts, "data": items})


class CostUploadView(TenantView):
    """Cost sheets from a file."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.COST_WRITE}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"POST": UploadQuery}
    parser_classes = (CSVParser,)

    @extend_schema(
        operation_id="upload_cost_sheets",
        request={"text/csv": {"type": "string"}},
        responses={200: UploadSerializer, 201: UploadSerializer},
        tags=["costs"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Record the cost sheets of a CSV file: sku, market, effective_on, currency and one column per line.

        One fault keeps the whole file from being taken; each is named by row and column. The same file a
        second time is a 409.
        """
        result = import_cost_file(
            filename=self.query["filename"],
            content=cast(bytes, request.data or b""),
            is_dry_run=self.query["dry_run"],
        )
        return Response(asdict(result), status=200 if result.id is None else 201)


class CostCoverageView(TenantView):
    """How much of the sales the cost sheets cover."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.COST_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": CostCoverageQuery}

    @extend_schema(operation_id="get_cost_coverage", responses=CostCoverageListSerializer, tags=["costs"])
    def get(self, request: Request, client: str) -> Response:
        """Tell per store the share of units sold that have a unit cost; the last 30 days unless told."""
        store = self.query.get("store")
        store_ids = [get_store(store).id] if store else [found.id for found in list_stores()]
        last = self.query.get("to") or clock.today(self.client.time_zone)
        first = self.query.get("from") or last - _COVERAGE_DAYS
        found = list_cost_completeness(store_ids, first, last)
        return self.ok(
            {"data": [{**asdict(each), "share": each.share and round(each.share, 6)} for each in found]}
        )


def sheet_body(sheet: CostSheetView) -> dict[str, Any]:
    """The JSON body of a cost sheet."""
    return {
        "id": sheet.id,
        "sku": sheet.sku,
        "market": sheet.market,
        "channel": sheet.channel,
        "effective_on": sheet.effective_on,
        "version": sheet.version,
        "source": sheet.source,
        "recorded_at": sheet.recorded_at,
        "lines": {line.value: money.to_json() for line, money in sheet.lines.items()},
    }


def _judge(item: Any) -> CostSheetInput | CostSheetResult:
    form = CostSheetForm(data=item)
    if form.is_valid():
        return _read(form.validated_data)
    return CostSheetResult(CostOutcome.INVALID, errors=tuple(body_errors(form.errors)))


def _read(values: Mapping[str, Any]) -> CostSheetInput:
    return CostSheetInput(
        sku=values["sku"],
        market=values["market"],
        channel=values["channel"],
        effective_on=values["effective_on"],
        lines=values["lines"],
    )


def _item_body(index: int, result: CostSheetResult) -> dict[str, Any]:
    return {
        "index": index,
        "status": result.outcome,
        "id": result.id,
        "version": result.version,
        "errors": [
            {"pointer": f"/items/{index}{error.pointer}", "detail": error.detail, "code": error.code}
            for error in result.errors
        ],
    }
