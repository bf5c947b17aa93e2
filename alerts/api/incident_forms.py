"""The form of what the endpoints of incidents take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from alerts.engine.incidents import EvidenceKind, IncidentState
from alerts.types import Severity
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import InstantField

LARGEST = 2**63 - 1


def _id(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=LARGEST, **kwargs)


def _alerts(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=_id(), max_length=200, **kwargs)


class IncidentInput(serializers.Serializer[Any]):
    """What went wrong and when; `is_frozen` halts pricing of the store, or of all without one."""

    title = serializers.CharField(max_length=300)
    description = serializers.CharField(max_length=10_000, required=False, default="", allow_blank=True)
    severity = EnumField(Severity)
    occurred_at = InstantField()
    store_id = _id(required=False, allow_null=True, default=None)
    request_id = serializers.CharField(
        max_length=64, required=False, default="", allow_blank=True, help_text="Of the call that failed."
    )
    alert_ids = _alerts(required=False, default=list)
    is_frozen = serializers.BooleanField(required=False, default=False)


class IncidentQuery(PageQuery):
    """Which incidents to list."""

    store = _id(required=False)
    state = EnumField(IncidentState, required=False)


class IncidentChange(serializers.Serializer[Any]):
    """The next step; the note of a resolution is the cause."""

    state = EnumField(IncidentState)
    note = serializers.CharField(max_length=900, required=False, default="", allow_blank=True)


class IncidentAlertsInput(serializers.Serializer[Any]):
    """Which alerts belong to an incident."""

    alert_ids = _alerts(min_length=1)


class IncidentFreezeInput(serializers.Serializer[Any]):
    """Why pricing is halted."""

    reason = serializers.CharField(max_length=300)


class EvidenceUploadQuery(QuerySerializer):
    """What a file is called and when it was taken."""

    name = serializers.CharField(max_length=200)
    taken_at = InstantField()


class IncidentSerializer(serializers.Serializer[Any]):
    """An incident."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    store_id = serializers.IntegerField(allow_null=True)
    severity = EnumField(Severity)
    state = EnumField(IncidentState)
    request_id = serializers.CharField(allow_blank=True)
    occurred_at = serializers.DateTimeField()
    owner_id = serializers.IntegerField(allow_null=True)
    owner = serializers.CharField(allow_blank=True)
    halt_id = serializers.IntegerField(allow_null=True)
    root_cause = serializers.CharField(allow_blank=True)
    opened_at = serializers.DateTimeField()
    opened_by = serializers.CharField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class IncidentEvidenceSerializer(serializers.Serializer[Any]):
    """A file of an incident with the hash of its bytes."""

    id = serializers.IntegerField()
    kind = EnumField(EvidenceKind)
    name = serializers.CharField(allow_blank=True)
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    taken_at = serializers.DateTimeField()
    added_at = serializers.DateTimeField()
    added_by = serializers.CharField()


class IncidentStepSerializer(serializers.Serializer[Any]):
    """A line of the timeline."""

    what = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    by = serializers.CharField()


class IncidentDetailSerializer(IncidentSerializer):
    """An incident with everything that belongs to it."""

    is_frozen = serializers.BooleanField(help_text="Whether its halt of pricing stands at this moment.")
    evidence = IncidentEvidenceSerializer(many=True)
    alert_ids = serializers.ListField(child=serializers.IntegerField())
    timeline = IncidentStepSerializer(many=True)
