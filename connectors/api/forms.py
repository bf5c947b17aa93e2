"""The form of what the connectors' endpoints take; inputs know nothing of how things are stored."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.lib.api.money import MoneyField
from config.lib.api.schema import EnumField
from config.lib.api.times import DayField
from connectors.services.connections import MAX_BACKFILL_DAYS
from connectors.types import ConnectionState, CostLine

MAX_BATCH = 1000
_MAX_VALUE = 4096


def _values(help_text: str, *, is_secret: bool = False) -> serializers.DictField:
    return serializers.DictField(
        child=serializers.CharField(max_length=_MAX_VALUE, trim_whitespace=False, write_only=is_secret),
        write_only=is_secret,
        help_text=help_text,
    )


class ConnectionInput(serializers.Serializer[Any]):
    """An authorisation to store. Which fields a platform takes, `platforms` tells."""

    platform = serializers.CharField(max_length=32)
    name = serializers.CharField(max_length=100)
    account = _values("Public account ids: the platform's `account_fields`.")
    credential = _values("The platform's `credential_fields`; never shown again.", is_secret=True)


class ConnectionChange(serializers.Serializer[Any]):
    """What may change of a connection; what is left out stays."""

    name = serializers.CharField(max_length=100, required=False)
    state = EnumField(
        ConnectionState,
        required=False,
        help_text="`revoked` takes it out of service, `active` brings it back.",
    )

    def validate_state(self, value: ConnectionState) -> ConnectionState:
        """Only we find out that a connection needs attention."""
        if value is ConnectionState.NEEDS_ATTENTION:
            raise serializers.ValidationError("Only active and revoked can be set.", "not_settable")
        return value


class CredentialInput(serializers.Serializer[Any]):
    """A new credential in place of the stored one."""

    credential = _values("The platform's `credential_fields`; never shown again.", is_secret=True)


class StoreInput(serializers.Serializer[Any]):
    """A shop to follow; for an advertising connection the store it advertises instead."""

    marketplace_id = serializers.CharField(max_length=40, required=False)
    store_id = serializers.IntegerField(required=False, min_value=1)
    name = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    backfill_days = serializers.IntegerField(
        required=False, default=90, min_value=1, max_value=MAX_BACKFILL_DAYS
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the two says what is attached."""
        if ("marketplace_id" in attrs) == ("store_id" in attrs):
            raise serializers.ValidationError(
                {"marketplace_id": "Give either marketplace_id or store_id."}, "required"
            )
        return attrs


class SyncInput(serializers.Serializer[Any]):
    """Which stream to sync now."""

    stream = serializers.CharField(max_length=48)


class CostSheetForm(serializers.Serializer[Any]):
    """The unit cost of a SKU from a day on. A cost line that is left out costs nothing."""

    sku = serializers.CharField(max_length=100)
    market = serializers.CharField(max_length=2, required=False, default="", allow_blank=True)
    channel = serializers.CharField(
        max_length=12,
        required=False,
        default="",
        allow_blank=True,
        help_text="platform or merchant; empty: every channel.",
    )
    effective_on = DayField()
    lines = serializers.DictField(
        child=MoneyField(minimum=Decimal(0)),
        allow_empty=False,
        help_text=f"Unit costs by line: {', '.join(line.value for line in CostLine)}.",
    )

    def validate_lines(self, value: dict[str, Any]) -> dict[CostLine, Any]:
        """Only the lines of a cost sheet."""
        known = {line.value for line in CostLine}
        unknown = sorted(set(value) - known)
        if unknown:
            raise serializers.ValidationError(
                {name: [f"Unknown cost line; known: {', '.join(sorted(known))}."] for name in unknown},
                "unknown_line",
            )
        return {CostLine(name): money for name, money in value.items()}


class CostBatchForm(serializers.Serializer[Any]):
    """Up to a thousand sheets. With `atomic` one invalid item keeps all from being recorded."""

    items = serializers.ListField(child=CostSheetForm(), allow_empty=False, max_length=MAX_BATCH)
    atomic = serializers.BooleanField(required=False, default=True)
    dry_run = serializers.BooleanField(required=False, default=False)


class CostBatchEnvelope(serializers.Serializer[Any]):
    """The same with its items unread, so that each one can be judged by itself."""

    items = serializers.ListField(child=serializers.JSONField(), allow_empty=False, max_length=MAX_BATCH)
    atomic = serializers.BooleanField(required=False, default=True)
    dry_run = serializers.BooleanField(required=False, default=False)
