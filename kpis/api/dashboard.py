"""A whole dashboard in one call, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.problem import problem_body
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField, InstantField
from kpis.api.card_forms import (
    ChangeSerializer,
    PointSerializer,
    ScorecardLineSerializer,
    ScorecardSerializer,
    SeriesSerializer,
)
from kpis.api.language import language_of_answer
from kpis.api.queries import slice_of, stores_field
from kpis.api.serializers import ValueField
from kpis.selectors.dashboard import MOST_MOVERS, MOST_WIDGETS, Shown, Widget, WidgetKind, read_dashboard
from kpis.types import Grain, Position, Status, Unit
from tenants import audit
from tenants.http import TenantView
from tenants.permissions import Capability
from tenants.types import STAFF_ROLES

_NEEDS_KPI_READ = frozenset({WidgetKind.SERIES, WidgetKind.BREAKDOWN})


class WidgetInput(serializers.Serializer[Any]):
    """One widget. `scorecard` needs `period`; `value` and `breakdown` `kpi` and `period`; `series` `kpi`,
    `from` and `to`; `movers` `period`."""

    id = serializers.CharField(max_length=40, help_text="The caller's own name for it.")
    kind = EnumField(WidgetKind)
    kpi = serializers.CharField(max_length=48, required=False, allow_blank=True, default="")
    period = serializers.CharField(
        max_length=16,
        required=False,
        allow_blank=True,
        default="",
        help_text="2026-W47, 2026-11, 2026-11-20~28d and the like.",
    )
    to = DayField(required=False, help_text="Last shop day, included.")
    grain = EnumField(Grain, required=False, default=Grain.DAY)
    trend = serializers.IntegerField(required=False, min_value=2, max_value=26)
    most = serializers.IntegerField(required=False, min_value=1, max_value=MOST_MOVERS, default=5)
    store = stores_field()
    market = serializers.CharField(max_length=2, required=False)
    brand = serializers.CharField(max_length=100, required=False)
    person = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    position = EnumField(Position, required=False)

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which cannot be declared: it is a word of Python's own."""
        first = DayField(required=False, help_text="First shop day, included.")
        return {**super().get_fields(), "from": first}


class DashboardInput(serializers.Serializer[Any]):
    """What to read."""

    widgets = serializers.ListField(child=WidgetInput(), min_length=1, max_length=MOST_WIDGETS)
    as_known_at = InstantField(required=False, help_text="For all widgets: what was known at this instant.")

    def validate_widgets(self, widgets: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Names tell the answers apart."""
        if len({widget["id"] for widget in widgets}) < len(widgets):
            raise serializers.ValidationError("Each widget needs an id of its own.", "twice")
        return widgets


class KPIValueSerializer(serializers.Serializer[Any]):
    """One KPI now: its line of the scorecard where the plan has it, else the bare point."""

    period = serializers.CharField()
    line = ScorecardLineSerializer(allow_null=True)
    point = PointSerializer(allow_null=True)


class StorePartSerializer(serializers.Serializer[Any]):
    """A store's own value."""

    store = serializers.IntegerField()
    name = serializers.CharField()
    value = ValueField()
    why_missing = serializers.CharField(allow_null=True)


class StoreBreakdownSerializer(serializers.Serializer[Any]):
    """One KPI per store, each from its own sums."""

    key = serializers.CharField()
    period = serializers.CharField()
    unit = EnumField(Unit)
    currency = serializers.CharField(allow_null=True)
    value = ValueField()
    parts = StorePartSerializer(many=True)


class MoverSerializer(serializers.Serializer[Any]):
    """A KPI of a store that moved."""

    store = serializers.IntegerField()
    store_name = serializers.CharField()
    key = serializers.CharField()
    name = serializers.CharField()
    unit = EnumField(Unit)
    value = ValueField()
    status = EnumField(Status)
    change = ChangeSerializer()
    is_better = serializers.BooleanField(allow_null=True, help_text="Null where no way is good.")


class MoversSerializer(serializers.Serializer[Any]):
    """What moved most, either way."""

    period = serializers.CharField()
    movers = MoverSerializer(many=True)


class WidgetProblemSerializer(serializers.Serializer[Any]):
    """Why one widget has no answer, as a problem of RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    remedy = serializers.CharField(required=False, allow_blank=True)


class WidgetSerializer(serializers.Serializer[Any]):
    """The answer to a widget: the member of its kind, or `problem`."""

    id = serializers.CharField()
    kind = EnumField(WidgetKind)
    problem = WidgetProblemSerializer(allow_null=True)
    scorecard = ScorecardSerializer(required=False)
    value = KPIValueSerializer(required=False)
    series = SeriesSerializer(required=False)
    breakdown = StoreBreakdownSerializer(required=False)
    movers = MoversSerializer(required=False)


class DashboardSerializer(serializers.Serializer[Any]):
    """The answers, in the order of the questions, all of one moment."""

    as_known_at = serializers.DateTimeField(allow_null=True)
    generated_at = serializers.DateTimeField()
    widgets = WidgetSerializer(many=True)


class DashboardView(TenantView):
    """A dashboard."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.SCORECARD_READ}
    idempotent_methods: ClassVar[frozenset[str]] = frozenset()

    @extend_schema(
        operation_id="read_dashboard",
        request=DashboardInput,
        responses=DashboardSerializer,
        examples=[
            OpenApiExample(
                "A week and what moved",
                value={
                    "widgets": [
                        {"id": "week", "kind": "scorecard", "period": "2026-W47", "market": "JP"},
                        {"id": "moved", "kind": "movers", "period": "2026-W47", "most": 5},
                    ]
                },
                request_only=True,
            )
        ],
        tags=["scorecards"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Answer up to 12 widgets from one snapshot; nothing is written, so no key is needed.

        A widget that cannot be answered has a problem in its place, the others are answered all the same.
        """
        asked = self.body(DashboardInput)
        known_at = asked.get("as_known_at")
        now = clock.now()
        shown = read_dashboard(
            [_widget(each) for each in asked["widgets"]],
            as_known_at=known_at,
            language=language_of_answer(),
            allowed=None if self.can(Capability.KPI_READ) else frozenset(WidgetKind) - _NEEDS_KPI_READ,
        )
        return self.ok(
            {"as_known_at": known_at, "generated_at": now, "widgets": [_body(each) for each in shown]}
        )

    def leave(self, response: HttpResponseBase) -> None:
        """Note that somebody of the agency looked, as with a GET."""
        if response.status_code < 300 and self.membership_role in STAFF_ROLES:
            audit.record_look("scorecards")


def _widget(asked: Mapping[str, Any]) -> Widget:
    return Widget(
        id=asked["id"],
        kind=asked["kind"],
        within=slice_of(asked),
        kpi=asked["kpi"],
        period=asked["period"],
        first=asked.get("from"),
        last=asked.get("to"),
        grain=asked["grain"],
        trend=asked.get("trend", 0),
        most=asked["most"],
    )


def _body(shown: Shown) -> dict[str, Any]:
    found: dict[str, Any] = {"id": shown.widget.id, "kind": shown.widget.kind.value, "problem": None}
    if shown.error is not None:
        found["problem"] = problem_body(shown.error)
    else:
        found[shown.widget.kind.value] = shown.data
    return found
