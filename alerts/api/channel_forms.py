"""The form of what the endpoints of channels, preferences and deliveries take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from alerts.channels import CHANNELS
from alerts.engine.templates import LANGUAGES
from alerts.types import ChannelState, DeliveryFault, DeliveryState, Notice, Severity
from config.lib.api.query import PageQuery
from config.lib.api.schema import EnumField

LARGEST = 2**63 - 1
_LONGEST_VALUE = 4096
_LONGEST_OVERLAP_HOURS = 24 * 14


def id_field(**kwargs: Any) -> serializers.IntegerField:
    """The id of a row."""
    return serializers.IntegerField(min_value=1, max_value=LARGEST, **kwargs)


def _language(**kwargs: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=list(LANGUAGES), **kwargs)


def _values(help_text: str, *, is_secret: bool = False, **kwargs: Any) -> serializers.DictField:
    return serializers.DictField(
        child=serializers.CharField(
            max_length=_LONGEST_VALUE, trim_whitespace=False, allow_blank=True, write_only=is_secret
        ),
        write_only=is_secret,
        help_text=help_text,
        **kwargs,
    )


def _stores(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(
        child=id_field(), max_length=500, help_text="Only notices of these stores; none: of all.", **kwargs
    )


class ChannelInput(serializers.Serializer[Any]):
    """A way out to set up. Which fields a kind takes, `channel-kinds` tells."""

    kind = serializers.ChoiceField(choices=list(CHANNELS.keys()))
    name = serializers.CharField(max_length=100)
    config = _values("The kind's `config_fields`.", required=False, default=dict)
    secrets = _values(
        "The kind's `secret_fields`; never shown again. A webhook without one gets one, shown once.",
        is_secret=True,
        required=False,
        default=dict,
    )
    user_id = id_field(required=False, help_text="Makes it this person's own; left out: shared.")
    language = _language(required=False, default="en")
    min_severity = EnumField(Severity, required=False, default=Severity.INFO.value)
    store_ids = _stores(required=False, default=list)


class ChannelChange(serializers.Serializer[Any]):
    """What may change of a channel; what is left out stays. New secrets replace all old ones at once."""

    name = serializers.CharField(max_length=100, required=False)
    config = _values("The kind's `config_fields`, all of them.", required=False)
    secrets = _values("The kind's `secret_fields`, all of them.", is_secret=True, required=False)
    language = _language(required=False)
    min_severity = EnumField(Severity, required=False)
    store_ids = _stores(required=False)
    state = EnumField(ChannelState, required=False, help_text="active or disabled.")


class ChannelSerializer(serializers.Serializer[Any]):
    """A channel without its secrets."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    name = serializers.CharField()
    user_id = serializers.IntegerField(help_text="Whose own it is; 0: shared.")
    config = serializers.DictField(child=serializers.CharField())
    language = serializers.CharField()
    min_severity = EnumField(Severity)
    store_ids = serializers.ListField(child=serializers.IntegerField())
    state = EnumField(ChannelState)
    state_reason = serializers.CharField(allow_blank=True)
    failures = serializers.IntegerField(help_text="Deliveries given up in a row; the fifth breaks it.")
    verified_at = serializers.DateTimeField(allow_null=True)
    former_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the replaced signing secret signs beside the new one."
    )
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()


class NewChannelSerializer(ChannelSerializer):
    """A channel just set up: the only answer that shows a signing secret made here."""

    signing_secret = serializers.CharField(allow_null=True)


class SecretRotationInput(serializers.Serializer[Any]):
    """For how long the old secret goes on signing beside the new one."""

    overlap_hours = serializers.IntegerField(
        min_value=0, max_value=_LONGEST_OVERLAP_HOURS, required=False, default=24
    )


class SecretRotationSerializer(serializers.Serializer[Any]):
    """The new secret, shown this once."""

    signing_secret = serializers.CharField()
    former_until = serializers.DateTimeField()


class ChannelFieldSerializer(serializers.Serializer[Any]):
    """One thing a kind of channel has to be told."""

    name = serializers.CharField()
    hint = serializers.CharField()
    pattern = serializers.CharField()
    is_required = serializers.BooleanField()


class ChannelKindSerializer(serializers.Serializer[Any]):
    """A kind of channel and what it takes."""

    kind = serializers.CharField()
    title = serializers.CharField()
    groups = serializers.BooleanField(help_text="Whether several notices go out as one message.")
    config_fields = ChannelFieldSerializer(many=True)
    secret_fields = ChannelFieldSerializer(many=True)


class ChannelKindsSerializer(serializers.Serializer[Any]):
    """All kinds of channels."""

    data = ChannelKindSerializer(many=True)  # type: ignore[assignment]


class TrialSerializer(serializers.Serializer[Any]):
    """What came of a test message."""

    is_delivered = serializers.BooleanField()
    reference = serializers.CharField(allow_blank=True)
    answer = serializers.CharField(allow_blank=True)
    fault = EnumField(DeliveryFault, allow_null=True)


class PreferenceInput(serializers.Serializer[Any]):
    """How the caller wants to be told; replaces what they said before."""

    by_mail = serializers.BooleanField(help_text="To the address they log in with.")
    channel_ids = serializers.ListField(child=id_field(), max_length=50, help_text="Channels of their own.")
    language = serializers.ChoiceField(
        choices=["", *LANGUAGES], help_text="Empty: the one they use the product in."
    )
    min_severity = EnumField(Severity)


class PreferenceSerializer(serializers.Serializer[Any]):
    """How a person is told; version 0 is what holds as long as they said nothing."""

    user_id = serializers.IntegerField()
    by_mail = serializers.BooleanField()
    channel_ids = serializers.ListField(child=serializers.IntegerField())
    language = serializers.CharField(allow_blank=True)
    min_severity = EnumField(Severity)
    version = serializers.IntegerField()
    updated_at = serializers.DateTimeField(allow_null=True)


class DeliverySerializer(serializers.Serializer[Any]):
    """One notice to one recipient by one channel, and what became of it."""

    id = serializers.IntegerField()
    alert_id = serializers.IntegerField()
    sequence = serializers.IntegerField(help_text="The number of the notice within its alert.")
    notice = EnumField(Notice)
    severity = EnumField(Severity)
    store_id = serializers.IntegerField(allow_null=True)
    channel_id = serializers.IntegerField(help_text="0: the mail address that the recipient logs in with.")
    recipient_id = serializers.IntegerField(help_text="The person; 0: a shared channel.")
    language = serializers.CharField()
    state = EnumField(DeliveryState)
    attempts = serializers.IntegerField()
    next_at = serializers.DateTimeField(
        help_text="When it is tried next; of a finished one, when it was last."
    )
    batch = serializers.IntegerField(allow_null=True, help_text="Those of one batch went out as one message.")
    reference = serializers.CharField(allow_blank=True)
    answer = serializers.CharField(allow_blank=True)
    error = EnumField(DeliveryFault, allow_null=True)
    created_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    replays = serializers.IntegerField()


class ChannelQuery(PageQuery):
    """Which channels to list."""

    kind = serializers.ChoiceField(choices=list(CHANNELS.keys()), required=False)
    state = EnumField(ChannelState, required=False)
    user = serializers.IntegerField(
        min_value=0, max_value=LARGEST, required=False, help_text="0: shared ones."
    )


class DeliveryQuery(PageQuery):
    """Which deliveries to list."""

    alert = id_field(required=False)
    channel = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False)
    recipient = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False)
    state = EnumField(DeliveryState, required=False)
    error = EnumField(DeliveryFault, required=False)


class DeadLetterQuery(PageQuery):
    """Which deliveries that were given up to list."""

    channel = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False)
