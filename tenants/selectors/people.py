"""Who belongs to a client and which keys it has. Reads public tables: call it in the public role."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from django.db.models import F, QuerySet

from config.lib.errors import NotFound
from tenants.context import use_public
from tenants.models import ApiKey, Membership
from tenants.types import ApiKeyView, ContactView, MemberView, Role

_KEY_COLUMNS = tuple(field.name for field in fields(ApiKeyView))
_CONTACT = ("email", "name", "locale", "time_zone")

Rows = QuerySet[Any, Any]


def member_rows(client_id: int) -> Rows:
    """The columns of `MemberView` of everybody at the client, unordered, for paging."""
    return Membership.objects.filter(client_id=client_id).values(
        "id", "user_id", "role", "version", "created_at", email=F("user__email"), name=F("user__name")
    )


def get_member(client_id: int, membership_id: int) -> MemberView:
    """One member of the client; NotFound otherwise, also for a membership of another client."""
    row = member_rows(client_id).filter(pk=membership_id).first()
    if row is None:
        raise NotFound("There is no such member.")
    return member_of(row)


def member_of(row: Mapping[str, Any]) -> MemberView:
    """The value of a row of `member_rows`."""
    return MemberView(**{**row, "role": Role(row["role"])})


def name_members(client_id: int, user_ids: Collection[int]) -> dict[int, str]:
    """What to call these people of the client, by user id; who is no member is left out. Reads in public."""
    with use_public():
        rows = list(member_rows(client_id).filter(user_id__in=user_ids)) if user_ids else []
    return {row["user_id"]: row["name"] or row["email"] for row in rows}


def list_contacts(client_id: int) -> list[ContactView]:
    """How to reach everybody at the client who can log in, by user id. Reads in public."""
    with use_public():
        members = Membership.objects.filter(client_id=client_id, user__is_active=True).order_by("user_id")
        columns = {name: F(f"user__{name}") for name in _CONTACT}
        found: Rows = members.values("user_id", "role", **columns)
        rows = list(found)
    return [ContactView(**{**row, "role": Role(row["role"])}) for row in rows]


def key_rows(client_id: int) -> Rows:
    """The columns of `ApiKeyView` of the client's keys, revoked ones included, unordered, for paging."""
    rows: Rows = ApiKey.objects.filter(client_id=client_id).values(*_KEY_COLUMNS)
    return rows


def get_key(client_id: int, key_id: int) -> ApiKeyView:
    """One key of the client; NotFound otherwise, also for a key of another client."""
    row = key_rows(client_id).filter(pk=key_id).first()
    if row is None:
        raise NotFound("There is no such API key.")
    return ApiKeyView(**row)
