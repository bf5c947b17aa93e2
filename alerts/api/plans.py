"""Plans of action over HTTP: drafted, written, signed by a second person, sent back, and put in a binder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api.health import TAGS
from alerts.api.health_forms import (
    BinderSerializer,
    PlanOfActionSerializer,
    PlansOfActionSerializer,
    RecoveryPlanInput,
    ReturnInput,
    SignOffInput,
)
from alerts.selectors.binder import make_binder, write_binder
from alerts.selectors.health import get_plan, get_warning, list_plans
from alerts.services.poa import draft_from_evidence, send_back, sign_off, write_plan
from config.lib.api.etag import etag_of, require_if_match
from config.lib.errors import FieldError, Invalid
from tenants.http import TenantView
from tenants.permissions import Capability


class PlansView(TenantView):
    """The versions of a plan."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.HEALTH_READ,
        "POST": Capability.HEALTH_WRITE,
    }
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(operation_id="list_plans_of_action", responses=PlansOfActionSerializer, tags=TAGS)
    def get(self, request: Request, client: str, warning_id: int) -> Response:
        """List every version of a warning's plan, the latest first; the list is short and not paged."""
        return self.ok({"data": list_plans(warning_id)})

    @extend_schema(
        operation_id="draft_plan_of_action",
        request=RecoveryPlanInput,
        responses={201: PlanOfActionSerializer},
        examples=[OpenApiExample("From our evidence", value={"language": "ja"}, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str, warning_id: int) -> Response:
        """Draft the next version from our evidence, or keep `sections` as its text.

        If-Match names the warning's version. A draft marks what no evidence tells as a gap for a person.
        """
        version = _version(self, warning_id)
        asked = self.body(RecoveryPlanInput)
        language, sections = asked["language"], asked.get("sections")
        if sections is None:
            row = draft_from_evidence(
                warning_id=warning_id,
                version=version,
                language=language,
                action_ids=asked.get("action_ids", ()),
            )
        else:
            parts = [each["part"] for each in sections]
            if len(parts) != len(set(parts)) or asked.get("action_ids"):
                detail = "Each part once; actions are for drafts from evidence."
                raise Invalid(errors=[FieldError("/sections", detail, "repeated")])
            texts = {each["part"]: each["text"] for each in sections}
            row = write_plan(warning_id=warning_id, version=version, language=language, texts=texts)
        where = f"{self.base_path}/health-warnings/{warning_id}/plans/{row['number']}"
        return self.created(row, where, etag=_etag(warning_id))


class PlanDetailView(TenantView):
    """One version."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.HEALTH_READ}

    @extend_schema(operation_id="get_plan_of_action", responses=PlanOfActionSerializer, tags=TAGS)
    def get(self, request: Request, client: str, warning_id: int, number: int) -> Response:
        """Show a version; its ETag is the warning's, with which it is signed or sent back."""
        return self.ok(get_plan(warning_id, number), etag=_etag(warning_id))


class SignOffView(TenantView):
    """The second pair of eyes."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.HEALTH_WRITE}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(
        operation_id="sign_off_plan_of_action",
        request=SignOffInput,
        responses=PlanOfActionSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, warning_id: int, number: int) -> Response:
        """Sign the latest version; 403 for who drafted it, 409 while it has gaps or is not the latest."""
        _ = self.person
        version = _version(self, warning_id)
        note = self.body(SignOffInput)["note"]
        row = sign_off(warning_id=warning_id, version=version, number=number, note=note)
        return self.ok(row, etag=_etag(warning_id))


class PlanReturnView(TenantView):
    """Not like this."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.HEALTH_WRITE}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(
        operation_id="return_plan_of_action",
        request=ReturnInput,
        responses=PlanOfActionSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, warning_id: int, number: int) -> Response:
        """Send the latest version back with a reason; the warning is in work again."""
        _ = self.person
        version = _version(self, warning_id)
        reason = self.body(ReturnInput)["reason"]
        row = send_back(warning_id=warning_id, version=version, number=number, reason=reason)
        return self.ok(row, etag=_etag(warning_id))


class BinderView(TenantView):
    """Everything about a warning."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.HEALTH_READ}
    looks = "health_binders"

    @extend_schema(operation_id="get_health_binder", responses=BinderSerializer, tags=TAGS)
    def get(self, request: Request, client: str, warning_id: int) -> Response:
        """Export the warning, its history, plans and evidence with one hash over all."""
        return self.ok(make_binder(warning_id))


class BinderFileView(TenantView):
    """The same to read."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.HEALTH_READ}
    looks = "health_binders"

    @extend_schema(
        operation_id="export_health_binder",
        responses={(200, "text/markdown"): OpenApiTypes.STR},
        tags=TAGS,
    )
    def get(self, request: Request, client: str, warning_id: int) -> HttpResponse:
        """Export the binder as a Markdown document."""
        return HttpResponse(
            write_binder(warning_id),
            content_type="text/markdown; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="warning-{warning_id}.md"'},
        )


def _version(view: TenantView, warning_id: int) -> int:
    version: int = get_warning(warning_id)["version"]
    require_if_match(view.request, version)
    return version


def _etag(warning_id: int) -> str:
    return etag_of(get_warning(warning_id)["version"])
