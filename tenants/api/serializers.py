"""The form of what the tenants' endpoints take and give; inputs and outputs are apart."""

from __future__ import annotations

import ipaddress
import zoneinfo
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from config.lib.api.schema import EnumField
from config.lib.api.times import InstantField
from config.lib.money import EXPONENTS
from tenants.api import examples
from tenants.models.clients import SLUG
from tenants.permissions import KEY_SCOPES, AgencyCapability, Capability
from tenants.types import ActorKind, ApiKeyView, ClientState, ClientView, MemberView, ProviderView, Role

#: Tags of BCP 47, and the spelling of the first one under which it was taken before.
LOCALES = ("zh-Hans", "en", "ja", "es", "zh-hans")
LONGEST_OVERLAP_HOURS = 24 * 30
_TIME_ZONES = zoneinfo.available_timezones()


def checked_time_zone(name: str) -> None:
    """Refuse what is no IANA time zone."""
    if name not in _TIME_ZONES:
        raise serializers.ValidationError("Not an IANA time zone like Asia/Shanghai.", "unknown_time_zone")


def _currency(code: str) -> None:
    if code not in EXPONENTS:
        raise serializers.ValidationError("Not an ISO 4217 currency code, such as USD.", "unknown_currency")


def _network(text: str) -> None:
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        raise serializers.ValidationError(
            "Not a network such as 203.0.113.0/24 or 2001:db8::/32.", "not_a_network"
        ) from error


class LocaleField(serializers.ChoiceField):
    """A language we speak, as a tag of BCP 47."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=LOCALES, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Read a tag; the former spelling is the same language."""
        value = super().to_internal_value(data)
        return "zh-Hans" if value == "zh-hans" else value


@extend_schema_serializer(examples=examples.answered(examples.PROVIDER))
class ProviderSerializer(serializers.Serializer[ProviderView]):
    """The agency that runs this deployment."""

    name = serializers.CharField()
    locale = serializers.CharField(help_text="A tag of BCP 47, such as zh-Hans.")
    reporting_currency = serializers.CharField(help_text="ISO 4217.")


@extend_schema_serializer(examples=examples.answered(examples.CLIENT))
class ClientSerializer(serializers.Serializer[ClientView]):
    """A client of the agency."""

    id = serializers.IntegerField()
    slug = serializers.CharField(help_text="Names the client in every path.")
    name = serializers.CharField()
    state = EnumField(ClientState, help_text="Only an active client can be worked with.")
    reporting_currency = serializers.CharField(help_text="ISO 4217; fixed when the client is created.")
    time_zone = serializers.CharField(help_text="IANA time zone of the client's office.")
    locale = serializers.CharField(help_text="A tag of BCP 47, such as zh-Hans.")
    week_start = serializers.IntegerField(help_text="ISO weekday on which a week starts; 1 is Monday.")
    version = serializers.IntegerField(help_text="Rises with every change; the ETag is made of it.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


@extend_schema_serializer(examples=examples.sent(examples.NEW_CLIENT))
class ClientInput(serializers.Serializer[Any]):
    """A client to be made."""

    slug = serializers.CharField(min_length=3, max_length=40, validators=[SLUG])
    name = serializers.CharField(max_length=200)
    reporting_currency = serializers.CharField(default="USD", validators=[_currency])
    time_zone = serializers.CharField(default="Asia/Shanghai", max_length=64, validators=[checked_time_zone])
    locale = LocaleField(default="zh-Hans")
    week_start = serializers.IntegerField(min_value=1, max_value=7, default=1)


@extend_schema_serializer(examples=examples.sent(examples.CLIENT_CHANGE))
class ClientChange(serializers.Serializer[Any]):
    """What may change of a client; what is left out stays."""

    name = serializers.CharField(max_length=200, required=False)
    time_zone = serializers.CharField(max_length=64, validators=[checked_time_zone], required=False)
    locale = LocaleField(required=False)
    week_start = serializers.IntegerField(min_value=1, max_value=7, required=False)


@extend_schema_serializer(examples=examples.answered(examples.MEMBER))
class MemberSerializer(serializers.Serializer[MemberView]):
    """A person's membership of the client."""

    id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    email = serializers.EmailField()
    name = serializers.CharField(allow_blank=True)
    role = EnumField(Role)
    version = serializers.IntegerField(help_text="Rises with every change; the ETag is made of it.")
    created_at = serializers.DateTimeField()


@extend_schema_serializer(examples=examples.sent(examples.NEW_MEMBER))
class MemberInput(serializers.Serializer[Any]):
    """A person to admit. Who has no account yet gets one and sets a password by the password reset."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=150, default="", allow_blank=True)
    role = EnumField(Role)


@extend_schema_serializer(examples=examples.sent(examples.MEMBER_CHANGE))
class MemberChange(serializers.Serializer[Any]):
    """Another role for a member."""

    role = EnumField(Role)


@extend_schema_serializer(examples=examples.answered(examples.API_KEY))
class ApiKeySerializer(serializers.Serializer[ApiKeyView]):
    """A key without its secret."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="The public part of the key, for recognising it.")
    scopes = serializers.ListField(child=EnumField(Capability))
    networks = serializers.ListField(child=serializers.CharField(), help_text="Empty: usable from anywhere.")
    created_by_id = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="Exact to a minute.")


@extend_schema_serializer(examples=examples.answered(examples.MADE_API_KEY))
class NewApiKeySerializer(ApiKeySerializer):
    """A key just made: the only answer that ever shows its secret."""

    key = serializers.CharField(help_text="Sent as `Authorization: Bearer <key>`; never shown again.")


@extend_schema_serializer(examples=examples.sent(examples.NEW_API_KEY))
class ApiKeyInput(serializers.Serializer[Any]):
    """A key to be made."""

    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(
        child=EnumField(Capability),
        min_length=1,
        max_length=len(KEY_SCOPES),
        help_text="What the key may do; its maker must be allowed to do it too.",
    )
    networks = serializers.ListField(
        child=serializers.CharField(max_length=43, validators=[_network]), default=list, max_length=50
    )
    expires_at = InstantField(default=None, allow_null=True)


@extend_schema_serializer(examples=examples.sent(examples.ROTATION))
class RotationInput(serializers.Serializer[Any]):
    """How long the old key lives on beside its successor."""

    overlap_hours = serializers.IntegerField(min_value=0, max_value=LONGEST_OVERLAP_HOURS, default=24)


class StandingSerializer(serializers.Serializer[Any]):
    """What the caller may do for one client."""

    client = ClientSerializer()
    role = EnumField(Role, allow_null=True, help_text="Null for an API key.")
    capabilities = serializers.ListField(child=EnumField(Capability))


@extend_schema_serializer(examples=examples.answered(examples.ME))
class MeSerializer(serializers.Serializer[Any]):
    """Who is calling, and what they may do where."""

    kind = EnumField(ActorKind)
    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    email = serializers.EmailField(allow_null=True)
    locale = serializers.CharField(allow_null=True, help_text="A tag of BCP 47, such as zh-Hans.")
    time_zone = serializers.CharField(allow_null=True)
    is_staff_member = serializers.BooleanField()
    capabilities = serializers.ListField(
        child=EnumField(AgencyCapability),
        help_text="What the caller may do outside of any client.",
    )
    clients = StandingSerializer(many=True)


@extend_schema_serializer(examples=examples.sent(examples.PROFILE_CHANGE))
class ProfileChange(serializers.Serializer[Any]):
    """What people may change of themselves; what is left out stays."""

    name = serializers.CharField(max_length=150, required=False)
    locale = LocaleField(required=False, help_text="The language of answers whose request asks for none.")
    time_zone = serializers.CharField(max_length=64, validators=[checked_time_zone], required=False)


@extend_schema_serializer(examples=examples.answered(examples.AUDIT_ENTRY))
class AuditEntrySerializer(serializers.Serializer[Any]):
    """One change, or one look, with the hash that chains it to the entry before."""

    seq = serializers.IntegerField(help_text="1, 2, 3 … without a gap.")
    at = serializers.DateTimeField()
    actor_kind = EnumField(ActorKind)
    actor_id = serializers.IntegerField(allow_null=True)
    actor_label = serializers.CharField()
    request_id = serializers.CharField(allow_blank=True)
    verb = serializers.CharField()
    target_type = serializers.CharField()
    target_id = serializers.CharField(allow_blank=True)
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)
    entry_hash = serializers.CharField(help_text="SHA-256 in hexadecimal digits.")
