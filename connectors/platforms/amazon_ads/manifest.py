"""What Amazon Ads is to us: places, operations, the one stream, and how to talk to it."""

from __future__ import annotations

from connectors.engine.protocol import ConnectorSpec
from connectors.platforms.amazon_ads.auth import AdsAuthenticator
from connectors.platforms.amazon_ads.errors import classify
from connectors.platforms.amazon_ads.operations import MARKETPLACES, OPERATIONS
from connectors.platforms.amazon_ads.streams import STREAMS

SPEC = ConnectorSpec(
    key="amazon_ads",
    title="Amazon Ads",
    marketplaces=MARKETPLACES,
    operations=OPERATIONS,
    document_hosts=(
        "offline-report-storage-*.s3.amazonaws.com",
        "offline-report-storage-*.s3.*.amazonaws.com",
    ),
    streams=STREAMS,
    auth=AdsAuthenticator(),
    classify=classify,
    scope_warning=(
        "Amazon Ads has no read-only scope: the scope advertising::campaign_management also opens changes to "
        "campaigns. Authorise with a user who has only view permission in the advertising console. This "
        "product lists profiles and asks for reports; every other call is refused before it leaves."
    ),
    account_fields=("profile_id",),
)
