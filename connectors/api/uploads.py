"""How files are handed in over HTTP: looked at, taken, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import IO, Any, ClassVar, cast

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import page_of
from config.lib.csv_files import to_csv
from config.lib.errors import Denied
from connectors.api.upload_forms import (
    DueQuery,
    DueUploadsSerializer,
    LookQuery,
    TakeQuery,
    UploadedFileSerializer,
    UploadFaultSerializer,
    UploadPreviewSerializer,
    UploadsQuery,
)
from connectors.selectors.stores import get_store
from connectors.selectors.upload_plans import list_due
from connectors.selectors.uploads import faults_query, get_upload, uploads_query
from connectors.services.upload_intake import Preview, preview_upload, receive_upload
from connectors.services.upload_reading import Options
from tenants.http import JobSerializer, TenantView
from tenants.permissions import Capability

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FAULT_COLUMNS = ("row", "column", "field", "code", "detail")


class _BytesParser(BaseParser):
    """Hands a body on as the bytes it came in."""

    def parse(  # type: ignore[override]
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the body."""
        return bytes(stream.read())


class CSVFileParser(_BytesParser):
    """A CSV."""

    media_type = "text/csv"


class TSVFileParser(_BytesParser):
    """A file with tabs."""

    media_type = "text/tab-separated-values"


class WorkbookParser(_BytesParser):
    """An XLSX."""

    media_type = _XLSX


class AnyFileParser(_BytesParser):
    """A file of whose form the caller knows nothing; its first bytes tell."""

    media_type = "application/octet-stream"


PARSERS = (CSVFileParser, TSVFileParser, WorkbookParser, AnyFileParser)
_BODY: Any = {
    parser.media_type: {"type": "string", "format": "binary"} for parser in PARSERS if parser.media_type
}


class UploadsView(TenantView):
    """The files that were handed in."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.FACT_READ,
        "POST": Capability.UPLOAD_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {
        "GET": UploadsQuery.of(UploadedFileSerializer),
        "POST": TakeQuery,
    }
    parser_classes = PARSERS

    @extend_schema(operation_id="list_uploads", responses=page_of(UploadedFileSerializer), tags=["uploads"])
    def get(self, request: Request, client: str) -> Response:
        """List what was handed in, the latest first."""
        rows = uploads_query(
            dataset=self.query.get("dataset"),
            store_id=self.query.get("store"),
            state=self.query.get("state"),
        )
        return self.page(rows, shape=upload_body)

    @extend_schema(
        operation_id="take_upload", request=_BODY, responses={202: JobSerializer}, tags=["uploads"]
    )
    def post(self, request: Request, client: str) -> Response:
        """Take a CSV or XLSX file (at most 10 MB); the job's `result` names the upload and its outcome.

        The same bytes for the same dataset, store and layout are a 409 that names the former upload, until
        that one was rejected. The file itself is kept, sealed, only until it has been read.
        """
        _check_costs(self, self.query["dataset"])
        upload_id, job = receive_upload(
            content=cast(bytes, request.data or b""),
            filename=self.query["filename"],
            dataset=self.query["dataset"],
            profile=self.query.get("profile", ""),
            store_id=self.query.get("store"),
            mode=self.query["mode"],
            options=_options(self.query),
        )
        response = self.accepted(job)
        response["Content-Location"] = f"{self.base_path}/uploads/{upload_id}"
        return response


class UploadPreviewView(TenantView):
    """A look at a file."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.UPLOAD_WRITE}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"POST": LookQuery}
    # Looking twice does no harm, so no key is asked for.
    idempotent_methods: ClassVar[frozenset[str]] = frozenset()
    parser_classes = PARSERS

    @extend_schema(
        operation_id="preview_upload", request=_BODY, responses=UploadPreviewSerializer, tags=["uploads"]
    )
    def post(self, request: Request, client: str) -> Response:
        """Tell which layout a file seems to have, and its first rows as they would be understood.

        Rows are shown when a `store` is named, whose clock and market they are read by. Nothing is kept.
        """
        seen = preview_upload(
            content=cast(bytes, request.data or b""),
            dataset=self.query.get("dataset", ""),
            profile=self.query.get("profile", ""),
            store_id=self.query.get("store"),
            options=_options(self.query),
        )
        return self.ok(_preview_body(seen))


class UploadDetailView(TenantView):
    """One upload."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.FACT_READ}

    @extend_schema(operation_id="get_upload", responses=UploadedFileSerializer, tags=["uploads"])
    def get(self, request: Request, client: str, upload_id: int) -> Response:
        """Show what became of a file."""
        return self.ok(upload_body(get_upload(upload_id)))


class UploadFaultsView(TenantView):
    """What was wrong in a file."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.FACT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PageQuery.of(UploadFaultSerializer)}

    @extend_schema(
        operation_id="list_upload_faults", responses=page_of(UploadFaultSerializer), tags=["uploads"]
    )
    def get(self, request: Request, client: str, upload_id: int) -> Response:
        """List what was wrong, row by row; the first 500 are kept."""
        get_upload(upload_id)
        return self.page(faults_query(upload_id), ordering=("id",))


class UploadFaultsFileView(TenantView):
    """The same as a file."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.FACT_READ}

    @extend_schema(
        operation_id="export_upload_faults",
        responses={(200, "text/csv"): OpenApiTypes.STR},
        tags=["uploads"],
    )
    def get(self, request: Request, client: str, upload_id: int) -> HttpResponse:
        """Download what was wrong as a CSV; no cell of it can start a formula."""
        get_upload(upload_id)
        rows = faults_query(upload_id).order_by("id").values_list(*_FAULT_COLUMNS)
        name = f"upload-{upload_id}-faults.csv"
        return HttpResponse(
            to_csv(_FAULT_COLUMNS, rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class DueUploadsView(TenantView):
    """What has to be handed in."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.CONNECTION_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": DueQuery}

    @extend_schema(operation_id="list_due_uploads", responses=DueUploadsSerializer, tags=["uploads"])
    def get(self, request: Request, client: str) -> Response:
        """List what is due today or was due before, the longest due first; what is overdue is stale."""
        store = self.query.get("store")
        found = list_due(store_id=get_store(store).id if store else None, only_due=not self.query["all"])
        data = [
            {
                "store_id": due.plan.store_id,
                "dataset": due.plan.dataset,
                "owner": due.plan.owner,
                "covered_through": due.covered_through,
                "due_on": due.due_on,
                "is_due": due.is_due,
                "overdue_days": due.overdue_days,
            }
            for due in found
        ]
        return self.ok({"data": data})


def upload_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON body of an upload."""
    return {**row, "store_id": row["store_id"] or None}


def _check_costs(view: TenantView, dataset: str) -> None:
    if dataset == "cost_sheets" and not view.can(Capability.COST_WRITE):
        raise Denied(f"This needs the capability {Capability.COST_WRITE}.")


def _options(query: Mapping[str, Any]) -> Options:
    return Options(
        encoding=query.get("encoding", ""),
        delimiter=query.get("delimiter", ""),
        sheet=query.get("sheet", ""),
        day=query.get("day"),
        covered_from=query.get("covered_from"),
        covered_through=query.get("covered_through"),
    )


def _preview_body(seen: Preview) -> dict[str, Any]:
    return {
        "encoding": seen.encoding,
        "confidence": seen.confidence,
        "delimiter": seen.delimiter,
        "header": list(seen.header),
        "guesses": [
            {
                "profile": guess.profile.key,
                "dataset": guess.profile.dataset,
                "confidence": guess.confidence,
                "missing": list(guess.missing),
            }
            for guess in seen.guesses
        ],
        "profile": seen.profile,
        "dataset": seen.dataset,
        "rows": list(seen.rows),
        "faults": [asdict(fault) for fault in seen.faults],
        "ignored": list(seen.ignored),
        "dropped": list(seen.dropped),
    }
