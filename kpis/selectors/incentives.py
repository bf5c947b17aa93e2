"""What figures were worth to whom, by which rule, and who objected."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from django.db.models import QuerySet

from config.lib.errors import NotFound
from kpis.models import Appeal, IncentiveRule, IncentiveStatement
from kpis.selectors.lines import Row

RULE = ("id", "version", "name", "effective_on", "document", "recorded_at", "recorded_by")
STATEMENT = (
    "id", "user_id", "person", "month", "version", "rule_version", "review_id", "sha256", "points",
    "appeal_id", "made_at", "made_by",
)  # fmt: skip
APPEAL = (
    "id", "statement_id", "user_id", "state", "version", "reason", "decision", "filed_at", "decided_at",
    "decided_by",
)  # fmt: skip


def rules_query() -> QuerySet[Any, Any]:
    """Every version of the rule, for paging."""
    rows: QuerySet[Any, Any] = IncentiveRule.objects.values(*RULE)
    return rows


def get_rule(version: int) -> Row:
    """Return one version of the rule; `NotFound` if there is none."""
    row = rules_query().filter(version=version).first()
    if row is None:
        raise NotFound(f"there is no incentive rule of version {version}")
    return dict(row)


def find_rule(on: date) -> Row | None:
    """Return the rule in force on a day: of the latest date the highest version."""
    row = rules_query().filter(effective_on__lte=on).order_by("-effective_on", "-version").first()
    return None if row is None else dict(row)


def statements_query(*, user_id: int | None = None, month: str | None = None) -> QuerySet[Any, Any]:
    """Statements without their documents, for paging."""
    rows: QuerySet[Any, Any] = IncentiveStatement.objects.values(*STATEMENT)
    asked = {"user_id": user_id, "month": month}
    return rows.filter(**{name: value for name, value in asked.items() if value is not None})


def get_statement(statement_id: int, *, user_id: int | None = None) -> Row:
    """Return a statement with its document; `NotFound` also for somebody else's where `user_id` is given."""
    row = statements_query(user_id=user_id).filter(pk=statement_id).values(*STATEMENT, "document").first()
    if row is None:
        raise NotFound(f"there is no statement {statement_id}")
    return {**row, "document": orjson.loads(row["document"])}


def appeals_query(*, state: str | None = None, user_id: int | None = None) -> QuerySet[Any, Any]:
    """Objections, for paging."""
    rows: QuerySet[Any, Any] = Appeal.objects.values(*APPEAL)
    asked = {"state": state, "user_id": user_id}
    return rows.filter(**{name: value for name, value in asked.items() if value is not None})


def get_appeal(appeal_id: int) -> Row:
    """Return one objection; `NotFound` if there is none of this id."""
    row = appeals_query().filter(pk=appeal_id).first()
    if row is None:
        raise NotFound(f"there is no appeal {appeal_id}")
    return dict(row)


def newest_rule_version() -> int:
    """The version of the rule recorded last; 0 while there is none."""
    found = rules_query().order_by("-version").first()
    return 0 if found is None else found["version"]
