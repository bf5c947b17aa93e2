"""What may be asked of Amazon Ads: the profiles, and reports of what was spent.

Amazon publishes no fixed limits for these (they move with load); the rates are what a patient client uses,
and 429 with Retry-After rules.
"""

from __future__ import annotations

from connectors.engine.protocol import Marketplace, Operation
from connectors.platforms.common.lwa import TOKEN_OPERATION

NORTH_AMERICA = "https://advertising-api.amazon.com"
FAR_EAST = "https://advertising-api-fe.amazon.com"

MARKETPLACES = {
    place.id: place
    for place in (
        Marketplace("ATVPDKIKX0DER", "US", "USD", "America/Los_Angeles", NORTH_AMERICA),
        Marketplace("A2EUQ1WTGCTBG2", "CA", "CAD", "America/Los_Angeles", NORTH_AMERICA),
        Marketplace("A1AM78C64UM0Y8", "MX", "MXN", "America/Mexico_City", NORTH_AMERICA),
        Marketplace("A1VC38T7YXB528", "JP", "JPY", "Asia/Tokyo", FAR_EAST),
    )
}
DOCUMENT = Operation("document", "GET", "", "", rate=5.0, burst=10)
OPERATIONS = {
    operation.key: operation
    for operation in (
        TOKEN_OPERATION,
        DOCUMENT,
        Operation("listProfiles", "GET", NORTH_AMERICA, "/v2/profiles", 1.0, 5),
        Operation(
            "createAsyncReport",
            "POST",
            NORTH_AMERICA,
            "/reporting/reports",
            0.5,
            5,
            "asks Amazon to compile a report of past days; no campaign is touched",
        ),
        Operation("getAsyncReport", "GET", NORTH_AMERICA, "/reporting/reports/{reportId}", 1.0, 5),
    )
}
