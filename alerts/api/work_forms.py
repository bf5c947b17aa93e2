"""The form of what the endpoints of the work on alerts take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from alerts.engine.work import WorkState
from config.lib.api.money import DecimalString
from config.lib.api.query import PageQuery
from config.lib.api.schema import EnumField

LARGEST = 2**63 - 1


class AlertActionInput(serializers.Serializer[Any]):
    """What the action is to be called and which KPI it is to move; both follow from the alert if it tells."""

    kpi = serializers.CharField(max_length=48, required=False, default="", allow_blank=True)
    title = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class AlertWorkQuery(PageQuery):
    """Which work to list."""

    store = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)
    state = EnumField(WorkState, required=False)


class AlertWorkSerializer(serializers.Serializer[Any]):
    """An action for an alert and what came of it; values are in the alert's unit."""

    id = serializers.IntegerField()
    alert_id = serializers.IntegerField()
    round = serializers.IntegerField(help_text="1: the first action; then those that ask again.")
    follows_id = serializers.IntegerField(allow_null=True, help_text="The work that did not hold.")
    action_id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    kpi = serializers.CharField()
    state = EnumField(WorkState)
    is_escalated = serializers.BooleanField()
    due_at = serializers.DateTimeField(help_text="What the contract promises.")
    value_before = DecimalString(allow_null=True)
    value_after = DecimalString(allow_null=True)
    opened_at = serializers.DateTimeField()
    opened_by = serializers.CharField()
    closed_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
