"""What was agreed with the client: modules, promises, who answers, and until when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField, page_of
from config.lib.api.times import DayField
from tenants.api import examples
from tenants.api.queries import LARGEST_ID
from tenants.api.serializers import checked_time_zone
from tenants.http import TenantView
from tenants.permissions import Capability
from tenants.selectors.contracts import contract_of, contract_rows, get_contract, latest_contract_version
from tenants.selectors.people import name_members
from tenants.services.contracts import record_contract
from tenants.types import ContractModule, ContractView, ReportCadence, SlaClass

TAGS = ["contracts"]
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
_EXAMPLE = {
    "effective_on": "2026-12-01",
    "modules": ["kpi", "pricing"],
    "reports": ["week", "month"],
    "sla_class": "business",
    "contact_id": 7,
    "contact_time_zone": "Asia/Shanghai",
    "time_zone": "America/Los_Angeles",
    "opens": "09:00",
    "closes": "18:00",
    "weekdays": [1, 2, 3, 4, 5],
    "holiday_market": "US",
    "start_on": "2026-12-01",
    "end_on": "2027-11-30",
    "exit_window_days": 30,
}
_SHOWN = {
    **_EXAMPLE,
    "version": 1,
    "contact": "Ana",
    "recorded_at": "2026-11-21T08:00:00Z",
    "recorded_by": "Ana",
}


@extend_schema_field(OpenApiTypes.STR)
class ClockField(serializers.CharField):
    """A time of day like 09:00, up to 24:00, kept as minutes after midnight."""

    default_error_messages = {"clock": gettext_lazy("Write a time of day like 09:00, 24:00 at the latest.")}

    def to_internal_value(self, data: Any) -> Any:
        """Read the minutes."""
        text = super().to_internal_value(data)
        if not _CLOCK.fullmatch(text):
            self.fail("clock")
        return 60 * int(text[:2]) + int(text[3:])

    def run_validators(self, value: Any) -> None:
        """Hold the text to the rules of a text; they would not see into the number."""
        super().run_validators(_clock(value))


@extend_schema_serializer(examples=examples.sent(_EXAMPLE))
class ContractInput(serializers.Serializer[Any]):
    """A version of the contract, whole."""

    effective_on = DayField(help_text="From this day on it counts, in the client's office.")
    modules = serializers.ListField(child=EnumField(ContractModule), min_length=1, max_length=4)
    reports = serializers.ListField(child=EnumField(ReportCadence), max_length=2)
    sla_class = EnumField(
        SlaClass, help_text="standard: 24 hours; urgent: 4 hours; business: 8 hours of the client's office."
    )
    contact_id = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID, help_text="User id of a member of the agency's staff."
    )
    contact_time_zone = serializers.CharField(max_length=64, validators=[checked_time_zone])
    time_zone = serializers.CharField(
        max_length=64, validators=[checked_time_zone], help_text="Of the client's office."
    )
    opens = ClockField(max_length=5, help_text="When the client's office opens, such as 09:00.")
    closes = ClockField(max_length=5, help_text="When it closes, such as 18:00.")
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        min_length=1,
        max_length=7,
        help_text="When it is open: ISO weekdays; 1 is Monday.",
    )
    holiday_market = serializers.RegexField(
        "^[A-Z]{2}$",
        max_length=2,
        allow_blank=True,
        help_text="Whose rest days it keeps, such as US; empty: none.",
    )
    start_on = DayField()
    end_on = DayField(allow_null=True)
    exit_window_days = serializers.IntegerField(
        min_value=0, max_value=365, help_text="How long everything stays readable after the end."
    )


@extend_schema_serializer(examples=examples.answered(_SHOWN))
class ContractSerializer(serializers.Serializer[Any]):
    """The contract; version 0 means that nothing was agreed yet."""

    version = serializers.IntegerField()
    effective_on = serializers.DateField(allow_null=True)
    modules = serializers.ListField(child=EnumField(ContractModule))
    reports = serializers.ListField(child=EnumField(ReportCadence))
    sla_class = EnumField(SlaClass)
    contact_id = serializers.IntegerField(allow_null=True)
    contact = serializers.CharField(allow_null=True, help_text="What to call the contact; null: left.")
    contact_time_zone = serializers.CharField()
    time_zone = serializers.CharField()
    opens = serializers.CharField(help_text="Such as 09:00.")
    closes = serializers.CharField(help_text="Such as 18:00.")
    weekdays = serializers.ListField(child=serializers.IntegerField())
    holiday_market = serializers.CharField(allow_blank=True)
    start_on = serializers.DateField(allow_null=True)
    end_on = serializers.DateField(allow_null=True)
    exit_window_days = serializers.IntegerField()
    recorded_at = serializers.DateTimeField(allow_null=True)
    recorded_by = serializers.CharField(allow_blank=True)


class ContractQuery(QuerySerializer):
    """On which day."""

    on = DayField(required=False, help_text="The contract in force on this day; today unless told.")


class ContractDetailView(TenantView):
    """The contract of the client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.CONTRACT_READ,
        "PUT": Capability.CONTRACT_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ContractQuery}
    looks = "contract"

    @extend_schema(operation_id="get_contract", responses=ContractSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Show what is agreed with the client on a day. The ETag is that of the latest version, which may
        count only later: to record another one is to have known of it."""
        return self._shown(get_contract(self.query.get("on")))

    @extend_schema(
        operation_id="record_contract", request=ContractInput, responses=ContractSerializer, tags=TAGS
    )
    def put(self, request: Request, client: str) -> Response:
        """Record the next version. If-Match carries the ETag of what was read; versions are never changed."""
        version = latest_contract_version()
        require_if_match(request, version)
        return self._shown(record_contract(version=version, **self.body(ContractInput)))

    def _shown(self, contract: ContractView) -> Response:
        return self.ok(shape(contract, self.client.id), etag=etag_of(latest_contract_version()))


class ContractVersionsView(TenantView):
    """Everything that was ever agreed."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.CONTRACT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PageQuery.of(ContractSerializer)}
    looks = "contract"

    @extend_schema(operation_id="list_contract_versions", responses=page_of(ContractSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the versions of the contract, the latest first."""
        return self.page(
            contract_rows(),
            ordering=("-version",),
            shape=lambda row: shape(contract_of(row), self.client.id),
        )


def shape(shown: ContractView, client_id: int) -> dict[str, Any]:
    """A contract as it is sent, with the name of its contact."""
    names = name_members(client_id, [shown.contact_id] if shown.contact_id else [])
    body = {name: value for name, value in asdict(shown).items() if name != "client_id"}
    return {
        **body,
        "opens": _clock(shown.opens),
        "closes": _clock(shown.closes),
        "contact": names.get(shown.contact_id or 0),
    }


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
