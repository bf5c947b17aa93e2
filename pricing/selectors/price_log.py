"""What happened to prices in the last hours: suggested, decided, changed, halted; price beside rule."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from pricing.engine import headline
from pricing.models import ApprovalDecision, PriceHalt, PriceObservation, Recommendation

MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event. `rule_price` is what the listing's newest suggestion said, `off_by` the price less that."""

    at: datetime
    event: str
    store_id: int
    sku: str
    currency: str
    price_before: Decimal | None
    price: Decimal | None
    rule_price: Decimal | None
    off_by: Decimal | None
    floor: Decimal | None
    recommendation_id: int | None
    rule_set_id: int | None
    rule_set_version: int | None
    who: str
    reason: str


COLUMNS = tuple(LogLine.__dataclass_fields__)


def list_log(since: datetime, *, store_id: int | None = None, most: int = MOST_ROWS) -> list[LogLine]:
    """Return the events from `since` on, the newest first, at most `most`."""
    scope = {} if store_id is None else {"store_id": store_id}
    touched = Q(opened_at__gte=since) | Q(closed_at__gte=since)
    rows = Recommendation.objects.filter(touched, **scope).order_by("-id")[:most]
    lines = [line for row in rows for line in _of_recommendation(row, since)]
    lines.extend(_decisions(since, scope, most))
    lines.extend(_changes(since, scope, most))
    if store_id is None:
        lines.extend(_halts(since, most))
    lines.sort(key=lambda line: line.at, reverse=True)
    return lines[:most]


def plain_lines(lines: list[LogLine]) -> list[dict[str, Any]]:
    """Return the lines with instants in ISO 8601 and amounts as text."""
    return [{name: _plain(value, line.currency) for name, value in asdict(line).items()} for line in lines]


def _of_recommendation(row: Recommendation, since: datetime) -> list[LogLine]:
    lines = []
    if row.opened_at >= since:
        lines.append(_line(row, row.opened_at, "suggested", row.suggested_amount, "", row.headline))
    if row.closed_at is not None and row.closed_at >= since:
        price = row.approved_amount if row.observed_amount is None else row.observed_amount
        lines.append(_line(row, row.closed_at, row.state, price, row.decided_by, row.decision_reason))
    return lines


def _line(
    row: Recommendation, at: datetime, event: str, price: Decimal | None, who: str, reason: str
) -> LogLine:
    return LogLine(
        at=at,
        event=event,
        store_id=row.store_id,
        sku=row.sku,
        currency=row.currency,
        price_before=row.current_amount,
        price=price,
        rule_price=row.suggested_amount,
        off_by=None if price is None else price - row.suggested_amount,
        floor=row.floor_amount,
        recommendation_id=row.pk,
        rule_set_id=row.rule_set_id,
        rule_set_version=row.rule_set_version,
        who=who,
        reason=reason,
    )


def _decisions(since: datetime, scope: dict[str, Any], most: int) -> list[LogLine]:
    decisions = list(ApprovalDecision.objects.filter(at__gte=since).order_by("-id")[:most])
    rows = Recommendation.objects.filter(**scope).in_bulk([each.recommendation_id for each in decisions])
    return [
        _line(
            rows[each.recommendation_id],
            each.at,
            f"signed:{each.verdict}",
            each.amount,
            each.actor,
            each.reason,
        )
        for each in decisions
        if each.recommendation_id in rows
    ]


def _changes(since: datetime, scope: dict[str, Any], most: int) -> list[LogLine]:
    newest = Recommendation.objects.filter(
        store_id=OuterRef("store_id"), sku=OuterRef("sku"), opened_at__lte=OuterRef("observed_at")
    ).order_by("-id")
    rows = (
        PriceObservation.objects.filter(is_change=True, noted_at__gte=since, **scope)
        .annotate(rule=Subquery(newest.values("id")[:1]))
        .order_by("-id")[:most]
    )
    found = list(rows.values_list("id", "rule"))
    by_id = PriceObservation.objects.in_bulk([pk for pk, _ in found])
    rules = Recommendation.objects.in_bulk([rule for _, rule in found if rule is not None])
    lines = []
    for pk, rule_id in found:
        seen, rule = by_id[pk], rules.get(rule_id) if rule_id is not None else None
        lines.append(
            LogLine(
                at=seen.observed_at,
                event=f"price_changed:{seen.kind}",
                store_id=seen.store_id,
                sku=seen.sku,
                currency=seen.currency,
                price_before=seen.previous_amount,
                price=seen.amount,
                rule_price=None if rule is None else rule.suggested_amount,
                off_by=None if rule is None else seen.amount - rule.suggested_amount,
                floor=None if rule is None else rule.floor_amount,
                recommendation_id=rule_id,
                rule_set_id=None if rule is None else rule.rule_set_id,
                rule_set_version=None if rule is None else rule.rule_set_version,
                who="",
                reason="" if seen.recommendation_id else "not the carrying out of an approval",
            )
        )
    return lines


def _halts(since: datetime, most: int) -> list[LogLine]:
    touched = Q(halted_at__gte=since) | Q(resumed_at__gte=since)
    lines = []
    for row in PriceHalt.objects.filter(touched).order_by("-id")[:most]:
        if row.halted_at >= since:
            lines.append(_halt_line(row, row.halted_at, "halted", row.halted_by, row.reason))
        if row.resumed_at is not None and row.resumed_at >= since:
            lines.append(_halt_line(row, row.resumed_at, "resumed", row.resumed_by, row.resume_reason))
    return lines


def _halt_line(row: PriceHalt, at: datetime, event: str, who: str, reason: str) -> LogLine:
    nothing: dict[str, Any] = dict.fromkeys(COLUMNS)
    named = {"at": at, "event": f"{event}:{row.scope}", "store_id": row.store_id, "sku": "", "currency": ""}
    return LogLine(
        **{**nothing, **named, "rule_set_id": row.rule_set_id or None, "who": who, "reason": reason}
    )


def _plain(value: Any, currency: str) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return headline.amount(value, currency) if isinstance(value, Decimal) else value
