"""The form of what the endpoints of actions and hand-offs take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString
from config.lib.api.query import PageQuery
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from kpis.api.playbook_forms import size_field
from kpis.engine.action_states import ActionState, Department, EffectDirection, HandOffState

_LARGEST = 2**63 - 1


def _id(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=_LARGEST, **kwargs)


class ActionInput(serializers.Serializer[Any]):
    """Something to do about a KPI, by whom, by when, and what it is expected to change."""

    title = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=10_000, required=False, default="", allow_blank=True)
    kpi = serializers.CharField(max_length=48)
    store_ids = serializers.ListField(
        child=_id(), min_length=1, max_length=200, help_text="The stores that are treated."
    )
    skus = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        default=list,
        max_length=500,
        help_text="The SKUs of one store that are treated; none: the stores as a whole.",
    )
    department = EnumField(Department)
    owner = serializers.CharField(max_length=150)
    owner_id = _id(required=False, allow_null=True, default=None, help_text="The owner's user id, if one.")
    due_on = DayField()
    direction = EnumField(EffectDirection)
    expected_size = size_field(required=False, default=None)
    after_weeks = serializers.IntegerField(
        min_value=1, max_value=12, required=False, default=2, help_text="Full weeks to wait for the effect."
    )
    issue_id = _id(required=False, allow_null=True, default=None)
    playbook_id = _id(required=False, allow_null=True, default=None)


class ActionChange(serializers.Serializer[Any]):
    """The next step of an action; a cancellation needs a note."""

    state = serializers.ChoiceField(
        choices=[ActionState.ACCEPTED.value, ActionState.DONE.value, ActionState.CANCELLED.value]
    )
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class EffectSerializer(serializers.Serializer[Any]):
    """What an estimate found: a difference in differences with its 90 % interval, judged by placebos."""

    verdict = serializers.CharField(help_text="worked, no_effect or unclear.")
    doubts = serializers.ListField(child=serializers.CharField(), help_text="Why it is unclear, if it is.")
    estimate = serializers.CharField(allow_null=True, help_text="Fraction, or points of a ratio.")
    low = serializers.CharField(allow_null=True)
    high = serializers.CharField(allow_null=True)
    p = serializers.CharField(allow_null=True, help_text="How often chance alone does as much.")
    p_before = serializers.CharField(allow_null=True, help_text="The same for an invented earlier date.")
    p_trend = serializers.CharField(allow_null=True, help_text="The same for a drift beforehand.")
    controls = serializers.IntegerField()
    method = serializers.CharField(allow_blank=True, help_text="placebo, or t with few controls.")
    before = serializers.ListField(child=serializers.CharField(), help_text="First and last week before.")
    after = serializers.ListField(child=serializers.CharField(), help_text="First and last week after.")
    measured_at = serializers.CharField()


class ActionSerializer(serializers.Serializer[Any]):
    """An action with where it stands and what came of it."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    issue_id = serializers.IntegerField(allow_null=True)
    playbook_id = serializers.IntegerField(allow_null=True)
    trigger_id = serializers.IntegerField(allow_null=True, help_text="The fallback plan's entry behind it.")
    kpi = serializers.CharField()
    store_ids = serializers.ListField(child=serializers.IntegerField())
    skus = serializers.ListField(child=serializers.CharField())
    department = EnumField(Department)
    owner_id = serializers.IntegerField(allow_null=True)
    owner = serializers.CharField()
    due_on = serializers.DateField()
    direction = EnumField(EffectDirection)
    expected_size = DecimalString(max_decimals=6, allow_null=True)
    after_weeks = serializers.IntegerField()
    state = EnumField(ActionState)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    done_on = serializers.DateField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    measure_from = serializers.DateField(allow_null=True, help_text="From when an effect can be looked for.")
    verdict = serializers.CharField(allow_blank=True)
    effect = EffectSerializer(allow_null=True)


class ActionQuery(PageQuery):
    """Which actions to list."""

    owner = _id(required=False, help_text="The owner's user id.")
    state = EnumField(ActionState, required=False)
    store = _id(required=False)
    kpi = serializers.CharField(required=False, max_length=48)
    issue = _id(required=False)
    overdue = serializers.BooleanField(required=False, help_text="Due before today (UTC) and not done.")


class StepSerializer(serializers.Serializer[Any]):
    """One step of an action's life."""

    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    by = serializers.CharField()


class StepsSerializer(serializers.Serializer[Any]):
    """Every step, the first one first."""

    data = StepSerializer(many=True)  # type: ignore[assignment]


class HandOffInput(serializers.Serializer[Any]):
    """To which department, and how many hours it has to answer."""

    department = EnumField(Department)
    hours = serializers.IntegerField(min_value=1, max_value=720, required=False, default=24)
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class HandOffSerializer(serializers.Serializer[Any]):
    """An action on its way between departments."""

    id = serializers.IntegerField()
    action_id = serializers.IntegerField()
    from_department = EnumField(Department)
    to_department = EnumField(Department)
    state = EnumField(HandOffState)
    version = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    offered_at = serializers.DateTimeField()
    offered_by = serializers.CharField()
    due_at = serializers.DateTimeField(help_text="Until when the department is to answer.")
    answered_at = serializers.DateTimeField(allow_null=True)
    answered_by = serializers.CharField(allow_blank=True)


class HandOffAnswer(serializers.Serializer[Any]):
    """Yes, or no with a reason."""

    state = serializers.ChoiceField(choices=[HandOffState.ACCEPTED.value, HandOffState.DECLINED.value])
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class HandOffQuery(PageQuery):
    """Which hand-offs to list."""

    department = EnumField(Department, required=False, help_text="The one that is asked.")
    state = EnumField(HandOffState, required=False)
    overdue = serializers.BooleanField(required=False, help_text="Not answered in time.")
