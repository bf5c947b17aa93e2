"""From where rivals' offers may come: the platforms' own interfaces, and what is allowed beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class SourceBasis(StrEnum):
    """On what ground a source beside the platform's interface may be used. Scraping is none."""

    PLATFORM_API = "platform_api"
    LICENSED_DATA = "licensed_data"
    PUBLISHED_PRICE_LIST = "published_price_list"
    OWN_OBSERVATION = "own_observation"
    PARTNER_CONSENT = "partner_consent"


class SisterRelation(StrEnum):
    """Why a seller is no rival."""

    SISTER = "sister"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Feed:
    """What a platform's interface tells of others' offers, and under which permission."""

    operation: str
    permission: str


FEEDS: Mapping[str, Feed] = MappingProxyType(
    {
        "amazon_sp": Feed(
            "Product Pricing 2022-05-01 getCompetitiveSummary; v0 getItemOffersBatch for our own mark",
            "SP-API role Pricing, authorised by the seller",
        ),
        "walmart": Feed("Item and Buy Box reports", "Marketplace API key, view only"),
        "ebay": Feed("Browse API item_summary/search", "Application token under the API licence agreement"),
        "mercado_libre": Feed("items/{id}/price_to_win", "App permission read, authorised by the seller"),
    }
)
"""The feeds of platforms; whether a connector for one exists is the matter of `connectors.registry`."""
