"""The form of what the endpoints of approval take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import DecimalString, MoneyField
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField, InstantField
from pricing.api.boundary import boundary_field
from pricing.api.lock_forms import id_field
from pricing.engine.approval import Level
from pricing.services.bulk_approvals import MOST_ITEMS
from pricing.types import ProposalKind, RecommendationState, Tier

_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _share(**kwargs: Any) -> DecimalString:
    return DecimalString(max_decimals=6, required=False, allow_null=True, default=None, **kwargs)


class ApprovalInput(serializers.Serializer[Any]):
    """A signature; `price` only for another price than the suggested one, which needs a reason."""

    price = MoneyField(minor_units=True, required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=400, required=False, default="", allow_blank=True)


class DecisionReason(serializers.Serializer[Any]):
    """Why somebody decides against a suggestion."""

    reason = serializers.CharField(max_length=400)


class EscalationInput(serializers.Serializer[Any]):
    """To whom a suggestion is handed: the next level, or the one named."""

    to = EnumField(Level, required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=400)


class DecidedSerializer(serializers.Serializer[Any]):
    """What a decision led to; `level_needed` names the signature that is still missing."""

    recommendation_id = serializers.IntegerField()
    sku = serializers.CharField()
    state = EnumField(RecommendationState)
    version = serializers.IntegerField()
    level_needed = serializers.CharField(allow_blank=True)
    boundary = boundary_field()


class BulkChoice(serializers.Serializer[Any]):
    """Which waiting suggestions; every condition given has to hold. At least one is needed."""

    ids = serializers.ListField(child=id_field(), required=False, allow_null=True, max_length=MOST_ITEMS)
    store_id = id_field(required=False, allow_null=True)
    kind = EnumField(ProposalKind, required=False, allow_null=True)
    tier = EnumField(Tier, required=False, allow_null=True)
    level = EnumField(Level, required=False, allow_null=True)
    run_id = id_field(required=False, allow_null=True)
    largest_change = DecimalString(required=False, allow_null=True, help_text="A fraction of the price.")
    least_margin = DecimalString(required=False, allow_null=True)
    least_confidence = DecimalString(required=False, allow_null=True)


class BulkApprovalInput(serializers.Serializer[Any]):
    """Signing many at once."""

    filter = BulkChoice()
    reason = serializers.CharField(max_length=400, required=False, default="", allow_blank=True)
    dry_run = serializers.BooleanField(required=False, default=False)
    atomic = serializers.BooleanField(
        required=False, default=False, help_text="Approve none if one cannot be approved."
    )


class BulkItemSerializer(serializers.Serializer[Any]):
    """What became of one of them: the status, code and words it would have had alone."""

    recommendation_id = serializers.IntegerField()
    sku = serializers.CharField()
    status = serializers.IntegerField()
    state = EnumField(RecommendationState)
    code = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)


class BulkApprovalSerializer(serializers.Serializer[Any]):
    """The result, item by item in the order of their ids."""

    dry_run = serializers.BooleanField()
    approved = serializers.IntegerField()
    failed = serializers.IntegerField()
    items = BulkItemSerializer(many=True)
    boundary = boundary_field()


class RangeSerializer(serializers.Serializer[Any]):
    """What a level may approve; null sets no limit. Values are in the store's currency."""

    level = EnumField(Level)
    largest_change = _share(minimum=Decimal(0))
    least_margin = _share()
    needs_target = serializers.BooleanField(required=False, default=False)
    largest_unit_value = DecimalString(
        max_decimals=4, minimum=Decimal(0), required=False, allow_null=True, default=None
    )
    largest_month_value = DecimalString(
        max_decimals=4, minimum=Decimal(0), required=False, allow_null=True, default=None
    )
    second = EnumField(Level, required=False, allow_null=True, default=None)


class WindowSerializer(serializers.Serializer[Any]):
    """When the client decides: hours on its own clock; `closes` 00:00 is the end of the day."""

    time_zone = serializers.CharField(max_length=60)
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7), min_length=1, max_length=7
    )
    opens = serializers.RegexField(_CLOCK)
    closes = serializers.RegexField(_CLOCK)
    deadline_hours = serializers.IntegerField(min_value=1, max_value=240)
    reminder_hours = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=240), max_length=5
    )


class ApprovalPolicyInput(serializers.Serializer[Any]):
    """A policy as a whole, from a shop day on."""

    effective_on = DayField()
    ranges = serializers.ListField(child=RangeSerializer(), min_length=1, max_length=3)
    four_eyes = serializers.BooleanField()
    execution_hours = serializers.IntegerField(min_value=1, max_value=720)
    execution_days = serializers.IntegerField(min_value=1, max_value=60)
    window = WindowSerializer(required=False, allow_null=True, default=None)


class ApprovalPolicySerializer(serializers.Serializer[Any]):
    """The policy in force; version 0 is the product's default."""

    store_id = serializers.IntegerField()
    version = serializers.IntegerField()
    effective_on = serializers.DateField(allow_null=True)
    ranges = RangeSerializer(many=True)
    four_eyes = serializers.BooleanField()
    execution_hours = serializers.IntegerField()
    execution_days = serializers.IntegerField()
    window = WindowSerializer(allow_null=True)
    recorded_at = serializers.DateTimeField(allow_null=True)
    recorded_by = serializers.CharField(allow_blank=True)
    boundary = boundary_field()


class QueueItemSerializer(serializers.Serializer[Any]):
    """A suggestion that waits, and what the waiting costs; null where no gain is known."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    headline = serializers.CharField(allow_blank=True)
    kind = EnumField(ProposalKind)
    state = EnumField(RecommendationState)
    version = serializers.IntegerField()
    level_needed = serializers.CharField(allow_blank=True)
    current = MoneyField(allow_null=True)
    suggested = MoneyField()
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()
    hours_waiting = serializers.CharField()
    cost_per_hour = MoneyField(allow_null=True)
    cost_so_far = MoneyField(allow_null=True)
    boundary = boundary_field()


class QueueQuery(PageQuery):
    """Which waiting suggestions to list."""

    store = id_field(required=False)
    level = EnumField(Level, required=False)
    due_before = InstantField(required=False)


class QueueTotalSerializer(serializers.Serializer[Any]):
    """The cost of waiting in one currency."""

    items = serializers.IntegerField()
    unknown = serializers.IntegerField(help_text="Suggestions whose gain nobody knows; not in the sums.")
    cost_per_hour = MoneyField()
    cost_so_far = MoneyField()


class QueueTotalsSerializer(serializers.Serializer[Any]):
    """The cost of waiting of all that waits, by currency."""

    data = QueueTotalSerializer(many=True)  # type: ignore[assignment]
    boundary = boundary_field()


class TotalsQuery(QuerySerializer):
    """Of which suggestions to sum the cost of waiting."""

    store = id_field(required=False)


class DecisionSerializer(serializers.Serializer[Any]):
    """One person's word on a suggestion."""

    id = serializers.IntegerField()
    recommendation_id = serializers.IntegerField()
    level = serializers.CharField(allow_blank=True)
    verdict = serializers.CharField()
    amount = MoneyField(allow_null=True)
    is_override = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    actor = serializers.CharField()
    role = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    boundary = boundary_field()
