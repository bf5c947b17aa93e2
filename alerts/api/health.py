"""The account-health desk over HTTP: warnings taken in, worked on, and what became of them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import IO, Any, ClassVar, cast

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api.health_forms import (
    ForwardQuery,
    FreezeReleaseInput,
    HealthOutcomesSerializer,
    HealthStepsSerializer,
    HealthWarningChange,
    HealthWarningInput,
    HealthWarningQuery,
    HealthWarningSerializer,
    OutcomeInput,
    SubmissionInput,
)
from alerts.selectors.health import (
    get_warning,
    list_outcomes,
    list_steps,
    read_original,
    told,
    warnings_query,
)
from alerts.services.health import (
    WarningDraft,
    change_warning,
    open_warning,
    receive_mail,
    record_outcome,
    record_submission,
    release_freeze,
    step_warning,
)
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.errors import FieldError, Invalid
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["alerts: account health"]
_EXAMPLE = {
    "store_id": 1,
    "kind": "late_shipment",
    "title": "Your late shipment rate is above 4 %",
    "received_at": "2026-11-21T08:00:00Z",
    "reference": "12345678901",
    "deadline_at": "2026-11-24T08:00:00Z",
}


class MessageParser(BaseParser):
    """A raw e-mail, handed on as the bytes it came in."""

    media_type = "message/rfc822"

    def parse(  # type: ignore[override]
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the body."""
        return bytes(stream.read())


def warning_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A warning as it is shown."""
    return {("reading" if name == "fields" else name): value for name, value in row.items()}


class HealthWarningsView(TenantView):
    """The warnings of platforms."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.HEALTH_READ,
        "POST": Capability.HEALTH_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {
        "GET": HealthWarningQuery.of(HealthWarningSerializer)
    }
    looks = "health_warnings"

    @extend_schema(operation_id="list_health_warnings", responses=page_of(HealthWarningSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the warnings, the newest first."""
        asked = self.query
        rows = warnings_query(
            store_id=asked.get("store"),
            state=asked.get("state"),
            kind=asked.get("kind"),
            open_only=asked.get("open"),
        )
        return self.page(rows, shape=lambda row: warning_body(told(row)))

    @extend_schema(
        operation_id="open_health_warning",
        request=HealthWarningInput,
        responses={200: HealthWarningSerializer, 201: HealthWarningSerializer},
        examples=[OpenApiExample("Late shipments", value=_EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Enter a warning; a critical one halts pricing of its store. 200 for a case that is known."""
        asked = self.body(HealthWarningInput)
        is_set = asked["deadline_at"] is not None
        draft = WarningDraft(
            **{name: value for name, value in asked.items() if name != "original"},
            original=asked["original"].encode(),
            deadline_basis="as entered" if is_set else "",
        )
        return _opened(self, *open_warning(draft))


class HealthWarningForwardView(TenantView):
    """Warnings as e-mails."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.HEALTH_WRITE}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"POST": ForwardQuery}
    parser_classes = (MessageParser,)

    @extend_schema(
        operation_id="forward_health_warning",
        request={"message/rfc822": {"type": "string", "format": "binary"}},
        responses={200: HealthWarningSerializer, 201: HealthWarningSerializer},
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Take a raw message in (at most 8 MB): kind, deadline and references are read from it.

        What cannot be recognised is named in `reading.unrecognised`. The message is kept sealed with its
        SHA-256; nothing in it is opened or followed. 200 for a message that was forwarded before.
        """
        raw = cast(bytes, request.data or b"")
        return _opened(self, *receive_mail(store_id=self.query["store"], raw=raw))


class HealthWarningDetailView(TenantView):
    """One warning."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.HEALTH_READ,
        "PATCH": Capability.HEALTH_WRITE,
    }
    looks = "health_warnings"

    @extend_schema(operation_id="get_health_warning", responses=HealthWarningSerializer, tags=TAGS)
    def get(self, request: Request, client: str, warning_id: int) -> Response:
        """Show a warning with the hours that are left."""
        return _shown(self, get_warning(warning_id))

    @extend_schema(
        operation_id="change_health_warning",
        request=HealthWarningChange,
        responses=HealthWarningSerializer,
        examples=[OpenApiExample("Take it over", value={"state": "in_work"}, request_only=True)],
        tags=TAGS,
    )
    def patch(self, request: Request, client: str, warning_id: int) -> Response:
        """Correct what was recognised, or take the warning into work or dismiss it with a reason."""
        version = get_warning(warning_id)["version"]
        require_if_match(request, version)
        asked = self.body(HealthWarningChange)
        state, note = asked.pop("state", None), asked.pop("note", "")
        if state is None:
            values = {name: getattr(value, "value", value) for name, value in asked.items()}
            return _shown(self, change_warning(warning_id=warning_id, version=version, values=values))
        if asked:
            told = "Change values and state in two requests."
            raise Invalid(errors=[FieldError("/state", told, "not_together")])
        return _shown(self, step_warning(warning_id=warning_id, version=version, to=state, note=note))


class HealthWarningStepsView(TenantView):
    """How a warning got where it is."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.HEALTH_READ}

    @extend_schema(operation_id="list_health_warning_steps", responses=HealthStepsSerializer, tags=TAGS)
    def get(self, request: Request, client: str, warning_id: int) -> Response:
        """List every step of the work on a warning; the list is short and not paged."""
        return self.ok({"data": list_steps(warning_id)})


class HealthWarningOriginalView(TenantView):
    """The platform's own words."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.HEALTH_WRITE}
    looks = "health_originals"

    @extend_schema(
        operation_id="get_health_warning_original",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        tags=TAGS,
    )
    def get(self, request: Request, client: str, warning_id: int) -> HttpResponse:
        """Return the message byte for byte, as a download that no browser shows or runs."""
        body, media_type, sha256 = read_original(warning_id)
        ending = "eml" if media_type == "message/rfc822" else "txt"
        return HttpResponse(
            body,
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="warning-{warning_id}.{ending}"',
                "Repr-Digest": f"sha-256=:{_base64(sha256)}:",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "sandbox",
            },
        )


class FreezeReleaseView(TenantView):
    """Going on."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_HALT}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(
        operation_id="release_health_freeze",
        request=FreezeReleaseInput,
        responses=HealthWarningSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, warning_id: int) -> Response:
        """Let large operations go on as far as this warning is concerned; only a person may."""
        version = _matched(self, warning_id)
        reason = self.body(FreezeReleaseInput)["reason"]
        return _shown(self, release_freeze(warning_id=warning_id, version=version, reason=reason))


class SubmissionView(TenantView):
    """What a person sent to the platform."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.HEALTH_WRITE}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(
        operation_id="record_health_submission",
        request=SubmissionInput,
        responses=HealthWarningSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, warning_id: int) -> Response:
        """Note that the signed plan was sent; a person sends it, this product never writes to a platform."""
        version = _matched(self, warning_id)
        asked = self.body(SubmissionInput)
        row = record_submission(
            warning_id=warning_id,
            version=version,
            at=asked["submitted_at"],
            reference=asked["reference"],
        )
        return _shown(self, row)


class OutcomeView(TenantView):
    """What the platform answered."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.HEALTH_WRITE}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(
        operation_id="record_health_outcome",
        request=OutcomeInput,
        responses=HealthWarningSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, warning_id: int) -> Response:
        """Note whether the platform accepted the plan; a rejected one may be worked on again."""
        version = _matched(self, warning_id)
        asked = self.body(OutcomeInput)
        row = record_outcome(
            warning_id=warning_id, version=version, is_accepted=asked["is_accepted"], note=asked["note"]
        )
        return _shown(self, row)


class HealthOutcomesView(TenantView):
    """What worked."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.HEALTH_READ}

    @extend_schema(operation_id="list_health_outcomes", responses=HealthOutcomesSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Tell how often answers were accepted, by kind of warning and root cause, with the uncertainty."""
        data = [
            {
                "kind": kind,
                "root_cause": cause,
                "decided": share.n,
                "accepted": share.hits,
                "rate": share.rate,
                "low": share.low,
                "high": share.high,
            }
            for kind, cause, share in list_outcomes()
        ]
        return self.ok({"data": data})


def _matched(view: TenantView, warning_id: int) -> int:
    """The version that the caller has read; 412 when it is another one by now."""
    _ = view.person
    version: int = get_warning(warning_id)["version"]
    require_if_match(view.request, version)
    return version


def _shown(view: TenantView, row: Mapping[str, Any]) -> Response:
    return view.ok(warning_body(row), etag=etag_of(row["version"]))


def _opened(view: TenantView, row: Mapping[str, Any], is_new: bool) -> Response:
    location = f"{view.base_path}/health-warnings/{row['id']}"
    if is_new:
        return view.created(warning_body(row), location, etag=etag_of(row["version"]))
    response = _shown(view, row)
    response["Location"] = location
    return response


def _base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()
