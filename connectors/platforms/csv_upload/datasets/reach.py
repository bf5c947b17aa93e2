"""Who came, what was advertised and how it ranks, as tables people hand in."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from connectors.platforms.csv_upload.fields import (
    ANY_SKU,
    CURRENCY,
    PRODUCT,
    SKU,
    UPDATED,
    Dataset,
    Field,
    Kind,
    amount,
    count,
    day,
    ident,
    text,
)
from connectors.records import FunnelDayRecord, RankDayRecord
from connectors.types import AdDayRecord, TrafficDayRecord

_DAY = day("business_on", "The day", required=True)

TRAFFIC = Dataset(
    key="traffic",
    title="Visits of a day",
    record=TrafficDayRecord,
    natural_key=("business_on", "product_id", "sku"),
    streams=("traffic",),
    stale_after=timedelta(days=9),
    fields=(
        _DAY,
        ident("product_id", "The platform's article number; empty for the whole store", "B0TEST0001"),
        ANY_SKU,
        count("sessions", "Visits", "340", required=True, unit="visits"),
        count("page_views", "Pages seen", "410", unit="pages"),
        Field(
            "buy_box_share",
            Kind.RATE,
            "Share of pages on which our offer was featured; 93% or 0.93",
            "93%",
            minimum=Decimal(0),
            maximum=Decimal(1),
        ),
        count("units_ordered", "Units ordered", "21"),
        count("orders", "Orders", "19", unit="orders"),
        CURRENCY,
        amount("ordered_sales_amount", "Sales ordered, as the platform counts them", "612.40"),
        UPDATED,
    ),
)

ADS = Dataset(
    key="ads",
    title="Advertising by product and day",
    record=AdDayRecord,
    natural_key=("profile_id", "campaign_id", "ad_group_id", "sku", "product_id", "business_on"),
    streams=("sp_advertised_product",),
    stale_after=timedelta(days=9),
    fields=(
        _DAY,
        ident("profile_id", "The advertising account", "", longest=40),
        ident("campaign_id", "The campaign's number or name", "C-1", required=True, longest=40),
        ident("ad_group_id", "The ad group's number or name", "", longest=40),
        text("ad_product", "What kind of advertising", "sponsored_products", longest=24),
        ANY_SKU,
        PRODUCT,
        count("impressions", "Times shown", "5400", unit="impressions"),
        count("clicks", "Clicks", "61", unit="clicks"),
        CURRENCY,
        amount("cost_amount", "What it cost, positive", "38.20", required=True),
        amount("sales_7d_amount", "Sales within 7 days of a click", "190.00"),
        amount("sales_14d_amount", "Sales within 14 days of a click", "201.00"),
        count("orders_7d", "Orders within 7 days", "6", unit="orders"),
        count("units_7d", "Units within 7 days", "7"),
        UPDATED,
    ),
)

RANKS = Dataset(
    key="ranks",
    title="Rank within a sub-category",
    record=RankDayRecord,
    natural_key=("sku", "category", "business_on"),
    streams=("ranks",),
    stale_after=timedelta(days=3),
    fields=(
        _DAY,
        SKU,
        PRODUCT,
        text("category", "The sub-category", "Water Bottles", required=True, longest=120),
        Field("rank", Kind.COUNT, "Place; 1 is best", "12", required=True, unit="place", minimum=Decimal(1)),
        UPDATED,
    ),
)

FUNNEL = Dataset(
    key="funnel",
    title="From the visit to the order in an own shop",
    record=FunnelDayRecord,
    natural_key=("channel", "business_on"),
    streams=("funnel",),
    stale_after=timedelta(days=9),
    fields=(
        _DAY,
        text("channel", "Where the visitors came from; empty for all", "all", longest=12),
        count("sessions", "Visits", "900", required=True, unit="visits"),
        count("cart_sessions", "Visits with something in the cart", "120", unit="visits"),
        count("checkouts_started", "Visits that began to pay", "70", unit="visits"),
        count("checkouts_completed", "Visits that paid", "41", unit="visits"),
        count("orders", "Orders", "40", unit="orders"),
        UPDATED,
    ),
)
