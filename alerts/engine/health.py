"""The life of an account-health warning: its kinds, its permitted steps, its clock and its reminders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from alerts.types import Severity


class WarningKind(StrEnum):
    """What a platform warns of."""

    SUSPENSION = "suspension"
    ACCOUNT_AT_RISK = "account_at_risk"
    FUNDS_HELD = "funds_held"
    DOCUMENT_REQUEST = "document_request"
    AUTHENTICITY = "authenticity"
    INTELLECTUAL_PROPERTY = "intellectual_property"
    PRODUCT_SAFETY = "product_safety"
    RESTRICTED_PRODUCT = "restricted_product"
    REVIEW_MANIPULATION = "review_manipulation"
    ORDER_DEFECTS = "order_defects"
    LATE_SHIPMENT = "late_shipment"
    CANCELLATIONS = "cancellations"
    TRACKING = "tracking"
    LISTING_REMOVED = "listing_removed"
    POLICY_VIOLATION = "policy_violation"
    OTHER = "other"


#: What may close the shop or stop its money; such a warning freezes large operations until a person says so.
CRITICAL_KINDS = frozenset(
    {
        WarningKind.SUSPENSION,
        WarningKind.ACCOUNT_AT_RISK,
        WarningKind.FUNDS_HELD,
        WarningKind.DOCUMENT_REQUEST,
        WarningKind.AUTHENTICITY,
        WarningKind.PRODUCT_SAFETY,
        WarningKind.REVIEW_MANIPULATION,
    }
)


class WarningSource(StrEnum):
    """How a warning reached us."""

    API = "api"
    EMAIL = "email"
    REPORT = "report"


class WarningState(StrEnum):
    """Where the work on a warning stands. DISMISSED: no warning after all, or the platform took it back."""

    RECEIVED = "received"
    IN_WORK = "in_work"
    DRAFT_READY = "draft_ready"
    SIGNED_OFF = "signed_off"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    DISMISSED = "dismissed"


_S = WarningState

# A changed text takes the signature with it (SIGNED_OFF → DRAFT_READY). A rejected or late appeal may be
# tried again, which is why those two lead back into work.
STEPS: Mapping[WarningState, frozenset[WarningState]] = {
    _S.RECEIVED: frozenset({_S.IN_WORK, _S.DRAFT_READY, _S.EXPIRED, _S.DISMISSED}),
    _S.IN_WORK: frozenset({_S.DRAFT_READY, _S.EXPIRED, _S.DISMISSED}),
    _S.DRAFT_READY: frozenset({_S.DRAFT_READY, _S.IN_WORK, _S.SIGNED_OFF, _S.EXPIRED, _S.DISMISSED}),
    _S.SIGNED_OFF: frozenset({_S.DRAFT_READY, _S.IN_WORK, _S.SUBMITTED, _S.EXPIRED, _S.DISMISSED}),
    _S.SUBMITTED: frozenset({_S.ACCEPTED, _S.REJECTED, _S.EXPIRED, _S.DISMISSED}),
    _S.REJECTED: frozenset({_S.IN_WORK}),
    _S.EXPIRED: frozenset({_S.IN_WORK, _S.ACCEPTED, _S.REJECTED, _S.DISMISSED}),
    _S.ACCEPTED: frozenset(),
    _S.DISMISSED: frozenset(),
}

#: Nobody may lean back yet; while a critical warning is in one of these its freeze counts.
UNSETTLED = (_S.RECEIVED, _S.IN_WORK, _S.DRAFT_READY, _S.SIGNED_OFF, _S.SUBMITTED)
#: The platform still waits for us, so the deadline runs.
ON_THE_CLOCK = (_S.RECEIVED, _S.IN_WORK, _S.DRAFT_READY, _S.SIGNED_OFF)
#: What counts for the success rate of appeals.
DECIDED = (_S.ACCEPTED, _S.REJECTED, _S.EXPIRED)

#: Hours before the deadline at which somebody is reminded, each once.
REMINDERS = (72, 24, 8, 2)


class RootCause(StrEnum):
    """What a warning came from, as a person judged it; success is counted by it."""

    LATE_DISPATCH = "late_dispatch"
    CARRIER = "carrier"
    STOCK_OUT = "stock_out"
    PRODUCT_QUALITY = "product_quality"
    LISTING_CONTENT = "listing_content"
    SUPPLIER_DOCUMENTS = "supplier_documents"
    BRAND_RIGHTS = "brand_rights"
    CUSTOMER_SERVICE = "customer_service"
    ACCOUNT_ACCESS = "account_access"
    PLATFORM_ERROR = "platform_error"
    OTHER = "other"


def may_step(present: WarningState, to: WarningState) -> bool:
    """Is this step allowed?"""
    return to in STEPS[present]


def severity_of(kind: WarningKind) -> Severity:
    """How much hangs on a kind of warning, unless a person says otherwise."""
    return Severity.CRITICAL if kind in CRITICAL_KINDS else Severity.WARNING


def hours_left(deadline_at: datetime, now: datetime) -> Decimal:
    """Hours until the deadline with one decimal, rounded towards zero; negative once it has passed."""
    seconds = int((deadline_at - now).total_seconds())
    tenths = abs(seconds) * 10 // 3600
    return Decimal(tenths if seconds >= 0 else -tenths) / 10


def reminder_due(deadline_at: datetime, now: datetime, told: int | None) -> int | None:
    """The reminder to send now: the smallest threshold reached that is smaller than the last one `told`.

    None when nothing is due. Whoever was away for long is told once, not once per threshold missed.
    """
    left = (deadline_at - now).total_seconds() / 3600
    reached = [hours for hours in REMINDERS if left <= hours]
    if not reached or left <= 0:
        return None
    due = min(reached)
    return due if told is None or due < told else None
