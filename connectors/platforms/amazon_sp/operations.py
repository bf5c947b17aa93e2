"""What may be asked of SP-API: every operation is a read, with Amazon's published rate and burst.

Rates and bursts are those of Amazon's models (usage-plan tables of each operation). The key of an operation
is Amazon's own operation id. Its host is North America's; a store of another region is asked at the host of
its marketplace.
"""

from __future__ import annotations

from connectors.engine.protocol import Operation
from connectors.platforms.amazon_sp.places import NORTH_AMERICA
from connectors.platforms.common.lwa import TOKEN_OPERATION

DOCUMENT = Operation("document", "GET", "", "", rate=5.0, burst=10)

_REPORT = "asks Amazon to compile a report of existing data; nothing in the account changes"
_BATCH = "a batch of GET requests that Amazon only takes as POST; it returns prices and changes none"
_FEES = "computes what fees would be; the price is an input of the question and is not set"

# operation id, method, path, requests per second, burst, why a POST is a read
_CATALOGUE = (
    ("searchOrders", "GET", "/orders/2026-01-01/orders", 0.0056, 20, ""),
    ("listTransactions", "GET", "/finances/2024-06-19/transactions", 0.5, 10, ""),
    ("getInventorySummaries", "GET", "/fba/inventory/v1/summaries", 2.0, 2, ""),
    ("createReport", "POST", "/reports/2021-06-30/reports", 0.0167, 15, _REPORT),
    ("getReports", "GET", "/reports/2021-06-30/reports", 0.0222, 10, ""),
    ("getReport", "GET", "/reports/2021-06-30/reports/{reportId}", 2.0, 15, ""),
    ("getReportDocument", "GET", "/reports/2021-06-30/documents/{reportDocumentId}", 0.0167, 15, ""),
    ("searchListingsItems", "GET", "/listings/2021-08-01/items/{sellerId}", 5.0, 5, ""),
    ("getCompetitiveSummary", "POST", "/batches/products/pricing/2022-05-01/items/competitiveSummary",
     0.033, 1, _BATCH),
    ("getItemOffersBatch", "POST", "/batches/products/pricing/v0/itemOffers", 0.1, 1, _BATCH),
    ("getMyFeesEstimates", "POST", "/products/fees/v0/feesEstimate", 0.5, 1, _FEES),
    ("getMarketplaceParticipations", "GET", "/sellers/v1/marketplaceParticipations", 0.016, 15, ""),
)  # fmt: skip

OPERATIONS = {
    operation.key: operation
    for operation in (
        TOKEN_OPERATION,
        DOCUMENT,
        *(
            Operation(name, method, NORTH_AMERICA, path, rate, burst, reads)
            for name, method, path, rate, burst, reads in _CATALOGUE
        ),
    )
}
