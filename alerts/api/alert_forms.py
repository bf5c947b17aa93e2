"""The form of what the endpoints of alerts take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from alerts.types import AlertState, Notice, Severity
from config.lib.api.query import PageQuery, SortField
from config.lib.api.schema import EnumField
from config.lib.api.times import InstantField

LARGEST = 2**63 - 1
TRANSITIONS = ("acknowledgement", "resolution", "reset")


def id_field(**kwargs: Any) -> serializers.IntegerField:
    """The id of a row."""
    return serializers.IntegerField(min_value=1, max_value=LARGEST, **kwargs)


class AlertSerializer(serializers.Serializer[Any]):
    """An alert. `observed` and `limit` are in `unit`; `basis` says what was compared with what."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    rule_id = serializers.IntegerField()
    rule_key = serializers.CharField()
    rule_version = serializers.IntegerField()
    rule_title = serializers.CharField()
    detector = serializers.CharField()
    owner = serializers.CharField(allow_blank=True, help_text="The position or person that answers for it.")
    is_required = serializers.BooleanField()
    store_id = serializers.IntegerField(allow_null=True)
    subject = serializers.CharField()
    state = EnumField(AlertState)
    severity = EnumField(Severity)
    observed = serializers.CharField(allow_null=True)
    limit = serializers.CharField(allow_null=True)
    unit = serializers.CharField(allow_blank=True)
    basis = serializers.CharField(allow_blank=True)
    as_of = serializers.DateTimeField(allow_null=True)
    evidence = serializers.DictField(child=serializers.CharField())
    sequence = serializers.IntegerField(help_text="How many notices it has made.")
    level = serializers.IntegerField(help_text="The level of the roster it has come to.")
    is_blind = serializers.BooleanField(help_text="Data are missing now; it keeps its state.")
    muted_by = serializers.CharField(
        allow_blank=True, help_text="`silence:<id>` or `alert:<id>` that kept it from being told last."
    )
    is_spent = serializers.BooleanField(help_text="Its rule fires once; it waits to be reset.")
    opened_at = serializers.DateTimeField()
    fired_at = serializers.DateTimeField(allow_null=True)
    told_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_until = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.CharField(allow_blank=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_why = serializers.CharField(allow_blank=True)
    escalate_at = serializers.DateTimeField(
        allow_null=True, help_text="When it goes a level up unless somebody acknowledges it."
    )
    action_id = serializers.IntegerField(allow_null=True)
    incident_id = serializers.IntegerField(allow_null=True)


class AlertStepSerializer(serializers.Serializer[Any]):
    """A step: what changed, why and by whom. With a `notice` people were told, under its `sequence`."""

    at = serializers.DateTimeField()
    before = serializers.CharField(allow_blank=True)
    after = EnumField(AlertState)
    severity = EnumField(Severity)
    notice = EnumField(Notice, allow_null=True)
    sequence = serializers.IntegerField(allow_null=True)
    level = serializers.IntegerField()
    reason = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    actor = serializers.CharField()
    observed = serializers.CharField(allow_null=True)


class AlertLinksSerializer(serializers.Serializer[Any]):
    """Where to go from an alert; null where there is nothing."""

    deliveries = serializers.CharField()
    action = serializers.CharField(allow_null=True)
    incident = serializers.CharField(allow_null=True)
    explanation = serializers.CharField(allow_null=True, help_text="Its KPI taken apart.")


class AlertDetailSerializer(AlertSerializer):
    """An alert with its history, what can be done with it and where to go from it."""

    steps = AlertStepSerializer(many=True)
    available_transitions = serializers.ListField(
        child=serializers.ChoiceField(choices=TRANSITIONS), help_text="What can be posted below its path."
    )
    links = AlertLinksSerializer()


class AlertQuery(PageQuery):
    """Which alerts to list."""

    state = serializers.ListField(
        child=EnumField(AlertState), required=False, help_text="Only these states, separated by commas."
    )
    live = serializers.BooleanField(required=False, help_text="Only those that are (not) over.")
    store = id_field(required=False)
    severity = EnumField(Severity, required=False)
    rule = serializers.SlugField(required=False, max_length=60, help_text="The key of a rule.")
    subject = serializers.CharField(required=False, max_length=200)
    sort = SortField({"opened_at": "opened_at", "severity": "rank", "sequence": "sequence"})


class AcknowledgementInput(serializers.Serializer[Any]):
    """Until when somebody answers for the alert, and what they say."""

    until = InstantField(
        required=False,
        allow_null=True,
        default=None,
        help_text="At most 30 days ahead; in 24 hours unless told.",
    )
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ResolutionInput(serializers.Serializer[Any]):
    """Why the alert is over although no check says so."""

    reason = serializers.CharField(max_length=500)


class ResetInput(serializers.Serializer[Any]):
    """Why the alert may fire again."""

    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
