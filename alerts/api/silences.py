"""Silences over HTTP: begun with a reason and an end, changed, ended early."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api.alert_forms import id_field
from alerts.selectors.silences import get_silence, silences_query
from alerts.services.silences import begin_silence, change_silence, end_silence
from alerts.types import Severity
from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField, page_of
from config.lib.api.times import InstantField
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["alerts: silences"]
MOST = 100
_EXAMPLE = {
    "store_ids": [1],
    "subjects": ["sku:TENT*"],
    "reason": "Stock count until Friday; the figures are known to be wrong.",
    "ends_at": "2026-11-27T18:00:00Z",
}


class SilenceInput(serializers.Serializer[Any]):
    """What is not told, why, and until when. Each list that is not empty has to match; one at least."""

    rules = serializers.ListField(
        child=serializers.SlugField(max_length=60), required=False, default=list, max_length=MOST
    )
    store_ids = serializers.ListField(child=id_field(), required=False, default=list, max_length=MOST)
    subjects = serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        default=list,
        max_length=MOST,
        help_text="Such as `sku:TENT` or `sku:T*`; `*` stands for anything.",
    )
    severities = serializers.ListField(child=EnumField(Severity), required=False, default=list, max_length=3)
    reason = serializers.CharField(max_length=500)
    starts_at = InstantField(required=False, allow_null=True, default=None, help_text="Now unless told.")
    ends_at = InstantField(help_text="At most 90 days from now.")


class SilenceChange(serializers.Serializer[Any]):
    """Another end or another reason."""

    ends_at = InstantField(required=False)
    reason = serializers.CharField(max_length=500, required=False)


class SilenceSerializer(serializers.Serializer[Any]):
    """A silence; it holds from its start until its end or until somebody ended it."""

    id = serializers.IntegerField()
    rules = serializers.ListField(child=serializers.CharField())
    store_ids = serializers.ListField(child=serializers.IntegerField())
    subjects = serializers.ListField(child=serializers.CharField())
    severities = serializers.ListField(child=EnumField(Severity))
    reason = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    version = serializers.IntegerField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = serializers.CharField(allow_blank=True)


class SilenceDetailSerializer(SilenceSerializer):
    """A silence with the live alerts it matches."""

    covers = serializers.ListField(
        child=serializers.IntegerField(), help_text="Ids of the live alerts it matches."
    )


class SilenceQuery(PageQuery):
    """Which silences to list."""

    holding = serializers.BooleanField(required=False, help_text="Only those that (do not) hold now.")


class SilencesView(TenantView):
    """What is not told."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ALERT_READ,
        "POST": Capability.ALERT_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": SilenceQuery.of(SilenceSerializer)}

    @extend_schema(operation_id="list_silences", responses=page_of(SilenceSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the silences, the newest first."""
        return self.page(silences_query(at=clock.now(), is_holding=self.query.get("holding")))

    @extend_schema(
        operation_id="begin_silence",
        request=SilenceInput,
        responses={201: SilenceDetailSerializer},
        examples=[OpenApiExample("A stock count", value=_EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Silence what matches. That a told alert ended is told all the same; what still fires when the
        silence ends is told at once."""
        asked = self.body(SilenceInput)
        asked["severities"] = [Severity(each) for each in asked["severities"]]
        row = begin_silence(**asked)
        return self.created(row, f"{self.base_path}/silences/{row['id']}", etag=etag_of(row["version"]))


class SilenceView(TenantView):
    """One silence."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ALERT_READ,
        "PATCH": Capability.ALERT_WRITE,
    }

    @extend_schema(operation_id="get_silence", responses=SilenceDetailSerializer, tags=TAGS)
    def get(self, request: Request, client: str, silence_id: int) -> Response:
        """Show a silence and what it matches now."""
        return _shown(self, get_silence(silence_id))

    @extend_schema(
        operation_id="change_silence", request=SilenceChange, responses=SilenceDetailSerializer, tags=TAGS
    )
    def patch(self, request: Request, client: str, silence_id: int) -> Response:
        """Move the end or reword the reason; 409 once it is over."""
        version = get_silence(silence_id)["version"]
        require_if_match(request, version)
        asked = self.body(SilenceChange)
        return _shown(self, change_silence(silence_id=silence_id, version=version, **asked))


class SilenceEndingView(TenantView):
    """Ending a silence before its time."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.ALERT_WRITE}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(operation_id="end_silence", request=None, responses=SilenceDetailSerializer, tags=TAGS)
    def post(self, request: Request, client: str, silence_id: int) -> Response:
        """End a silence now; what still fires is told at once."""
        version = get_silence(silence_id)["version"]
        require_if_match(request, version)
        return _shown(self, end_silence(silence_id=silence_id, version=version))


def _shown(view: TenantView, row: Mapping[str, Any]) -> Response:
    return view.ok(row, etag=etag_of(row["version"]))
