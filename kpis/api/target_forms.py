"""The form of what the endpoints of plans, stages, templates, baselines and weights take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from kpis.api.serializers import GoalField, PlanProblemSerializer, TargetInput, TargetListSerializer
from kpis.selectors.stages import Stage
from kpis.types import LineRole, Status


def _decimal(**kwargs: Any) -> DecimalString:
    return DecimalString(max_decimals=10, **kwargs)


class PlanLineInput(TargetInput):
    """One line of a whole plan."""

    kpi = serializers.CharField(max_length=48)
    effective_on = None  # type: ignore[assignment]


class WholePlanInput(serializers.Serializer[Any]):
    """All the lines of a store's scorecard from a day on; what is not named is taken off."""

    effective_on = DayField()
    lines = serializers.ListField(child=PlanLineInput(), min_length=1, max_length=200)


class CheckedPlanSerializer(serializers.Serializer[Any]):
    """Everything that is wrong with a plan, at once."""

    is_valid = serializers.BooleanField(help_text="No errors; warnings do not count.")  # type: ignore[assignment]
    problems = PlanProblemSerializer(many=True)


class StorePlanSerializer(TargetListSerializer):
    """The lines in force on a day, with what the checks say of them now."""

    version = serializers.IntegerField(help_text="Rises with every change; the ETag is made of it.")
    problems = PlanProblemSerializer(many=True)


class TargetVersionSerializer(serializers.Serializer[Any]):
    """One version of a target as it was recorded."""

    version = serializers.IntegerField()
    effective_on = serializers.DateField()
    role = EnumField(LineRole)
    weight = _decimal()
    target = GoalField()
    warn = GoalField()
    owner = serializers.CharField()
    deadline = serializers.DateField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    override_reason = serializers.CharField(allow_blank=True)
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()


class TargetVersionListSerializer(serializers.Serializer[Any]):
    """The history of a target and its weight."""

    data = TargetVersionSerializer(many=True)  # type: ignore[assignment]


class DiffSideSerializer(serializers.Serializer[Any]):
    """A line before or after."""

    role = EnumField(LineRole)
    weight = _decimal()
    target = GoalField()
    warn = GoalField()


class ChangedLineSerializer(serializers.Serializer[Any]):
    """What would become of one line."""

    kpi = serializers.CharField()
    kind = serializers.CharField(help_text="added, removed or changed.")
    before = DiffSideSerializer(allow_null=True)
    after = DiffSideSerializer(allow_null=True)
    reason = serializers.CharField(help_text="The template's source of the line.")


class TemplateDiffQuery(QuerySerializer):
    """Which template to compare with."""

    template = serializers.CharField(
        max_length=64, required=False, help_text="The store's own, else the one that fits it, when left out."
    )
    on = DayField(required=False, help_text="The plan in force on this day; today when left out.")


class TemplateDiffSerializer(serializers.Serializer[Any]):
    """Where a plan comes from and in what it differs from a template."""

    template = serializers.CharField(allow_null=True)
    template_version = serializers.IntegerField(allow_null=True)
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    followed = serializers.CharField(allow_null=True, help_text="The template the plan was made from.")
    followed_version = serializers.IntegerField(allow_null=True)
    followed_since = serializers.DateField(allow_null=True)
    suggested = serializers.CharField(
        allow_null=True, help_text="The template for the store's market, model, platform and stage."
    )
    is_outdated = serializers.BooleanField(help_text="There is a newer version of the template followed.")
    changes = ChangedLineSerializer(many=True)


class StageInput(serializers.Serializer[Any]):
    """Which stage a store enters when, and why."""

    stage = EnumField(Stage)
    effective_on = DayField(required=False, help_text="Shop day; today when left out.")
    reason = serializers.CharField(max_length=300)


class StageSettingSerializer(serializers.Serializer[Any]):
    """A stage of a store."""

    stage = EnumField(Stage)
    effective_on = serializers.DateField()
    version = serializers.IntegerField()
    reason = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    recorded_by = serializers.CharField()


class SuggestedStageSerializer(serializers.Serializer[Any]):
    """What a store's age and reviews suggest."""

    stage = EnumField(Stage)
    first_sale_on = serializers.DateField(allow_null=True)
    age_days = serializers.IntegerField(allow_null=True)
    reviews = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()


class ProposalSerializer(serializers.Serializer[Any]):
    """Changes of a plan that await, or had, a person's decision."""

    id = serializers.IntegerField()
    store = serializers.IntegerField()
    cause = serializers.CharField(help_text="stage or template.")
    stage = serializers.CharField(allow_null=True)
    template = serializers.CharField()
    template_version = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)
    effective_on = serializers.DateField()
    changes = ChangedLineSerializer(many=True)
    state = serializers.CharField(help_text="open, accepted, rejected or superseded.")
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)


class ProposalListSerializer(serializers.Serializer[Any]):
    """The proposals of a store."""

    data = ProposalSerializer(many=True)  # type: ignore[assignment]


class StoreStageSerializer(serializers.Serializer[Any]):
    """Which stage a store is in, was in, and which one its age suggests."""

    stage = serializers.CharField(help_text="As set, else that of its template, else mature.")
    suggested = SuggestedStageSerializer()
    history = StageSettingSerializer(many=True)


class StageChangeSerializer(serializers.Serializer[Any]):
    """A stage as set, and what it proposes to change of the plan."""

    stage = StageSettingSerializer()
    proposal = ProposalSerializer(allow_null=True)


class AcceptanceInput(serializers.Serializer[Any]):
    """Why the changes are taken over, and from when."""

    reason = serializers.CharField(max_length=250)
    effective_on = DayField(required=False, help_text="The proposal's day when left out.")


class RejectionInput(serializers.Serializer[Any]):
    """Why the plan stays as it is."""

    reason = serializers.CharField(max_length=300)


class BaselineInput(serializers.Serializer[Any]):
    """A value of the industry, where the store's own history is too short."""

    value = DecimalString(max_decimals=8, help_text="Money in the store's currency.")
    source = serializers.CharField(max_length=300)  # type: ignore[assignment]


class BaselineCertificateSerializer(serializers.Serializer[Any]):
    """Where a KPI stood, and how that is known."""

    store = serializers.IntegerField()
    kpi = serializers.CharField()
    value = _decimal()
    currency = serializers.CharField(allow_null=True)
    method = serializers.CharField(help_text="median_weeks: own history; industry: entered.")
    n = serializers.IntegerField(help_text="Comparable weeks it was taken from.")
    window_start = serializers.DateField()
    window_end = serializers.DateField()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    recorded_by = serializers.CharField(allow_blank=True)
    frozen_at = serializers.DateTimeField()


class BaselineListSerializer(serializers.Serializer[Any]):
    """The baselines of a store, and the KPIs with a target that have none."""

    data = BaselineCertificateSerializer(many=True)  # type: ignore[assignment]
    missing = serializers.ListField(child=serializers.CharField())


class PeriodQuery(QuerySerializer):
    """Which period to look at."""

    period = serializers.CharField(max_length=10, help_text="A week like 2026-W47 or a month like 2026-11.")


class SwingSerializer(serializers.Serializer[Any]):
    """The score with one weight 5 points lower and 5 points higher."""

    kpi = serializers.CharField()
    weight = _decimal()
    lower = _decimal(allow_null=True)
    higher = _decimal(allow_null=True)
    span = _decimal(allow_null=True)


class SensitivitySerializer(serializers.Serializer[Any]):
    """How much a score hangs on its weights, the strongest first."""

    period = serializers.CharField()
    step = _decimal()
    data = SwingSerializer(many=True)  # type: ignore[assignment]


class ParallelSideSerializer(serializers.Serializer[Any]):
    """A score, provisional figures included."""

    score = _decimal(allow_null=True)
    share_with_data = _decimal()
    status = EnumField(Status)


class ParallelScoreSerializer(serializers.Serializer[Any]):
    """A period's score under the plan in force and under the one before its last change."""

    changed_on = serializers.DateField()
    until = serializers.DateField()
    changed = serializers.ListField(child=serializers.CharField())
    present = ParallelSideSerializer()
    former = ParallelSideSerializer()


class ParallelScoreAnswer(serializers.Serializer[Any]):
    """The parallel run; null where no change is younger than a quarter."""

    period = serializers.CharField()
    parallel = ParallelScoreSerializer(allow_null=True)
