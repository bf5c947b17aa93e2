"""What Amazon's Selling Partner API is to us: places, operations, streams, and how to talk to it."""

from __future__ import annotations

from connectors.engine.protocol import ConnectorSpec
from connectors.platforms.amazon_sp.auth import SpAuthenticator
from connectors.platforms.amazon_sp.errors import classify
from connectors.platforms.amazon_sp.operations import OPERATIONS
from connectors.platforms.amazon_sp.places import MARKETPLACES
from connectors.platforms.amazon_sp.streams import STREAMS

SPEC = ConnectorSpec(
    key="amazon_sp",
    title="Amazon Selling Partner API",
    marketplaces=MARKETPLACES,
    operations=OPERATIONS,
    document_hosts=(
        "tortuga-prod-na.s3-external-1.amazonaws.com",
        "tortuga-prod-eu.s3-eu-west-1.amazonaws.com",
        "tortuga-prod-fe.s3-us-west-2.amazonaws.com",
        "tortuga-prod-fe.s3.us-west-2.amazonaws.com",
        "*.cloudfront.net",
    ),
    streams=STREAMS,
    auth=SpAuthenticator(),
    classify=classify,
    scope_warning=(
        "Amazon has no read-only authorisation: a role that lets us read listings or prices also lets its "
        "holder change them. Give the application only Inventory and Order Tracking, Finance and Accounting, "
        "Pricing, Amazon Fulfillment, Selling Partner Insights and Product Listing; never the "
        "Direct-to-Consumer roles, which open buyers' addresses. This product sends nothing but the "
        "operations it lists, all of them reads; every other call is refused before it leaves."
    ),
    account_fields=("seller_id",),
)
