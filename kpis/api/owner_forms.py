"""The form of what the endpoints of owners, runbooks, resources and policies take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from kpis.selectors.assignments import AssignedBy
from kpis.types import Position

_MODELS = ("fba", "overseas_wh", "dtc")
_LARGEST = 2**63 - 1


def _decimal(**kwargs: Any) -> DecimalString:
    return DecimalString(max_decimals=10, **kwargs)


class OwnersQuery(QuerySerializer):
    """Whose KPIs, and on which day."""

    on = DayField(required=False, help_text="Shop day; today when left out.")


class AcknowledgementsQuery(OwnersQuery):
    """Which targets to show."""

    live = serializers.BooleanField(required=False, help_text="Only live ones, or only others.")


class OwnerSerializer(serializers.Serializer[Any]):
    """One share of one KPI of a store."""

    kpi = serializers.CharField()
    user = serializers.IntegerField(allow_null=True, help_text="Null: the position as such.")
    person = serializers.CharField(allow_blank=True)
    position = EnumField(Position)
    share = _decimal(help_text="Percent.")
    effective_on = serializers.DateField(allow_null=True)
    assigned_by = EnumField(AssignedBy)


class OwnerListSerializer(serializers.Serializer[Any]):
    """Who answers for every KPI of a store on a day."""

    on = serializers.DateField()
    data = OwnerSerializer(many=True)  # type: ignore[assignment]


class ShareInput(serializers.Serializer[Any]):
    """A share of a member of the client, or of a position."""

    user = serializers.IntegerField(min_value=1, max_value=_LARGEST, required=False, allow_null=True)
    position = EnumField(Position, required=False, allow_null=True)
    share = DecimalString(max_decimals=2, minimum=Decimal(0), maximum=Decimal(100), help_text="Percent.")


class AssignmentInput(serializers.Serializer[Any]):
    """How a KPI or a position is shared out from a day on; no shares give it back to its position."""

    effective_on = DayField()
    shares = serializers.ListField(child=ShareInput(), max_length=50)


class ShareSerializer(serializers.Serializer[Any]):
    """A share as recorded."""

    user = serializers.IntegerField(allow_null=True)
    person = serializers.CharField(allow_blank=True)
    position = serializers.CharField(allow_null=True)
    share = _decimal()


class AssignmentVersionSerializer(serializers.Serializer[Any]):
    """One version of an assignment."""

    version = serializers.IntegerField()
    effective_on = serializers.DateField()
    shares = ShareSerializer(many=True)
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()


class AssignmentSerializer(serializers.Serializer[Any]):
    """Every version of the assignment of a KPI or a position, the latest first."""

    store = serializers.IntegerField()
    kpi = serializers.CharField(allow_null=True)
    position = serializers.CharField(allow_null=True)
    versions = AssignmentVersionSerializer(many=True)


class AcknowledgementSerializer(serializers.Serializer[Any]):
    """Whether a target is live, because its owners took note of it."""

    store = serializers.IntegerField()
    kpi = serializers.CharField()
    target_version = serializers.IntegerField()
    is_live = serializers.BooleanField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.ListField(child=serializers.CharField())
    waiting_for = serializers.ListField(
        child=serializers.CharField(), help_text="People, or the position where nobody is named."
    )
    runbook_version = serializers.IntegerField(help_text="Of the runbook of today; 0: there is none.")


class AcknowledgementListSerializer(serializers.Serializer[Any]):
    """The targets of a store with who took note of them."""

    on = serializers.DateField()
    data = AcknowledgementSerializer(many=True)  # type: ignore[assignment]


class RunbookInput(serializers.Serializer[Any]):
    """What the owner does when the KPI misses its target."""

    text = serializers.CharField(max_length=20_000)


class RunbookSerializer(serializers.Serializer[Any]):
    """A version of a runbook."""

    kpi = serializers.CharField()
    version = serializers.IntegerField()
    text = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()


class RunbookListSerializer(serializers.Serializer[Any]):
    """The runbooks there are."""

    data = RunbookSerializer(many=True)  # type: ignore[assignment]


class SupportInput(serializers.Serializer[Any]):
    """People who answer customers in a language."""

    language = serializers.RegexField(r"^[a-z]{2}$", help_text="ISO 639-1, such as ja.")
    hours_per_week = DecimalString(max_decimals=1, minimum=Decimal(0), maximum=Decimal(168))
    agents = serializers.IntegerField(min_value=0, max_value=10_000)


class ResourcesInput(serializers.Serializer[Any]):
    """What a store has to work with."""

    model = serializers.ChoiceField(choices=_MODELS)
    warehouses = serializers.ListField(
        child=serializers.RegexField(r"^[A-Z]{2}$"), max_length=50, help_text="Countries, ISO 3166."
    )
    support = serializers.ListField(child=SupportInput(), max_length=50)
    ad_budget_per_month = DecimalString(
        max_decimals=4,
        minimum=Decimal(0),
        required=False,
        allow_null=True,
        help_text="In the store's currency; null: not known.",
    )
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class ResourcesSerializer(serializers.Serializer[Any]):
    """A version of a store's resources."""

    store = serializers.IntegerField()
    version = serializers.IntegerField()
    model = serializers.CharField()
    warehouses = serializers.ListField(child=serializers.CharField())
    support = SupportInput(many=True)
    ad_budget_per_month = _decimal(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()


class PolicyWindowSerializer(serializers.Serializer[Any]):
    """Where the store stands over one of the limit's windows, ending the day before."""

    days = serializers.IntegerField()
    value = _decimal(allow_null=True)
    why_missing = serializers.CharField(allow_null=True)
    sample = _decimal(allow_null=True)
    is_met = serializers.BooleanField(allow_null=True)
    distance = _decimal(allow_null=True, help_text="How far it may still move; negative beyond the limit.")
    is_below_sample = serializers.BooleanField(help_text="Too few for the platform to judge.")


class PolicySerializer(serializers.Serializer[Any]):
    """One demand of the store's platform."""

    platform = serializers.CharField()
    kpi = serializers.CharField(allow_null=True)
    metric = serializers.CharField()
    comparator = serializers.CharField()
    limit = _decimal()
    least_sample = serializers.IntegerField(allow_null=True)
    consequence = serializers.CharField()
    confidence = serializers.CharField(help_text="A: official, B: trade press, C: doubtful, M: memory.")
    source = serializers.CharField()  # type: ignore[assignment]
    valid_from = serializers.DateField(allow_null=True, help_text="Null: the source does not say.")
    read_on = serializers.DateField()
    windows = PolicyWindowSerializer(many=True)


class PolicyListSerializer(serializers.Serializer[Any]):
    """What the store's platform demands on a day."""

    on = serializers.DateField()
    data = PolicySerializer(many=True)  # type: ignore[assignment]
