"""The form of what the endpoints of reviews and issues take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.query import PageQuery
from config.lib.api.schema import EnumField
from kpis.api.playbook_forms import SuccessSerializer
from kpis.api.serializers import ValueField
from kpis.engine.action_states import Department, EffectDirection, IssueState, ReviewState


class ReviewSerializer(serializers.Serializer[Any]):
    """A review without its pack."""

    id = serializers.IntegerField()
    kind = serializers.CharField(help_text="week or month.")
    period = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    state = EnumField(ReviewState)
    version = serializers.IntegerField()
    sha256 = serializers.CharField(
        help_text="Of the pack's canonical JSON: sorted members, no spaces, UTF-8."
    )
    batch = serializers.IntegerField(help_text="The last roll-up that the pack knows of.")
    known_at = serializers.DateTimeField(help_text="Figures are as known at this instant.")
    built_at = serializers.DateTimeField()
    built_by = serializers.CharField()
    held_at = serializers.DateTimeField(allow_null=True)
    held_by = serializers.CharField(allow_blank=True)


class ReviewDetailSerializer(ReviewSerializer):
    """A review with everything the meeting looks at and what it wrote down."""

    attendees = serializers.ListField(child=serializers.CharField())
    minutes = serializers.CharField(allow_blank=True)
    decisions = serializers.CharField(allow_blank=True)
    pack = serializers.JSONField(
        help_text="`scorecards` (all stores together, then each), `misses`, `trend` of eight periods, `why` "
        "the margin moved, `events` of the period, `issues` and `actions` that are open. Its form is that of "
        "the day it was frozen."
    )


class ReviewInput(serializers.Serializer[Any]):
    """Which period to review."""

    period = serializers.CharField(max_length=10, help_text="A week like 2026-W46 or a month like 2026-10.")


class HoldInput(serializers.Serializer[Any]):
    """What is written down of the meeting."""

    attendees = serializers.ListField(child=serializers.CharField(max_length=150), max_length=100)
    minutes = serializers.CharField(max_length=20_000, allow_blank=True, required=False, default="")
    decisions = serializers.CharField(max_length=20_000, allow_blank=True, required=False, default="")


class ReviewQuery(PageQuery):
    """Which reviews to list."""

    kind = serializers.ChoiceField(choices=["week", "month"], required=False)


class FigureSerializer(serializers.Serializer[Any]):
    """A figure with its verdict."""

    value = ValueField()
    status = serializers.CharField()


class RestatedLineSerializer(serializers.Serializer[Any]):
    """A line that is another one today than when the meeting was held."""

    store = serializers.IntegerField(allow_null=True, help_text="Null: all stores together.")
    kpi = serializers.CharField()
    held = FigureSerializer()
    now = FigureSerializer()


class RestatedSerializer(serializers.Serializer[Any]):
    """What has been restated since; the pack itself stays as it was."""

    data = RestatedLineSerializer(many=True)  # type: ignore[assignment]


class IssueSerializer(serializers.Serializer[Any]):
    """A red KPI of a store that a review brought up."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    kpi = serializers.CharField()
    review_id = serializers.IntegerField()
    state = EnumField(IssueState)
    version = serializers.IntegerField()
    numbers = serializers.JSONField(help_text="The line of the scorecard that caused it.")
    seen_in = serializers.ListField(child=serializers.CharField(), help_text="Periods that showed it bad.")
    recurrences = serializers.IntegerField(help_text="How often it came back while unfinished.")
    reason = serializers.CharField(allow_blank=True)
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_by = serializers.CharField(allow_blank=True)


class IssueChange(serializers.Serializer[Any]):
    """How an issue is closed."""

    state = serializers.ChoiceField(choices=[IssueState.RESOLVED.value, IssueState.DISMISSED.value])
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class IssueQuery(PageQuery):
    """Which issues to list."""

    store = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    state = EnumField(IssueState, required=False)
    kpi = serializers.CharField(required=False, max_length=48)


class SuggestionSerializer(serializers.Serializer[Any]):
    """A known way to act on the issue's KPI, and how often it worked."""

    id = serializers.IntegerField()
    kpi = serializers.CharField()
    title = serializers.CharField()
    steps = serializers.CharField()
    department = EnumField(Department)
    direction = EnumField(EffectDirection)
    success = SuccessSerializer()


class SuggestionsSerializer(serializers.Serializer[Any]):
    """Ways to act, those that surely worked most often first."""

    data = SuggestionSerializer(many=True)  # type: ignore[assignment]
