"""Papers, checks, events, money outside the platform and own work, as tables people hand in."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from connectors.engine.evidence import METRICS
from connectors.platforms.csv_upload.fields import (
    ANY_SKU,
    CURRENCY,
    UPDATED,
    Dataset,
    Field,
    Kind,
    RowContext,
    amount,
    choice,
    day,
    flag,
    ident,
    instant,
    text,
)
from connectors.records import (
    CertificateRecord,
    EventKind,
    EventRecord,
    EvidenceRecord,
    ExpenseKind,
    ExpenseRecord,
    PayoutRecord,
    WorkItemRecord,
    WorkKind,
)

_MONTHLY = timedelta(days=33)
_ANYTIME = timedelta(days=400)


def _certificate(values: dict[str, Any], context: RowContext) -> None:
    issued, expires = values.get("issued_on"), values.get("expires_on")
    if issued and expires and expires < issued:
        raise ValueError("expires_on|It expires before it was issued.")
    if values.get("is_required") is None:
        values["is_required"] = True


def _evidence(values: dict[str, Any], context: RowContext) -> None:
    metric = METRICS.get(values["metric"])
    if metric is None:
        raise ValueError(f"metric|Unknown check; known: {', '.join(METRICS)}.")
    if metric.is_share and values["numerator"] > values["denominator"]:
        raise ValueError("numerator|More passed than were checked.")
    expires = values.get("expires_on")
    if expires and expires < values["observed_on"]:
        raise ValueError("expires_on|It expires before it was checked.")


def _event(values: dict[str, Any], context: RowContext) -> None:
    if values.get("ended_at") and values["ended_at"] < values["occurred_at"]:
        raise ValueError("ended_at|It ends before it begins.")


def _work(values: dict[str, Any], context: RowContext) -> None:
    if values.get("finished_at") and values["finished_at"] < values["started_at"]:
        raise ValueError("finished_at|It is finished before it was begun.")


CERTIFICATES = Dataset(
    key="certificates",
    title="Register of certificates and registrations",
    record=CertificateRecord,
    natural_key=("certificate_key", "reported_on"),
    streams=("certificates",),
    stale_after=timedelta(days=95),
    day="reported_on",
    key_field="certificate_key",
    key_from=("kind", "sku", "registration_no"),
    fix=_certificate,
    fields=(
        ident("certificate_key", "Its number in the register; kind, SKU and number where empty", longest=160),
        ANY_SKU,
        text("kind", "PSE, JIS, FCC, CPC, NOM, JCT, RFC, …", "PSE", required=True, longest=24),
        day("reported_on", "Day of the register", required=True),
        flag("is_required", "Is it needed? yes where empty"),
        day("issued_on", "Valid from; empty while it is missing", "2025-04-01"),
        day("expires_on", "Valid until; empty for ever", "2028-03-31"),
        ident("registration_no", "Number of the paper", "T1234567890123", longest=80),
        UPDATED,
    ),
)

EVIDENCE = Dataset(
    key="evidence",
    title="Counted checks by a person",
    record=EvidenceRecord,
    natural_key=("metric", "subject", "observed_on"),
    streams=("evidence",),
    stale_after=timedelta(days=95),
    day="observed_on",
    fix=_evidence,
    fields=(
        ident("metric", "Which check, by the key of its KPI", "label_check_pass", required=True, longest=39),
        text("subject", "What was checked", "Kitchen, 20 SKUs", longest=120),
        day("observed_on", "Day of the check", required=True),
        Field("numerator", Kind.NUMBER, "How many passed", "19", required=True, minimum=Decimal(0)),
        Field("denominator", Kind.NUMBER, "How many were checked", "20", required=True, minimum=Decimal(0)),
        text("rater", "Who checked: a role", "compliance", longest=40),
        ident("attachment_sha256", "SHA-256 of the file that was seen", "", longest=64),
        day("expires_on", "When it has to be done anew", "2026-12-31"),
        UPDATED,
    ),
)

EVENTS = Dataset(
    key="events",
    title="What was done or happened",
    record=EventRecord,
    natural_key=("event_key",),
    streams=("events",),
    stale_after=_ANYTIME,
    day_from=("occurred_at",),
    key_field="event_key",
    key_from=("kind", "sku", "occurred_at", "title"),
    fix=_event,
    fields=(
        ident("event_key", "Its own number; kind, SKU, time and title where empty", "E-1", longest=160),
        choice("kind", "What sort of event", EventKind, required=True),
        ANY_SKU,
        instant("occurred_at", "When", required=True),
        instant("ended_at", "Until when; empty for a moment"),
        text("title", "In a few words", "New main image", required=True, longest=300),
        UPDATED,
    ),
)

EXPENSES = Dataset(
    key="expenses",
    title="Money spent or lost outside the platform",
    record=ExpenseRecord,
    natural_key=("expense_key",),
    streams=("expenses",),
    stale_after=_MONTHLY,
    key_field="expense_key",
    key_from=("kind", "sku", "business_on", "currency", "amount"),
    fields=(
        ident("expense_key", "The voucher's number", "V-1", longest=160),
        choice("kind", "What for", ExpenseKind, required=True),
        day("business_on", "The day it belongs to", required=True),
        ANY_SKU,
        CURRENCY,
        Field(
            "amount",
            Kind.AMOUNT,
            "How much, positive",
            "250.00",
            required=True,
            unit="currency",
            minimum=Decimal(0),
        ),
        UPDATED,
    ),
)

PAYOUTS = Dataset(
    key="payouts",
    title="Payments of the platform to the bank",
    record=PayoutRecord,
    natural_key=("payout_key",),
    streams=("payouts",),
    stale_after=_MONTHLY,
    fields=(
        ident("payout_key", "The payment's number", "P-2026-11", required=True, longest=160),
        day("business_on", "Day of the payment", required=True),
        CURRENCY,
        amount("expected_amount", "What was due", "1023.40", required=True),
        amount("paid_amount", "What came", "1020.10", required=True),
        Field(
            "mean_days",
            Kind.NUMBER,
            "Days from order to bank, weighted by amount",
            "17.5",
            unit="days",
            minimum=Decimal(0),
        ),
        Field("booked_rate", Kind.NUMBER, "Home currency per unit when booked", "7.12", unit="rate"),
        Field("paid_rate", Kind.NUMBER, "Home currency per unit when paid", "7.05", unit="rate"),
        UPDATED,
    ),
)

WORK = Dataset(
    key="work",
    title="Pieces of the team's work",
    record=WorkItemRecord,
    natural_key=("work_key",),
    streams=("work",),
    stale_after=_MONTHLY,
    day_from=("finished_at", "started_at"),
    fix=_work,
    fields=(
        ident("work_key", "Its number", "W-1", required=True, longest=160),
        choice("kind", "What sort of work", WorkKind, required=True),
        ANY_SKU,
        text("owner", "The role or staff number of who does it, not a name", "lin", longest=150),
        instant("started_at", "When it was begun or asked for", required=True),
        instant("due_at", "When it is due"),
        instant("finished_at", "When it was finished"),
        flag("is_ok", "Was it done as it should? Empty while nobody can say"),
        UPDATED,
    ),
)
