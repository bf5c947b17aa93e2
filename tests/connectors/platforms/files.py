"""Report files written by us, in the shape Amazon documents; people in them are made up."""

from __future__ import annotations

import json

from tests.connectors.platforms.stage import tsv

ORDER_COLUMNS = (
    "amazon-order-id merchant-order-id purchase-date last-updated-date order-status fulfillment-channel"
    " sales-channel order-channel ship-service-level product-name sku asin item-status quantity currency"
    " item-price item-tax shipping-price shipping-tax gift-wrap-price gift-wrap-tax"
    " item-promotion-discount ship-promotion-discount ship-city ship-state ship-postal-code ship-country"
    " promotion-ids cpf is-business-order purchase-order-number price-designation"
    " signature-confirmation-recommended"
)
PRIVATE = ("Springfield", "62704", "jane@example.com", "Jane Roe", "smelled of smoke", "PO-4711", "Evergreen")


def order_row(order: str = "111-0000001-0000001", **cells: object) -> dict[str, object]:
    """A shipped line of one cup for 20.00, with a city and a postal code that must not survive."""
    row: dict[str, object] = {
        "amazon-order-id": order,
        "purchase-date": "2026-11-01T18:00:00+00:00",
        "last-updated-date": "2026-11-02T09:00:00+00:00",
        "order-status": "Shipped",
        "fulfillment-channel": "Amazon",
        "product-name": '7" cup',
        "sku": "CUP-1",
        "asin": "B000000001",
        "item-status": "Shipped",
        "quantity": "1",
        "currency": "USD",
        "item-price": "20.00",
        "item-tax": "1.60",
        "ship-city": "Springfield",
        "ship-postal-code": "62704",
        "purchase-order-number": "PO-4711",
        "is-business-order": "false",
    }
    return {**row, **{name.replace("_", "-"): value for name, value in cells.items()}}


def orders_file(*rows: dict[str, object]) -> str:
    """The all-orders flat file."""
    return tsv(ORDER_COLUMNS, *rows)


RETURN_COLUMNS = (
    "return-date order-id sku asin fnsku product-name quantity fulfillment-center-id detailed-disposition"
    " reason status license-plate-number customer-comments"
)
RETURNS = tsv(
    RETURN_COLUMNS,
    {
        "return-date": "2026-11-05T10:00:00+00:00", "order-id": "111-0000001-0000001", "sku": "CUP-1",
        "asin": "B000000001", "quantity": 1, "detailed-disposition": "SELLABLE", "reason": "NOT_COMPATIBLE",
        "status": "Unit returned to inventory", "license-plate-number": "LPN1",
        "customer-comments": "smelled of smoke, Jane Roe",
    },
    {
        "return-date": "2026-11-06T10:00:00+00:00", "order-id": "111-0000002-0000002", "sku": "POT-2",
        "asin": "B000000002", "quantity": 1,
        "detailed-disposition": "CUSTOMER_DAMAGED", "reason": "DEFECTIVE",
    },
)  # fmt: skip

LEDGER = (
    '"Date"\t"FNSKU"\t"ASIN"\t"MSKU"\t"Title"\t"Disposition"\t"Starting Warehouse Balance"'
    '\t"In Transit Between Warehouses"\t"Ending Warehouse Balance"\t"Location"\n'
    '"11/19/2026"\t"X1"\t"B000000001"\t"CUP-1"\t"Cup, 7"" wide"\t"SELLABLE"\t"12"\t"2"\t"10"\t"US"\n'
    '"11/19/2026"\t"X1"\t"B000000001"\t"CUP-1"\t"Cup"\t"DEFECTIVE"\t"1"\t"0"\t"1"\t"US"\n'
    '"11/19/2026"\t"X1"\t"B000000001"\t"CUP-1"\t"Cup"\t"SELLABLE"\t"1"\t"0"\t"99"\t"CA"\n'
    '"11/20/2026"\t"X1"\t"B000000001"\t"CUP-1"\t"Cup"\t"SELLABLE"\t"10"\t"0"\t"0"\t"US"\n'
)

PLANNING_COLUMNS = (
    "snapshot-date sku fnsku asin product-name condition available pending-removal-quantity"
    " inv-age-0-to-90-days inv-age-91-to-180-days inv-age-181-to-270-days inv-age-271-to-365-days"
    " inv-age-365-plus-days currency inv-age-181-to-330-days inv-age-331-to-365-days"
    " estimated-storage-cost-next-month"
)


def planning_row(sku: str, available: int, *ages: int, pending: int = 0) -> dict[str, object]:
    """A row of the planning report; the second, overlapping bucket set is filled as Amazon fills it."""
    row: dict[str, object] = {
        "snapshot-date": "2026-11-21", "sku": sku, "asin": "B000000001", "available": available,
        "pending-removal-quantity": pending, "currency": "USD", "estimated-storage-cost-next-month": "3.21",
        "inv-age-181-to-330-days": ages[2], "inv-age-331-to-365-days": ages[3],
    }  # fmt: skip
    names = ("0-to-90", "91-to-180", "181-to-270", "271-to-365", "365-plus")
    return {**row, **{f"inv-age-{name}-days": age for name, age in zip(names, ages, strict=True)}}


FEEDBACK = tsv(
    "date rating comments response order_id rater_email",
    {"date": "11/05/26", "rating": 5, "comments": "smelled of smoke", "order_id": "111-0000001-0000001",
     "rater_email": "jane@example.com"},
    {"date": "11/06/26", "rating": 1, "order_id": "111-0000002-0000002", "rater_email": "jane@example.com"},
)  # fmt: skip

SETTLEMENT_COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency"
    " transaction-type order-id merchant-order-id adjustment-id shipment-id marketplace-name amount-type"
    " amount-description amount fulfillment-id posted-date posted-date-time order-item-code"
    " merchant-order-item-id merchant-adjustment-item-id sku quantity-purchased promotion-id"
)


def settlement(total: str = "15.50", *, start: str = "2026-11-01 00:00:00 UTC") -> str:
    """A settlement of three lines: 20.00 − 3.00 − 1.50."""
    head = {
        "settlement-id": "9001", "settlement-start-date": start,
        "settlement-end-date": "2026-11-15 00:00:00 UTC", "deposit-date": "2026-11-17 00:00:00 UTC",
        "total-amount": total, "currency": "USD",
    }  # fmt: skip
    line = {
        "settlement-id": "9001",
        "order-id": "111-0000001-0000001",
        "posted-date-time": "2026-11-02 08:52:26 UTC",
    }
    return tsv(
        SETTLEMENT_COLUMNS,
        head,
        {**line, "transaction-type": "Order", "amount-type": "ItemPrice", "amount-description": "Principal",
         "amount": "20.00", "sku": "CUP-1", "quantity-purchased": 1},
        {**line, "transaction-type": "Order", "amount-type": "ItemFees", "amount-description": "Commission",
         "amount": "-3.00", "sku": "CUP-1"},
        {**line, "transaction-type": "other-transaction", "amount-type": "other", "amount-description": "Fee",
         "amount": "-1.50"},
    )  # fmt: skip


def traffic(*days: str) -> str:
    """The sales and traffic report of some days."""
    return json.dumps(
        {
            "reportSpecification": {"reportType": "GET_SALES_AND_TRAFFIC_REPORT"},
            "salesAndTrafficByDate": [
                {
                    "date": day,
                    "salesByDate": {
                        "orderedProductSales": {"amount": 238.44, "currencyCode": "USD"},
                        "unitsOrdered": 23,
                        "totalOrderItems": 20,
                    },
                    "trafficByDate": {"pageViews": 1658, "sessions": 1000, "buyBoxPercentage": 93.5},
                }
                for day in days
            ],
            "salesAndTrafficByAsin": [],
        }
    )


HEALTH = json.dumps(
    {
        "accountStatuses": [{"marketplaceId": "ATVPDKIKX0DER", "status": "NORMAL"}],
        "performanceMetrics": [
            {
                "marketplaceId": "ATVPDKIKX0DER",
                "lateShipmentRate": {
                    "reportingDateRange": {
                        "reportingDateFrom": "2026-10-21T00:00Z", "reportingDateTo": "2026-11-19T23:59Z",
                    },
                    "orderCount": 870, "lateShipmentCount": 27, "status": "GOOD", "rate": 0.031,
                    "targetValue": 0.04, "targetCondition": "LESS_THAN",
                },
                "orderDefectRate": {
                    "afn": {
                        "reportingDateRange": {
                            "reportingDateFrom": "2026-09-06T00:00Z", "reportingDateTo": "2026-11-04T23:59Z",
                        },
                        "orderCount": 539, "orderWithDefects": {"count": 2, "status": "GOOD"},
                        "status": "GOOD",
                        "rate": 0.0037, "targetValue": 0.01, "targetCondition": "LESS_THAN",
                    }
                },
                "warningState": [{"warningType": "spam", "status": "BAD"}],
            }
        ],
    }
)  # fmt: skip

ADS = json.dumps(
    [
        {
            "date": "2026-11-19", "campaignId": 11, "adGroupId": 22, "advertisedAsin": "B000000001",
            "advertisedSku": "CUP-1", "impressions": 100, "clicks": 4, "cost": 3.1, "sales7d": 20.0,
            "sales14d": 40.0, "purchases7d": 1, "unitsSoldClicks7d": 1, "campaignBudgetCurrencyCode": "USD",
        }
    ]
    * 2
)  # fmt: skip


def api_order(number: int = 1, **changes: object) -> dict[str, object]:
    """An order as the Orders API gives it when everything is asked for, buyer and address included."""
    order: dict[str, object] = {
        "orderId": f"111-{number:07d}-{number:07d}",
        "createdTime": "2026-11-20T18:00:00Z",
        "lastUpdatedTime": "2026-11-21T09:00:00Z",
        "programs": ["PRIME"],
        "associatedOrders": [],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER"},
        "buyer": {"buyerName": "Jane Roe", "buyerEmail": "jane@example.com"},
        "recipient": {
            "deliveryAddress": {"name": "Jane Roe", "addressLine1": "Evergreen 1", "city": "Springfield"}
        },
        "tax": {"taxRegistrations": [{"entityType": "BUYER", "legalName": "Jane Roe"}]},
        "fulfillment": {"fulfillmentStatus": "SHIPPED", "fulfilledBy": "AMAZON"},
        "orderItems": [api_item()],
    }
    return {**order, **changes}


def api_item(sku: str = "CUP-1", quantity: int = 1, **changes: object) -> dict[str, object]:
    """An item of 20.00 and 1.60 tax."""
    item: dict[str, object] = {
        "orderItemId": f"item-{sku}",
        "quantityOrdered": quantity,
        "product": {
            "asin": "B000000001",
            "title": "Cup",
            "sellerSku": sku,
            "price": {"unitPrice": {"amount": "20.00", "currencyCode": "USD"}},
            "customization": {"customizedUrl": "https://example.com/Jane Roe"},
        },
        "proceeds": {
            "proceedsTotal": {"amount": "21.60", "currencyCode": "USD"},
            "breakdowns": [
                {"type": "ITEM", "subtotal": {"amount": "20.00", "currencyCode": "USD"}},
                {"type": "TAX", "subtotal": {"amount": "1.60", "currencyCode": "USD"}},
            ],
        },
        "fulfillment": {
            "quantityFulfilled": 1,
            "packing": {"giftOption": {"giftMessage": "to Jane Roe"}},
        },
    }
    return {**item, **changes}
