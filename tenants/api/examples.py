"""What requests and answers look like, for the API description; a test validates each against its schema."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

_AT = "2026-08-14T03:30:00Z"

CLIENT: dict[str, Any] = {
    "id": 3,
    "slug": "acme",
    "name": "Acme Home",
    "state": "active",
    "reporting_currency": "USD",
    "time_zone": "Asia/Shanghai",
    "locale": "zh-Hans",
    "week_start": 1,
    "version": 1,
    "created_at": _AT,
    "updated_at": _AT,
}
NEW_CLIENT = {"slug": "acme", "name": "Acme Home", "reporting_currency": "USD", "time_zone": "Asia/Shanghai"}
CLIENT_CHANGE = {"name": "Acme Home & Garden"}
PROVIDER = {"name": "Harbour Agency", "locale": "zh-Hans", "reporting_currency": "USD"}
MEMBER: dict[str, Any] = {
    "id": 12,
    "user_id": 7,
    "email": "ana@example.com",
    "name": "Ana",
    "role": "analyst",
    "version": 1,
    "created_at": _AT,
}
NEW_MEMBER = {"email": "ana@example.com", "name": "Ana", "role": "analyst"}
MEMBER_CHANGE = {"role": "operator"}
API_KEY: dict[str, Any] = {
    "id": 5,
    "name": "ERP",
    "prefix": "k7xw2mqhp4zd",
    "scopes": ["kpi:read", "scorecard:read"],
    "networks": ["203.0.113.0/24"],
    "created_by_id": 7,
    "created_at": _AT,
    "expires_at": "2027-08-14T00:00:00Z",
    "revoked_at": None,
    "last_used_at": None,
}
NEW_API_KEY = {
    "name": "ERP",
    "scopes": ["kpi:read", "scorecard:read"],
    "networks": ["203.0.113.0/24"],
    "expires_at": "2027-08-14T00:00:00Z",
}
MADE_API_KEY = {**API_KEY, "key": "ak_k7xw2mqhp4zd_<52 letters and digits, shown once>"}
ROTATION = {"overlap_hours": 48}
ME = {
    "kind": "user",
    "id": 7,
    "name": "Ana",
    "email": "ana@example.com",
    "locale": "zh-Hans",
    "time_zone": "Asia/Shanghai",
    "is_staff_member": True,
    "capabilities": ["client:list", "self:read", "self:write"],
    "clients": [{"client": CLIENT, "role": "analyst", "capabilities": ["kpi:read", "scorecard:read"]}],
}
PROFILE_CHANGE = {"locale": "ja", "time_zone": "Asia/Tokyo"}
AUDIT_ENTRY = {
    "seq": 41,
    "at": _AT,
    "actor_kind": "user",
    "actor_id": 7,
    "actor_label": "Ana",
    "request_id": "0b6d3f0e5a0c4e2f8d7b1c9a2e4f6a80",
    "verb": "member.added",
    "target_type": "member",
    "target_id": "12",
    "before": None,
    "after": {"user_id": 7, "email": "ana@example.com", "role": "analyst"},
    "entry_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


def sent(value: Any) -> list[OpenApiExample]:
    """An example of a request's body."""
    return [OpenApiExample("example", value=value, request_only=True)]


def answered(value: Any) -> list[OpenApiExample]:
    """An example of an answer's body."""
    return [OpenApiExample("example", value=value, response_only=True)]
