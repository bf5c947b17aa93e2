"""The agency measured, for the client to see."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.selectors.provider_scorecard import Measure, ProviderScorecard, get_provider_scorecard
from config.lib import clock
from config.lib.api.query import QuerySerializer
from config.lib.calendars import Period, PeriodKind, business_day
from config.lib.csv_files import to_csv
from config.lib.errors import BadRequest, FieldError, Invalid
from tenants.http import TenantView
from tenants.permissions import Capability
from tenants.types import ClientRef

TAGS = ["alerts: agency"]
COLUMNS = ("period", "measure", "store_id", "kpi", "value", "unit", "n", "formula")


class UpliftPartSerializer(serializers.Serializer[Any]):
    """A KPI of a store against its frozen baseline."""

    store_id = serializers.IntegerField()
    kpi = serializers.CharField()
    value = serializers.CharField(help_text="Better by this fraction of the baseline; < 0: worse.")
    n = serializers.IntegerField(help_text="Weeks.")


class ProviderMeasureSerializer(serializers.Serializer[Any]):
    """A figure of the agency."""

    key = serializers.CharField()
    value = serializers.CharField(allow_null=True, help_text="Null without any case to count.")
    unit = serializers.CharField(help_text="fraction or hours.")
    n = serializers.IntegerField(help_text="How many cases it rests on.")
    formula = serializers.CharField()
    parts = UpliftPartSerializer(many=True)


class ProviderScorecardSerializer(serializers.Serializer[Any]):
    """How the agency did for the client."""

    period = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField()
    until = serializers.DateTimeField(help_text="Up to when it is known.")
    contract_version = serializers.IntegerField(help_text="0: nothing agreed.")
    measures = ProviderMeasureSerializer(many=True)


class ProviderScorecardQuery(QuerySerializer):
    """About which period."""

    period = serializers.CharField(
        required=False, max_length=16, help_text="2026-W47, 2026-11 or 2026-Q4; the last whole month."
    )


class ProviderScorecardView(TenantView):
    """How the agency did."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.SCORECARD_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ProviderScorecardQuery}
    looks = "provider_scorecard"

    @extend_schema(operation_id="get_provider_scorecard", responses=ProviderScorecardSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Show what the agency delivered, whether it kept its promise, and what came of it since the
        baseline, each with its formula and the number of cases behind it."""
        card = _read(self.client, self.query.get("period"))
        return self.ok(
            {
                "period": card.period.id,
                "start": card.period.start,
                "end": card.period.end,
                "until": card.until,
                "contract_version": card.contract_version,
                "measures": [_shape(measure) for measure in card.measures],
            }
        )


class ProviderScorecardFileView(TenantView):
    """The same as a file."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.SCORECARD_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ProviderScorecardQuery}
    looks = "provider_scorecard"

    @extend_schema(
        operation_id="export_provider_scorecard",
        responses={(200, "text/csv"): OpenApiTypes.STR},
        tags=TAGS,
    )
    def get(self, request: Request, client: str) -> HttpResponse:
        """Download it as a CSV: a line per figure, then one per store and KPI with a baseline."""
        card = _read(self.client, self.query.get("period"))
        name = f"provider-scorecard-{card.period.id}.csv"
        return HttpResponse(
            to_csv(COLUMNS, [line for measure in card.measures for line in _lines(card, measure)]),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _read(client: ClientRef, asked: str | None) -> ProviderScorecard:
    now = clock.now()
    today = business_day(now, client.time_zone)
    last = Period.containing(today, PeriodKind.MONTH, client.week_start).previous()
    try:
        return get_provider_scorecard(Period.parse(asked, client.week_start) if asked else last, now)
    except Invalid as cannot:
        fault = FieldError("", cannot.detail, "period", parameter="period")
        raise BadRequest("The query string cannot be read.", errors=[fault]) from cannot


def _shape(measure: Measure) -> dict[str, Any]:
    return {
        "key": measure.key,
        "value": _text(measure.value),
        "unit": measure.unit,
        "n": measure.n,
        "formula": gettext(measure.formula),
        "parts": [{**part, "value": _text(part["value"])} for part in measure.parts],
    }


def _lines(card: ProviderScorecard, measure: Measure) -> list[list[object]]:
    period, formula = card.period.id, gettext(measure.formula)
    whole = [period, measure.key, "", "", _rounded(measure.value), measure.unit, measure.n, formula]
    parts = [
        [
            period,
            measure.key,
            each["store_id"],
            each["kpi"],
            _rounded(each["value"]),
            measure.unit,
            each["n"],
            "",
        ]
        for each in measure.parts
    ]
    return [whole, *parts]


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, 4)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(round(value, 4), "f")
