"""Which alert rules there are, what each says now and ever said, and how its last looks went."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet

from alerts.models import AlertRule, AlertRuleVersion
from alerts.types import Policy, RuleView, Severity
from config.lib.errors import NotFound

Row = dict[str, Any]

_COLUMNS = (
    "id",
    "key",
    "detector",
    "in_force",
    "is_active",
    "version",
    "created_at",
    "created_by",
    "updated_at",
)
_SAID = ("title", "store_ids", "parameters", "severity", "policy", "owner", "is_required")
_TURN = ("next_check_at", "last_checked_at", "failures", "problem", "broken_at")


def rules_query(
    *, detector: str | None = None, severity: Severity | None = None, is_active: bool | None = None
) -> QuerySet[Any, Any]:
    """Return the rules with what they say now, for paging."""
    rows: QuerySet[Any, Any] = _rows()
    asked = {"detector": detector, "versions__severity": severity, "is_active": is_active}
    return rows.filter(**{name: value for name, value in asked.items() if value is not None})


def get_rule_row(key: str) -> Row:
    """Return one rule with what it says now; `NotFound` for an unknown key."""
    row = _rows().filter(key=key).first()
    if row is None:
        raise NotFound(f"there is no alert rule {key!r}")
    return dict(row)


def get_rule(rule_id: int) -> RuleView:
    """Return one rule, active or not; `NotFound` for an unknown id."""
    return find_rules([rule_id]).get(rule_id) or _absent(rule_id)


def find_rules(rule_ids: Collection[int]) -> dict[int, RuleView]:
    """Return these rules by id, active or not, as far as they are there; one query."""
    return {row["id"]: to_view(row) for row in _rows().filter(pk__in=list(rule_ids))}


def list_rules(*, active_only: bool = True) -> list[RuleView]:
    """Return the rules of the client, by key."""
    rows = _rows().order_by("key")
    return [to_view(row) for row in (rows.filter(is_active=True) if active_only else rows)]


def list_due(at: datetime, *, limit: int) -> list[int]:
    """Return the active rules whose turn has come, the longest overdue first."""
    rows = AlertRule.objects.filter(is_active=True, turn__next_check_at__lte=at)
    return list(rows.order_by("turn__next_check_at", "id").values_list("id", flat=True)[:limit])


def list_of_detectors(detectors: Collection[str]) -> list[RuleView]:
    """Return the active rules that use one of these detectors."""
    return [
        to_view(row) for row in _rows().filter(is_active=True, detector__in=list(detectors)).order_by("id")
    ]


def versions_query(key: str) -> QuerySet[Any, Any]:
    """Return every version of a rule, for paging; `NotFound` for an unknown key."""
    row = get_rule_row(key)
    found: QuerySet[Any, Any] = AlertRuleVersion.objects.filter(rule_id=row["id"]).values(
        "id", "number", *_SAID, "note", "saved_at", "saved_by"
    )
    return found


def to_view(row: Mapping[str, Any]) -> RuleView:
    """Make the value of a row of this module."""
    return RuleView(
        id=row["id"],
        version=row["in_force"],
        key=row["key"],
        detector=row["detector"],
        title=row["title"],
        store_ids=tuple(row["store_ids"]),
        parameters=row["parameters"],
        severity=Severity(row["severity"]),
        policy=read_policy(row["policy"]),
        owner=row["owner"],
        is_required=row["is_required"],
        is_active=row["is_active"],
    )


def read_policy(document: Mapping[str, Any]) -> Policy:
    """Make a policy of what is stored; what was not stored is as by default."""
    values = {each.name: document[each.name] for each in fields(Policy) if each.name in document}
    hours = values.get("escalate_after_hours")
    return Policy(**{**values, "escalate_after_hours": None if hours is None else Decimal(hours)})


def write_policy(policy: Policy) -> Row:
    """Return a policy as it is stored and shown."""
    hours = policy.escalate_after_hours
    return {**asdict(policy), "escalate_after_hours": None if hours is None else format(hours, "f")}


def _rows() -> QuerySet[Any, Any]:
    said = {name: F(f"versions__{name}") for name in _SAID}
    turn = {name: F(f"turn__{name}") for name in _TURN}
    rows: QuerySet[Any, Any] = AlertRule.objects.filter(versions__number=F("in_force")).values(
        *_COLUMNS, **said, **turn
    )
    return rows


def _absent(rule_id: int) -> RuleView:
    raise NotFound(f"there is no alert rule {rule_id}")
