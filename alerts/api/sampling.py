"""The sampling queue over HTTP: automated results to check, people's answers, and how often they agree."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api.health_forms import id_field
from alerts.engine.sampling import Answer, SampleKind
from alerts.selectors.sampling import get_item, get_setting, items_query, list_rates, list_settings
from alerts.services.sampling import WINDOW_DAYS, answer_item, put_setting
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.money import DecimalString
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField, page_of
from config.lib.errors import NotFound
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["alerts: sampling"]


class SampledItemQuery(PageQuery):
    """Which drawn results to list."""

    store = id_field(required=False)
    kind = EnumField(SampleKind, required=False)
    answered = serializers.BooleanField(required=False)


class SampledItemSerializer(serializers.Serializer[Any]):
    """An automated result that was drawn. Its draw can be repeated from seed, kind, reference and share."""

    id = serializers.IntegerField()
    kind = EnumField(SampleKind)
    reference = serializers.CharField()
    store_id = serializers.IntegerField()
    result = serializers.DictField(child=serializers.CharField(allow_blank=True))
    seed = serializers.CharField()
    share = DecimalString()
    drawn_at = serializers.DateTimeField()
    answer = serializers.CharField(allow_blank=True, help_text="agree, disagree, or empty: not checked.")
    note = serializers.CharField(allow_blank=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    answered_by = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField()


class SampleAnswerInput(serializers.Serializer[Any]):
    """What the person says; to disagree needs a note."""

    answer = EnumField(Answer)
    note = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)


class SamplingRatesQuery(QuerySerializer):
    """Of which days and store."""

    days = serializers.IntegerField(min_value=1, max_value=730, required=False, default=WINDOW_DAYS)
    store = id_field(required=False)


class SamplingRateSerializer(serializers.Serializer[Any]):
    """How often people agreed with a kind; `low` and `high` bound the rate with 95 % confidence (Wilson)."""

    kind = EnumField(SampleKind)
    answered = serializers.IntegerField()
    agreed = serializers.IntegerField()
    rate = DecimalString(allow_null=True)
    low = DecimalString(allow_null=True)
    high = DecimalString(allow_null=True)
    waiting = serializers.IntegerField()


class SamplingRatesSerializer(serializers.Serializer[Any]):
    """The rates of all kinds."""

    data = SamplingRateSerializer(many=True)  # type: ignore[assignment]


class SamplingSettingInput(serializers.Serializer[Any]):
    """The share of a kind that is drawn."""

    share = DecimalString(minimum=Decimal(0), maximum=Decimal(1), max_decimals=4, help_text="0 draws none.")
    seed = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)


class SamplingSettingSerializer(serializers.Serializer[Any]):
    """The share of a kind that is drawn every day, with the seed of the draw; version 0 is the default."""

    kind = EnumField(SampleKind)
    share = DecimalString()
    seed = serializers.CharField()
    drawn_through = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
    changed_at = serializers.DateTimeField(allow_null=True)
    changed_by = serializers.CharField(allow_blank=True)


class SamplingSettingsSerializer(serializers.Serializer[Any]):
    """The settings of all kinds."""

    data = SamplingSettingSerializer(many=True)  # type: ignore[assignment]


class SampledItemsView(TenantView):
    """The queue."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {
        "GET": SampledItemQuery.of(SampledItemSerializer)
    }

    @extend_schema(operation_id="list_sampled_items", responses=page_of(SampledItemSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the results drawn for a check, the newest first."""
        rows = items_query(
            kind=self.query.get("kind"),
            store_id=self.query.get("store"),
            is_answered=self.query.get("answered"),
        )
        return self.page(rows, shape=dict)


class SampledItemView(TenantView):
    """One drawn result."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}

    @extend_schema(operation_id="get_sampled_item", responses=SampledItemSerializer, tags=TAGS)
    def get(self, request: Request, client: str, item_id: int) -> Response:
        """Show a drawn result and what was said of it."""
        return _shown(self, get_item(item_id))


class SampleAnswerView(TenantView):
    """A person's word."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.ALERT_WRITE}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    @extend_schema(
        operation_id="answer_sampled_item",
        request=SampleAnswerInput,
        responses=SampledItemSerializer,
        examples=[OpenApiExample("Right", value={"answer": "agree"}, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str, item_id: int) -> Response:
        """Say whether the automated result is right; only a person may, and an answer stands."""
        _ = self.person
        version = get_item(item_id)["version"]
        require_if_match(request, version)
        asked = self.body(SampleAnswerInput)
        answer = Answer(asked["answer"])
        return _shown(self, answer_item(item_id=item_id, version=version, answer=answer, note=asked["note"]))


class SamplingRatesView(TenantView):
    """How far automation can be trusted."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": SamplingRatesQuery}

    @extend_schema(operation_id="list_sampling_rates", responses=SamplingRatesSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Tell how often people agreed with each kind of automated result, with the uncertainty."""
        data = [
            {
                "kind": kind,
                "answered": share.n,
                "agreed": share.hits,
                "rate": share.rate,
                "low": share.low,
                "high": share.high,
                "waiting": waiting,
            }
            for kind, share, waiting in list_rates(days=self.query["days"], store_id=self.query.get("store"))
        ]
        return self.ok({"data": data})


class SamplingSettingsView(TenantView):
    """How much is drawn."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}

    @extend_schema(operation_id="list_sampling_settings", responses=SamplingSettingsSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the share of each kind that is drawn every day."""
        return self.ok({"data": list_settings()})


class SamplingSettingView(TenantView):
    """How much of one kind is drawn."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ALERT_READ,
        "PUT": Capability.ALERT_RULE_WRITE,
    }

    @extend_schema(operation_id="get_sampling_setting", responses=SamplingSettingSerializer, tags=TAGS)
    def get(self, request: Request, client: str, kind: str) -> Response:
        """Show the share of a kind."""
        return _shown(self, get_setting(_kind(kind)))

    @extend_schema(
        operation_id="put_sampling_setting",
        request=SamplingSettingInput,
        responses=SamplingSettingSerializer,
        examples=[OpenApiExample("A tenth", value={"share": "0.1"}, request_only=True)],
        tags=TAGS,
    )
    def put(self, request: Request, client: str, kind: str) -> Response:
        """Set the share of a kind; If-Match carries the ETag of the one in force, "0" for the default."""
        which = _kind(kind)
        version = get_setting(which)["version"]
        require_if_match(request, version)
        asked = self.body(SamplingSettingInput)
        return _shown(
            self, put_setting(kind=which, version=version, share=asked["share"], seed=asked["seed"])
        )


def _kind(text: str) -> SampleKind:
    if text not in list(SampleKind):
        raise NotFound(f"Nothing of the kind {text} is sampled.")
    return SampleKind(text)


def _shown(view: TenantView, row: Mapping[str, Any]) -> Response:
    return view.ok(row, etag=etag_of(row["version"]))
