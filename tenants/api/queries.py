"""The query parameters of the tenants' lists."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from config.lib.api.query import PageQuery, SortField
from config.lib.api.schema import EnumField
from config.lib.api.times import InstantField
from tenants.types import ActorKind, JobState

#: The largest number that the column of an id holds.
LARGEST_ID = 2**63 - 1


class ClientQuery(PageQuery):
    """How to list the clients."""

    sort = SortField({"slug": "slug", "name": "name", "created_at": "created_at", "id": "id"})


class JobQuery(PageQuery):
    """Which jobs to list."""

    kind = serializers.CharField(
        required=False, max_length=100, help_text="For instance connectors.sync_stream."
    )
    state = EnumField(JobState, required=False)


class ActorField(serializers.CharField):
    """`user:12`, `api_key:3` or `system`, as kind and id."""

    default_error_messages = {"actor": gettext_lazy("Write user:<id>, api_key:<id> or system.")}

    def to_internal_value(self, data: Any) -> Any:
        """Read kind and id."""
        kind, _, number = str(data).partition(":")
        if kind == ActorKind.SYSTEM and not number:
            return ActorKind.SYSTEM, None
        is_id = number.isascii() and number.isdigit() and int(number) <= LARGEST_ID
        if kind not in (ActorKind.USER, ActorKind.API_KEY) or not is_id:
            self.fail("actor")
        return ActorKind(kind), int(number)


class TargetField(serializers.CharField):
    """`connection:5`, or `connection` for all of them, as type and id."""

    def to_internal_value(self, data: Any) -> Any:
        """Read type and id."""
        kind, _, number = str(data).partition(":")
        return kind, number

    def run_validators(self, value: Any) -> None:
        """Hold the text to the rules of a text; they would not see into the pair."""
        super().run_validators(":".join(value))


class AuditQuery(PageQuery):
    """Which audit entries to list."""

    actor = ActorField(required=False, max_length=40, help_text="user:<id>, api_key:<id> or system.")
    verb = serializers.CharField(
        required=False, max_length=64, help_text="For instance member.added or looked."
    )
    target = TargetField(
        required=False, max_length=130, help_text="<type> or <type>:<id>, for instance member:7."
    )
    to = InstantField(required=False, help_text="Entries before this instant.")

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which cannot be declared: it is a word of Python's own."""
        fields = super().get_fields()
        fields["from"] = InstantField(required=False, help_text="Entries at or after this instant.")
        return fields
