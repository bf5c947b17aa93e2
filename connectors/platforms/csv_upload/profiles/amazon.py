"""Amazon's flat-file reports as a seller downloads them, by the column names of their documentation."""

from __future__ import annotations

from connectors.platforms.csv_upload.profile import Profile, by_name

_SOURCE = "Amazon Seller Central report"
_CHANNELS = {
    "amazon": "platform",
    "afn": "platform",
    "merchant": "merchant",
    "mfn": "merchant",
    "*": "platform",
}
_ADDRESS = (
    "ship-city", "ship-state", "ship-postal-code", "ship-country", "purchase-order-number", "cpf", "url",
    "buyer-email", "buyer-name", "buyer-phone-number", "recipient-name",
)  # fmt: skip

ALL_ORDERS = Profile(
    key="amazon_all_orders",
    title="Amazon: all orders (GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL)",
    dataset="orders",
    platform="amazon_sp",
    source=_SOURCE,
    delimiter="\t",
    time_zone="UTC",
    columns=by_name(
        order_id="amazon-order-id",
        sku="sku",
        product_id="asin",
        ordered_at="purchase-date",
        updated_at="last-updated-date",
        status="order-status",
        channel="fulfillment-channel",
        quantity="quantity",
        currency="currency",
        price_amount="item-price",
        tax_amount="item-tax",
        shipping_amount="shipping-price",
        shipping_tax_amount="shipping-tax",
        discount_amount="item-promotion-discount",
        points_amount="points-granted",
        is_replacement="is-replacement-order",
        is_business="is-business-order",
    ),
    # A cancelled or pending order has no price yet.
    constants={"price_amount": "0"},
    words={
        "status": {
            "shipped": "shipped",
            "shipped - delivered to buyer": "shipped",
            "shipped - picked up": "shipped",
            "shipped - out for delivery": "shipped",
            "shipped - returned to seller": "shipped",
            "shipped - returning to seller": "shipped",
            "partiallyshipped": "shipped",
            "complete": "shipped",
            "unshipped": "unshipped",
            "shipping": "unshipped",
            "invoiceunconfirmed": "unshipped",
            "pending": "pending",
            "pending - waiting for pick up": "pending",
            "pendingavailability": "pending",
            "cancelled": "cancelled",
            "canceled": "cancelled",
        },
        "channel": _CHANNELS,
    },
    personal=_ADDRESS,
)

FBA_RETURNS = Profile(
    key="amazon_fba_returns",
    title="Amazon: FBA customer returns (GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA)",
    dataset="returns",
    platform="amazon_sp",
    source=_SOURCE,
    time_zone="UTC",
    columns=by_name(
        order_id="order-id",
        sku="sku",
        product_id="asin",
        returned_at="return-date",
        quantity="quantity",
        disposition="detailed-disposition",
        reason="reason",
        status="status",
    ),
    personal=("customer-comments",),
)

MFN_RETURNS = Profile(
    key="amazon_mfn_returns",
    title="Amazon: returns to the seller (GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE)",
    dataset="returns",
    platform="amazon_sp",
    source=_SOURCE,
    columns=by_name(
        return_key="Amazon RMA ID",
        order_id="Order ID",
        sku="Merchant SKU",
        product_id="ASIN",
        returned_at=("Return delivery date", "Return request date"),
        quantity="Return quantity",
        reason="Return Reason",
        status="Return request status",
    ),
)

INVENTORY_PLANNING = Profile(
    key="amazon_inventory_planning",
    title="Amazon: inventory health (GET_FBA_INVENTORY_PLANNING_DATA)",
    dataset="inventory_age",
    platform="amazon_sp",
    source=_SOURCE,
    # The report has two sets of age groups that overlap; only this one is complete.
    columns=by_name(
        snapshot_on="snapshot-date",
        sku="sku",
        product_id="asin",
        available="available",
        pending_removal="pending-removal-quantity",
        age_0_90="inv-age-0-to-90-days",
        age_91_180="inv-age-91-to-180-days",
        age_181_270="inv-age-181-to-270-days",
        age_271_365="inv-age-271-to-365-days",
        age_over_365="inv-age-365-plus-days",
        currency="currency",
        storage_cost_next_month_amount="estimated-storage-cost-next-month",
    ),
)

SETTLEMENT = Profile(
    key="amazon_settlement_v2",
    title="Amazon: settlement (GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2)",
    dataset="settlements",
    platform="amazon_sp",
    source=_SOURCE,
    delimiter="\t",
    time_zone="UTC",
    columns=by_name(
        settlement_id="settlement-id",
        period_start_at="settlement-start-date",
        period_end_at="settlement-end-date",
        deposit_at="deposit-date",
        total_amount="total-amount",
        currency="currency",
        transaction_type="transaction-type",
        order_id="order-id",
        sku="sku",
        amount_type="amount-type",
        amount_description="amount-description",
        posted_at="posted-date-time",
        quantity="quantity-purchased",
        amount="amount",
    ),
    # The second line tells the whole settlement once; the lines below have none of it.
    carry=("period_start_at", "period_end_at", "deposit_at", "total_amount", "currency"),
    carry_within="settlement_id",
    skip_without=("amount",),
)

LISTINGS = Profile(
    key="amazon_listings",
    title="Amazon: all listings (GET_MERCHANT_LISTINGS_ALL_DATA)",
    dataset="listings",
    platform="amazon_sp",
    source=_SOURCE,
    delimiter="\t",
    columns=by_name(
        sku="seller-sku",
        product_id="asin1",
        title="item-name",
        status="status",
        price_amount="price",
        channel="fulfillment-channel",
        opened_on="open-date",
    ),
    words={
        "status": {"active": "active", "*": "inactive"},
        "channel": {"default": "merchant", "*": "platform"},
    },
)

SELLER_FEEDBACK = Profile(
    key="amazon_seller_feedback",
    title="Amazon: seller feedback (GET_SELLER_FEEDBACK_DATA)",
    dataset="feedback",
    platform="amazon_sp",
    source=_SOURCE,
    columns=by_name(order_id=("order_id", "order-id"), business_on="date", rating="rating"),
    personal=("comments", "response", "rater_email", "rater-email", "your-response", "rater-role"),
)

FEE_PREVIEW = Profile(
    key="amazon_fee_preview",
    title="Amazon: fee preview (GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA); the day comes with the upload",
    dataset="fee_estimates",
    platform="amazon_sp",
    source=_SOURCE,
    columns=by_name(
        sku="sku",
        product_id="asin",
        estimated_on=("date", "estimated-on"),
        currency="currency",
        price_amount=("sales-price", "your-price"),
        referral_amount="estimated-referral-fee-per-unit",
        closing_amount="estimated-variable-closing-fee",
        fulfilment_amount="expected-fulfillment-fee-per-unit",
        total_amount="estimated-fee-total",
    ),
)

REIMBURSEMENTS = Profile(
    key="amazon_reimbursements",
    title="Amazon: FBA reimbursements (GET_FBA_REIMBURSEMENTS_DATA)",
    dataset="charges",
    platform="amazon_sp",
    source=_SOURCE,
    time_zone="UTC",
    columns=by_name(
        transaction_id="reimbursement-id",
        line_no="sku",
        posted_at="approval-date",
        order_id="amazon-order-id",
        sku="sku",
        currency="currency-unit",
        amount="amount-total",
        quantity="quantity-reimbursed-total",
        description="reason",
    ),
    constants={"kind": "reimbursement"},
)

PROFILES = (
    ALL_ORDERS,
    FBA_RETURNS,
    MFN_RETURNS,
    INVENTORY_PLANNING,
    SETTLEMENT,
    LISTINGS,
    SELLER_FEEDBACK,
    FEE_PREVIEW,
    REIMBURSEMENTS,
)
