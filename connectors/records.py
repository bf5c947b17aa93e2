"""What reaches us beyond the platforms' sales streams: deliveries, buyers' voices, papers, money, events.

Each record is one row of a source (a platform's stream, an upload, a form) in our words. Instants are aware
(UTC), days are the shop's business days, amounts are `Decimal` in the record's `currency`. A record never
holds a buyer's personal data: `buyer_hash` is keyed per client and says only "the same buyer".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class ClaimKind(StrEnum):
    """What a buyer (or the platform) holds against an order."""

    ITEM_NOT_RECEIVED = "item_not_received"
    GUARANTEE = "guarantee"
    CHARGEBACK = "chargeback"
    UNRESOLVED_CASE = "unresolved_case"
    REFUND = "refund"
    DEFECT = "defect"


class CustomsOutcome(StrEnum):
    """How customs decided; PENDING declarations count nowhere yet."""

    PENDING = "pending"
    RELEASED = "released"
    QUERIED = "queried"
    HELD = "held"
    REJECTED = "rejected"
    RETURNED = "returned"


class SurveyKind(StrEnum):
    """What was asked: satisfaction 1 to 5, or would you recommend us 0 to 10."""

    CSAT = "csat"
    NPS = "nps"


class EventKind(StrEnum):
    """What was done or happened to a SKU or store that may have moved its figures."""

    LISTING_LIVE = "listing_live"
    LISTING_EDIT = "listing_edit"
    PRICE = "price"
    PROMOTION = "promotion"
    AD_BUDGET = "ad_budget"
    CARRIER_SWITCH = "carrier_switch"
    COMPETITOR = "competitor"
    RULE_CHANGE = "rule_change"
    HOLIDAY = "holiday"
    EMERGENCY = "emergency"
    OTHER = "other"


class ExpenseKind(StrEnum):
    """Money that is spent or lost outside the platform's own fees."""

    OVERHEAD = "overhead"
    FX_LOSS = "fx_loss"
    NON_CREDITABLE_TAX = "non_creditable_tax"
    MARKETING = "marketing"
    ACQUISITION = "acquisition"


class WorkKind(StrEnum):
    """A piece of the team's own work whose time or result is measured."""

    PRICE_APPROVAL = "price_approval"
    PRICE_EXECUTION = "price_execution"
    PRICE_CHANGE = "price_change"
    PROMOTION_RESTORE = "promotion_restore"
    ALERT_ACKNOWLEDGE = "alert_acknowledge"
    ACTION_ITEM = "action_item"


@dataclass(frozen=True, slots=True)
class ShipmentRecord:
    """An order (or a part of it) on its way to the buyer; each instant is None until it happened or is known.

    `ship_due_at` is the latest moment to confirm, `shipped_at` the confirmation, `accepted_at` the carrier's
    first scan, `promised_at` the latest promised delivery. `business_on` is the shop day of payment (of the
    order, where payment is unknown). `is_tracked`: the tracking number is valid and was scanned.
    `cancelled_by` is "", "seller" or "buyer".
    """

    shipment_key: str
    platform_order_id: str
    sku: str
    channel: str
    carrier: str
    warehouse: str
    quantity: int
    business_on: date
    paid_at: datetime | None
    ship_due_at: datetime | None
    shipped_at: datetime | None
    accepted_at: datetime | None
    promised_at: datetime | None
    delivered_at: datetime | None
    is_tracked: bool
    is_complete: bool
    cancelled_by: str
    lost_units: int
    damaged_units: int
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class InboundShipmentRecord:
    """Goods of one SKU on their way from the factory to a warehouse; `business_on` is the departure day."""

    inbound_key: str
    sku: str
    carrier: str
    warehouse: str
    business_on: date
    departed_at: datetime
    arrived_at: datetime | None
    checked_in_at: datetime | None
    received_at: datetime | None
    quantity_sent: int
    quantity_received: int
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class CustomsDeclarationRecord:
    """One declaration at customs with the papers it needed; `business_on` is the day of the decision (of the
    declaration, while it is pending)."""

    declaration_key: str
    business_on: date
    declared_at: datetime
    decided_at: datetime | None
    outcome: CustomsOutcome
    documents_required: int
    documents_valid: int
    currency: str
    customs_value_amount: Decimal
    duty_amount: Decimal
    import_tax_amount: Decimal
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """A buyer's first message and the first human reply to it, without a word of either."""

    conversation_key: str
    platform_order_id: str
    buyer_hash: str
    business_on: date
    opened_at: datetime
    first_response_at: datetime | None
    is_presale: bool
    needs_reply: bool
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """A buyer's rating of a product, 1 to 5, without words."""

    review_key: str
    product_id: str
    sku: str
    business_on: date
    rating: int
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class SurveyRecord:
    """One answer to a survey: CSAT 1 to 5, NPS 0 to 10."""

    survey_key: str
    kind: SurveyKind
    business_on: date
    score: int
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A claim against an order. `is_excluded`: the platform does not count it. The cohort (the order's day)
    is found when it is stored."""

    claim_key: str
    platform_order_id: str
    kind: ClaimKind
    business_on: date
    opened_at: datetime
    is_seller_fault: bool
    is_excluded: bool
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """A certificate or registration as the register of `reported_on` has it; `sku` "" means the company.

    A row with `is_required` and no valid dates says that the certificate is needed and missing. Valid on a
    day: issued_on <= day, and expires_on is None or >= day.
    """

    certificate_key: str
    sku: str
    kind: str
    reported_on: date
    is_required: bool
    issued_on: date | None
    expires_on: date | None
    registration_no: str
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """A counted check by a person or a system that no stream delivers: `numerator` of `denominator`.

    `metric` names what was checked (a KPI key), `subject` what it was checked on. `rater` is a role or a
    staff member's id, `attachment_sha256` proves the file that was seen, `expires_on` when it is to be done
    anew.
    """

    metric: str
    subject: str
    observed_on: date
    numerator: Decimal
    denominator: Decimal
    rater: str
    attachment_sha256: str
    expires_on: date | None
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Something that may explain a move; `sku` "" means the whole store, `ended_at` None a single moment."""

    event_key: str
    kind: EventKind
    sku: str
    business_on: date
    occurred_at: datetime
    ended_at: datetime | None
    title: str
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class ExpenseRecord:
    """Money spent or lost outside the platform's fees, positive."""

    expense_key: str
    kind: ExpenseKind
    business_on: date
    sku: str
    currency: str
    amount: Decimal
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class PayoutRecord:
    """A payment of the platform to the bank: what was expected, what came, and how long the money took.

    `mean_days` is the amount-weighted mean from order to bank. `booked_rate` and `paid_rate` are home
    currency per unit of `currency` (None where there was no exchange).
    """

    payout_key: str
    business_on: date
    currency: str
    expected_amount: Decimal
    paid_amount: Decimal
    mean_days: Decimal
    booked_rate: Decimal | None
    paid_rate: Decimal | None
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class RankDayRecord:
    """The last rank of a product in its sub-category on a day (1 is best)."""

    sku: str
    product_id: str
    category: str
    business_on: date
    rank: int
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class FunnelDayRecord:
    """What visitors of an own online shop did on a day, in numbers of sessions."""

    channel: str
    business_on: date
    sessions: int
    cart_sessions: int
    checkouts_started: int
    checkouts_completed: int
    orders: int
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class WorkItemRecord:
    """A piece of work of the team: begun, due, finished, and whether it was done as it should.

    `business_on` is the shop day on which it was finished (begun, while it is open). `is_ok` is None while
    nobody can say.
    """

    work_key: str
    kind: WorkKind
    sku: str
    owner: str
    business_on: date
    started_at: datetime
    due_at: datetime | None
    finished_at: datetime | None
    is_ok: bool | None
    source_updated_at: datetime


OperationsRecord = (
    ShipmentRecord
    | InboundShipmentRecord
    | CustomsDeclarationRecord
    | ConversationRecord
    | ReviewRecord
    | SurveyRecord
    | ClaimRecord
    | CertificateRecord
    | EvidenceRecord
    | EventRecord
    | ExpenseRecord
    | PayoutRecord
    | RankDayRecord
    | FunnelDayRecord
    | WorkItemRecord
)
