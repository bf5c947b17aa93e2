"""Duty rosters over HTTP, who is on duty when, and a person's own quiet hours and digests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api.alert_forms import id_field
from alerts.engine.lifecycle import LAST_LEVEL
from alerts.engine.quiet import Digest, QuietHours, Wishes, quiet_body
from alerts.engine.roster import Shift, shift_body
from alerts.selectors.attention import AttentionView, get_attention
from alerts.selectors.rosters import RosterView, get_roster, on_duty
from alerts.services.attention import put_attention
from alerts.services.rosters import put_roster
from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField, InstantField
from config.lib.errors import NotFound
from tenants.http import TenantView
from tenants.permissions import Capability
from tenants.principals import Person

TAGS = ["alerts: rosters"]
EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
_EXAMPLE = {
    "shifts": [
        {
            "user_id": 4,
            "time_zone": "Asia/Shanghai",
            "begins": "09:00",
            "ends": "21:00",
            "position": "ads_operator",
        },
        {"user_id": 5, "time_zone": "America/Mexico_City", "begins": "09:00", "ends": "21:00", "level": 2},
    ]
}


def clock_field(**kwargs: Any) -> serializers.RegexField:
    """A time of day on somebody's wall clock, such as 09:00."""
    return serializers.RegexField(_CLOCK, max_length=5, **kwargs)


def weekdays_field() -> serializers.ListField:
    """ISO weekdays, 1 is Monday; every day unless told."""
    return serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7),
        required=False,
        default=lambda: list(EVERY_DAY),
        min_length=1,
        max_length=7,
        help_text="ISO weekdays, 1 is Monday.",
    )


class ShiftSerializer(serializers.Serializer[Any]):
    """A person's regular hours, in their own time zone. `ends` at or before `begins` means the next day."""

    user_id = id_field()
    time_zone = serializers.CharField(max_length=64)
    weekdays = weekdays_field()
    begins = clock_field(required=False, default="09:00")
    ends = clock_field(required=False, default="18:00")
    level = serializers.IntegerField(required=False, default=1, min_value=1, max_value=LAST_LEVEL)
    position = serializers.CharField(
        max_length=64, required=False, allow_blank=True, default="", help_text="Empty: for all of them."
    )
    store_ids = serializers.ListField(
        child=id_field(), required=False, default=list, max_length=200, help_text="Empty: all stores."
    )
    from_on = DayField(required=False, allow_null=True, default=None)
    until_on = DayField(required=False, allow_null=True, default=None)


class RosterInput(serializers.Serializer[Any]):
    """The whole roster."""

    shifts = serializers.ListField(child=ShiftSerializer(), max_length=500)


class RosterGapSerializer(serializers.Serializer[Any]):
    """A time in which nobody is on duty."""

    begins_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class RosterSerializer(serializers.Serializer[Any]):
    """The roster in force; `gap` is the longest time of the next 14 days in which nobody is on duty."""

    version = serializers.IntegerField()
    shifts = ShiftSerializer(many=True)
    put_at = serializers.DateTimeField(allow_null=True)
    put_by = serializers.CharField(allow_blank=True)
    gap = RosterGapSerializer(allow_null=True)


class DutyQuery(QuerySerializer):
    """For which alert, and when."""

    store = id_field(required=False)
    position = serializers.CharField(required=False, max_length=64, default="", allow_blank=True)
    at = InstantField(required=False, help_text="Now unless told.")
    level = serializers.IntegerField(required=False, default=1, min_value=1, max_value=LAST_LEVEL)


class DutySerializer(serializers.Serializer[Any]):
    """Who is told of an alert then; empty: whoever manages the client."""

    at = serializers.DateTimeField()
    user_ids = serializers.ListField(child=serializers.IntegerField())


class QuietHoursSerializer(serializers.Serializer[Any]):
    """Hours in which nothing but critical alerts arrives. `until` at or before `since`: the next morning."""

    since = clock_field()
    until = clock_field()
    weekdays = weekdays_field()


class AlertAttentionInput(serializers.Serializer[Any]):
    """When a person wants to hear of this client's alerts."""

    time_zone = serializers.CharField(max_length=64)
    quiet = QuietHoursSerializer(required=False, allow_null=True, default=None)
    digest = EnumField(Digest, required=False, default=Digest.OFF.value)
    digest_hour = serializers.IntegerField(required=False, default=8, min_value=0, max_value=23)
    digest_weekday = serializers.IntegerField(
        required=False, default=1, min_value=1, max_value=7, help_text="Of a weekly digest; 1 is Monday."
    )


class AlertAttentionSerializer(AlertAttentionInput):
    """What a person wished; version 0 and no time zone: they never said, and are told at once."""

    version = serializers.IntegerField()
    time_zone = serializers.CharField(allow_blank=True)


class DutyRosterView(TenantView):
    """Who is on duty for the client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ALERT_READ,
        "PUT": Capability.ALERT_RULE_WRITE,
    }

    @extend_schema(operation_id="get_duty_roster", responses=RosterSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Show the roster in force; version 0 if there never was one."""
        return _roster(self, get_roster(clock.now()))

    @extend_schema(
        operation_id="put_duty_roster",
        request=RosterInput,
        responses=RosterSerializer,
        examples=[OpenApiExample("Two continents", value=_EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def put(self, request: Request, client: str) -> Response:
        """Put the whole roster; If-Match carries the ETag of the one in force, "0" for none. Alerts go to who
        is awake, a level up when nobody acknowledges, and never to nobody for more than a day."""
        version = get_roster(clock.now()).version
        require_if_match(request, version)
        shifts = [_shift(each) for each in self.body(RosterInput)["shifts"]]
        return _roster(self, put_roster(shifts=shifts, version=version))


class OnDutyView(TenantView):
    """Whom an alert would go to."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ALERT_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": DutyQuery}

    @extend_schema(operation_id="get_on_duty", responses=DutySerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Show who is told of an alert of a store and position at an instant."""
        at = self.query.get("at") or clock.now()
        people = on_duty(self.query.get("store"), self.query["position"], at, level=self.query["level"])
        return self.ok({"at": at, "user_ids": people})


class AttentionPreferenceView(TenantView):
    """One's own quiet hours and digests."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ALERT_READ,
        "PUT": Capability.ALERT_READ,
    }

    @extend_schema(operation_id="get_alert_attention", responses=AlertAttentionSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Show when the calling person wants to hear of this client's alerts."""
        return _attention(self, get_attention(_own_id(self)))

    @extend_schema(
        operation_id="put_alert_attention",
        request=AlertAttentionInput,
        responses=AlertAttentionSerializer,
        examples=[
            OpenApiExample(
                "Nights off",
                value={"time_zone": "Asia/Tokyo", "quiet": {"since": "21:00", "until": "08:00"}},
                request_only=True,
            )
        ],
        tags=TAGS,
    )
    def put(self, request: Request, client: str) -> Response:
        """Say when oneself wants to hear of alerts. Critical ones and escalations always pass."""
        user_id = _own_id(self)
        version = get_attention(user_id).version
        require_if_match(request, version)
        asked = self.body(AlertAttentionInput)
        wishes = Wishes(
            time_zone=asked["time_zone"],
            quiet=_quiet(asked["quiet"]),
            digest=Digest(asked["digest"]),
            digest_hour=asked["digest_hour"],
            digest_weekday=asked["digest_weekday"],
        )
        return _attention(self, put_attention(user_id=user_id, wishes=wishes, version=version))


def _own_id(view: TenantView) -> int:
    caller = view.principal
    if not isinstance(caller, Person):
        raise NotFound("Only a person has quiet hours and digests; an API key has none.")
    return caller.id


def _shift(asked: Mapping[str, Any]) -> Shift:
    return Shift(
        **{
            **asked,
            "weekdays": tuple(sorted(set(asked["weekdays"]))),
            "store_ids": tuple(asked["store_ids"]),
            "begins": time.fromisoformat(asked["begins"]),
            "ends": time.fromisoformat(asked["ends"]),
        }
    )


def _quiet(asked: Mapping[str, Any] | None) -> QuietHours | None:
    if asked is None:
        return None
    since, until = time.fromisoformat(asked["since"]), time.fromisoformat(asked["until"])
    return QuietHours(since, until, tuple(sorted(set(asked["weekdays"]))))


def _roster(view: TenantView, found: RosterView) -> Response:
    body = {
        "version": found.version,
        "shifts": [shift_body(shift) for shift in found.shifts],
        "put_at": found.put_at,
        "put_by": found.put_by,
        "gap": {"begins_at": found.gap[0], "ends_at": found.gap[1]} if found.gap else None,
    }
    return view.ok(body, etag=etag_of(found.version))


def _attention(view: TenantView, found: AttentionView) -> Response:
    wishes = found.wishes or Wishes(time_zone="")
    body = {
        "version": found.version,
        "time_zone": wishes.time_zone,
        "quiet": quiet_body(wishes.quiet) if wishes.quiet else None,
        "digest": wishes.digest,
        "digest_hour": wishes.digest_hour,
        "digest_weekday": wishes.digest_weekday,
    }
    return view.ok(body, etag=etag_of(found.version))
