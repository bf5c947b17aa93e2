"""What flows through a sync and what other apps receive: frozen records and enumerations, no rows.

A record is what one platform row means, in our words. Amounts are `Decimal` in the record's `currency`,
instants are aware (UTC), dates are the shop's business days (the marketplace's time zone). A record never
holds a buyer's personal data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from connectors.records import OperationsRecord


class Family(StrEnum):
    """A group of facts that is rolled up together; dirty days are kept per family."""

    ORDERS = "orders"
    CHARGES = "charges"
    SETTLEMENTS = "settlements"
    INVENTORY = "inventory"
    RETURNS = "returns"
    TRAFFIC = "traffic"
    ADS = "ads"
    OFFERS = "offers"
    LISTINGS = "listings"
    SERVICE = "service"
    COSTS = "costs"
    FEES = "fees"
    SHIPMENTS = "shipments"
    INBOUND = "inbound"
    CUSTOMS = "customs"
    CONVERSATIONS = "conversations"
    REVIEWS = "reviews"
    SURVEYS = "surveys"
    CLAIMS = "claims"
    CERTIFICATES = "certificates"
    EVIDENCE = "evidence"
    EVENTS = "events"
    EXPENSES = "expenses"
    PAYOUTS = "payouts"
    RANKS = "ranks"
    FUNNEL = "funnel"
    WORK = "work"


class OrderStatus(StrEnum):
    """Where an order line stands, whatever the platform calls it."""

    PENDING = "pending"
    UNSHIPPED = "unshipped"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class TaxCollector(StrEnum):
    """Who remits the tax on a sale: the platform (US sales tax) or the seller (JCT, IVA inside the price)."""

    PLATFORM = "platform"
    SELLER = "seller"


class FulfilmentChannel(StrEnum):
    """Who ships: the platform's warehouse or the merchant."""

    PLATFORM = "platform"
    MERCHANT = "merchant"


@dataclass(frozen=True, slots=True)
class OrderLineRecord:
    """One line of an order. Amounts are for the whole line (all units).

    `gross_amount` is what the buyer is asked for the goods including tax, before discounts;
    `tax_amount` is the tax in it; ex-tax revenue is always gross − tax. `discount_amount` is seller-funded,
    ex tax, positive. A cancelled line has status CANCELLED and quantity 0 but may keep its price.
    """

    platform_order_id: str
    line_no: str
    sku: str
    product_id: str
    ordered_at: datetime
    business_on: date
    status: OrderStatus
    channel: FulfilmentChannel
    quantity: int
    currency: str
    gross_amount: Decimal
    tax_amount: Decimal
    tax_collector: TaxCollector
    shipping_amount: Decimal
    shipping_tax_amount: Decimal
    discount_amount: Decimal
    points_amount: Decimal
    is_replacement: bool
    is_business: bool
    buyer_hash: str
    source_updated_at: datetime


class ChargeKind(StrEnum):
    """What a financial movement is; amounts are signed from the seller's side (+ to the seller)."""

    SALE = "sale"
    SALE_TAX = "sale_tax"
    DISCOUNT = "discount"
    SHIPPING_CREDIT = "shipping_credit"
    REFUND = "refund"
    REFUND_TAX = "refund_tax"
    REFERRAL_FEE = "referral_fee"
    FULFILMENT_FEE = "fulfilment_fee"
    STORAGE_FEE = "storage_fee"
    AGED_STORAGE_FEE = "aged_storage_fee"
    RETURN_FEE = "return_fee"
    REFUND_FEE = "refund_fee"
    PAYMENT_FEE = "payment_fee"
    AD_FEE = "ad_fee"
    SUBSCRIPTION_FEE = "subscription_fee"
    REIMBURSEMENT = "reimbursement"
    WITHHELD_TAX = "withheld_tax"
    TRANSFER = "transfer"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ChargeRecord:
    """One leaf of a financial transaction, unique by transaction and line, never a DEFERRED_RELEASED twin."""

    transaction_id: str
    line_no: str
    kind: ChargeKind
    status: str
    platform_order_id: str
    sku: str
    posted_at: datetime
    business_on: date
    quantity: int
    currency: str
    amount: Decimal
    description: str
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class SettlementLineRecord:
    """One row of a settlement report; the report's own total is repeated on every line to prove the sum."""

    settlement_id: str
    line_no: int
    period_start_at: datetime
    period_end_at: datetime
    deposit_at: datetime | None
    total_amount: Decimal
    transaction_type: str
    platform_order_id: str
    sku: str
    amount_type: str
    amount_description: str
    posted_at: datetime | None
    business_on: date
    quantity: int
    currency: str
    amount: Decimal
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class InventoryDayRecord:
    """Units of one SKU at the end of a shop day (or at the moment of the snapshot, for today)."""

    sku: str
    product_id: str
    snapshot_on: date
    fulfillable: int
    inbound: int
    reserved: int
    unfulfillable: int
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class InventoryAgeRecord:
    """Units of one SKU by age on a day; the five buckets do not overlap and sum to `available`."""

    sku: str
    product_id: str
    snapshot_on: date
    available: int
    age_0_90: int
    age_91_180: int
    age_181_270: int
    age_271_365: int
    age_over_365: int
    currency: str
    storage_cost_next_month_amount: Decimal | None
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class ReturnRecord:
    """Units that came back. The cohort (the order's day) is found when it is stored, not here."""

    return_key: str
    platform_order_id: str
    sku: str
    product_id: str
    returned_at: datetime
    business_on: date
    quantity: int
    reason: str
    disposition: str
    status: str
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class TrafficDayRecord:
    """Visits of one shop day. `product_id` is "" for the whole store. Buy Box share is a fraction (0.93)."""

    business_on: date
    product_id: str
    sku: str
    sessions: int
    page_views: int
    buy_box_share: Decimal | None
    units_ordered: int
    orders: int
    currency: str
    ordered_sales_amount: Decimal
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class AdDayRecord:
    """One advertised product in one campaign on one day of the ad profile's time zone."""

    profile_id: str
    campaign_id: str
    ad_group_id: str
    ad_product: str
    sku: str
    product_id: str
    business_on: date
    impressions: int
    clicks: int
    currency: str
    cost_amount: Decimal
    sales_7d_amount: Decimal
    sales_14d_amount: Decimal
    orders_7d: int
    units_7d: int
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class ListingRecord:
    """A product as it is offered now. `price_amount` is None where no price is shown."""

    sku: str
    product_id: str
    title: str
    status: str
    condition: str
    channel: FulfilmentChannel
    currency: str
    price_amount: Decimal | None
    opened_on: date | None
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class OfferRecord:
    """One seller's offer for a product at a moment. `landed_amount` = price + shipping − points, per unit."""

    product_id: str
    seller_id: str
    is_own: bool
    condition: str
    channel: FulfilmentChannel
    observed_at: datetime
    business_on: date
    currency: str
    price_amount: Decimal
    shipping_amount: Decimal
    points_amount: Decimal
    landed_amount: Decimal
    is_featured: bool
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class PerformanceRecord:
    """A figure by which the platform itself judges the account, kept exactly as delivered.

    `metric` is ours (odr, late_shipment_rate, …), `rate`/`target` are fractions, `numerator`/`denominator`
    are the counts where given, `status` the platform's own verdict.
    """

    metric: str
    scope: str
    reported_on: date
    window_start_on: date
    window_end_on: date
    rate: Decimal | None
    target: Decimal | None
    target_condition: str
    numerator: int | None
    denominator: int | None
    status: str
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class FeedbackRecord:
    """A buyer's rating of the seller, 1 to 5. Comment and address are never read."""

    feedback_key: str
    platform_order_id: str
    business_on: date
    rating: int
    source_updated_at: datetime


@dataclass(frozen=True, slots=True)
class FeeEstimateRecord:
    """What the platform says selling one unit at `price_amount` would cost in fees (positive amounts)."""

    sku: str
    product_id: str
    estimated_on: date
    currency: str
    price_amount: Decimal
    referral_amount: Decimal
    fulfilment_amount: Decimal
    closing_amount: Decimal
    other_amount: Decimal
    total_amount: Decimal
    source_updated_at: datetime


Record = (
    OrderLineRecord
    | ChargeRecord
    | SettlementLineRecord
    | InventoryDayRecord
    | InventoryAgeRecord
    | ReturnRecord
    | TrafficDayRecord
    | AdDayRecord
    | ListingRecord
    | OfferRecord
    | PerformanceRecord
    | FeedbackRecord
    | FeeEstimateRecord
    | OperationsRecord
)


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that could not be understood: where it stood and why; `raw` holds no personal data."""

    pointer: str
    reason: str
    raw: dict[str, Any] = field(default_factory=dict)


class CostLine(StrEnum):
    """The lines of a landed-cost sheet, per unit (domain reference D1)."""

    PURCHASE = "purchase"
    FIRST_LEG = "first_leg"
    DUTY = "duty"
    IMPORT_TAX = "import_tax"
    INBOUND = "inbound"
    PACKAGING = "packaging"
    AFTER_SALES = "after_sales"
    LOCAL_SERVICE = "local_service"
    OTHER = "other"


LANDED_LINES = (CostLine.PURCHASE, CostLine.FIRST_LEG, CostLine.DUTY, CostLine.IMPORT_TAX, CostLine.INBOUND)


class RunState(StrEnum):
    """How a sync run stands; WAITING means that the platform needs time and the job comes back."""

    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class ConnectionState(StrEnum):
    """May a connection be used? NEEDS_ATTENTION pauses it until a person mends it."""

    ACTIVE = "active"
    NEEDS_ATTENTION = "needs_attention"
    REVOKED = "revoked"


class FreshnessState(StrEnum):
    """Is a stream's data as young as it ought to be?"""

    FRESH = "fresh"
    STALE = "stale"
    NEVER = "never"
    SUSPECT_EMPTY = "suspect_empty"


@dataclass(frozen=True, slots=True)
class StoreRef:
    """A store as other apps know it. `time_zone` rules its business days, `currency` its native money."""

    id: int
    connection_id: int
    platform: str
    market: str
    marketplace_id: str
    name: str
    currency: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class StreamFreshness:
    """How far one stream of one store is known: covered days are shop days, both ends included."""

    store_id: int
    stream: str
    state: FreshnessState
    data_as_of: datetime | None
    covered_from: date | None
    covered_through: date | None
    last_success_at: datetime | None
    last_problem: str
