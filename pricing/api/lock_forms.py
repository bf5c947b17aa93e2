"""The form of what the endpoints of price locks take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.lib.api.query import PageQuery
from config.lib.api.schema import EnumField
from config.lib.api.times import InstantField
from pricing.api.boundary import boundary_field
from pricing.services.locks import BY_HAND
from pricing.types import LockKind

LARGEST = 2**63 - 1


def id_field(**kwargs: Any) -> serializers.IntegerField:
    """The id of a row."""
    return serializers.IntegerField(min_value=1, max_value=LARGEST, **kwargs)


class LockInput(serializers.Serializer[Any]):
    """A listing whose price is to be left alone, and why."""

    store_id = id_field()
    sku = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(
        choices=[kind.value for kind in BY_HAND], required=False, default=LockKind.MANUAL.value
    )
    until = InstantField(
        required=False, allow_null=True, default=None, help_text="Null: until somebody releases it."
    )
    reason = serializers.CharField(max_length=300)


class LockRelease(serializers.Serializer[Any]):
    """Why a lock is released before its end."""

    reason = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class PriceLockSerializer(serializers.Serializer[Any]):
    """A lock with who set it and what became of it."""

    id = serializers.IntegerField()
    store_id = serializers.IntegerField()
    sku = serializers.CharField()
    kind = EnumField(LockKind)
    source_id = serializers.IntegerField(
        help_text="The promotion, test or pilot that holds it; 0 for one that a person set."
    )
    from_at = serializers.DateTimeField()
    until_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    set_at = serializers.DateTimeField()
    set_by = serializers.CharField()
    released_at = serializers.DateTimeField(allow_null=True)
    released_by = serializers.CharField(allow_blank=True)
    release_reason = serializers.CharField(allow_blank=True)
    boundary = boundary_field()


class LockQuery(PageQuery):
    """Which locks to list."""

    store = id_field(required=False)
    sku = serializers.CharField(required=False, max_length=100)
    kind = EnumField(LockKind, required=False)
    holding = serializers.BooleanField(required=False, help_text="True: only those that hold now.")
