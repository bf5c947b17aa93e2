"""The users' checklist for a figure in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api.work import TAGS
from alerts.engine.diagnosis import StepKey, StepVerdict, first_suspect
from alerts.selectors.diagnosis import diagnose
from config.lib.api.schema import EnumField
from config.lib.calendars import Period
from tenants.http import TenantView
from tenants.permissions import Capability


class DiagnosisInput(serializers.Serializer[Any]):
    """Which figure looks wrong."""

    kpi = serializers.CharField(max_length=48)
    store_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    period = serializers.CharField(max_length=24, help_text="A week, month or day, such as 2026-W47.")


class DiagnosisFactSerializer(serializers.Serializer[Any]):
    """A figure behind a verdict and where it can be looked up."""

    name = serializers.CharField()
    value = serializers.CharField(allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment]


class DiagnosisStepSerializer(serializers.Serializer[Any]):
    """A step of the checklist; `unknown` is never `fine`."""

    key = EnumField(StepKey)
    verdict = EnumField(StepVerdict)
    why = serializers.CharField()
    facts = DiagnosisFactSerializer(many=True)


class DiagnosisSerializer(serializers.Serializer[Any]):
    """The checklist in its order; `look_first` is the first step that is suspect."""

    kpi = serializers.CharField()
    store_id = serializers.IntegerField()
    period = serializers.CharField()
    look_first = EnumField(StepKey, allow_null=True)
    steps = DiagnosisStepSerializer(many=True)


class DiagnosticsView(TenantView):
    """Why does a figure look wrong?"""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.INCIDENT_READ}
    # Looking twice does no harm, so no key is asked for.
    idempotent_methods: ClassVar[frozenset[str]] = frozenset()

    @extend_schema(
        operation_id="diagnose_kpi",
        request=DiagnosisInput,
        responses=DiagnosisSerializer,
        examples=[
            OpenApiExample(
                "A week", value={"kpi": "acos", "store_id": 1, "period": "2026-W47"}, request_only=True
            )
        ],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Walk interface, raw data, formula, recent changes, owner and target, and consistency."""
        asked = self.body(DiagnosisInput)
        period = Period.parse(asked["period"], self.client.week_start)
        steps = diagnose(asked["kpi"], asked["store_id"], period)
        body = {
            "kpi": asked["kpi"],
            "store_id": asked["store_id"],
            "period": period.id,
            "look_first": first_suspect(steps),
            "steps": [asdict(step) for step in steps],
        }
        return self.ok(body)
