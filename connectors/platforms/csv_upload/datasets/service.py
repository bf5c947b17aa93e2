"""What buyers ask, say and claim, and how the platform judges, as tables people hand in; without words."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from connectors.platforms.csv_upload.fields import (
    ANY_ORDER,
    ANY_SKU,
    ORDER,
    PRODUCT,
    UPDATED,
    Dataset,
    Field,
    Kind,
    RowContext,
    choice,
    day,
    flag,
    ident,
    instant,
    text,
)
from connectors.records import (
    ClaimKind,
    ClaimRecord,
    ConversationRecord,
    ReviewRecord,
    SurveyKind,
    SurveyRecord,
)
from connectors.types import FeedbackRecord, PerformanceRecord

_WEEKLY = timedelta(days=9)
_STARS = Field(
    "rating",
    Kind.COUNT,
    "Stars, 1 to 5",
    "4",
    required=True,
    unit="stars",
    minimum=Decimal(1),
    maximum=Decimal(5),
)
_HIGHEST = {SurveyKind.CSAT: (1, 5), SurveyKind.NPS: (0, 10)}


def _conversation(values: dict[str, Any], context: RowContext) -> None:
    answered = values.get("first_response_at")
    if answered is not None and answered < values["opened_at"]:
        raise ValueError("first_response_at|The reply lies before the message.")
    if values.get("needs_reply") is None:
        values["needs_reply"] = True


def _survey(values: dict[str, Any], context: RowContext) -> None:
    lowest, highest = _HIGHEST[values["kind"]]
    if not lowest <= values["score"] <= highest:
        raise ValueError(f"score|A {values['kind']} score lies between {lowest} and {highest}.")


def _window(values: dict[str, Any], context: RowContext) -> None:
    values["window_end_on"] = values.get("window_end_on") or values["reported_on"]
    values["window_start_on"] = values.get("window_start_on") or values["window_end_on"]
    if values["window_start_on"] > values["window_end_on"]:
        raise ValueError("window_start_on|The window begins after its end.")
    if values.get("rate") is None and values.get("denominator"):
        values["rate"] = Decimal(values.get("numerator") or 0) / values["denominator"]


def _whole(name: str, meaning: str) -> Field:
    return Field(name, Kind.COUNT, meaning, "3", minimum=Decimal(0))


CONVERSATIONS = Dataset(
    key="conversations",
    title="Buyers' first messages and the first replies",
    record=ConversationRecord,
    natural_key=("conversation_key",),
    streams=("conversations",),
    stale_after=timedelta(days=3),
    day_from=("opened_at",),
    fix=_conversation,
    fields=(
        ident("conversation_key", "The conversation's number", "M-1", required=True, longest=160),
        ANY_ORDER,
        Field(
            "buyer", Kind.PERSON, "Anything that tells the buyer apart; hashed at once", "buyer@example.com"
        ),
        instant("opened_at", "The buyer's first message", required=True),
        instant("first_response_at", "The first reply of a person", "2026-11-02T11:00:00Z"),
        flag("is_presale", "Was it asked before buying?", "no"),
        flag("needs_reply", "Does it need a reply? yes where empty"),
        UPDATED,
    ),
)

REVIEWS = Dataset(
    key="reviews",
    title="Product reviews",
    record=ReviewRecord,
    natural_key=("review_key",),
    streams=("reviews",),
    stale_after=_WEEKLY,
    key_field="review_key",
    key_from=("product_id", "sku", "business_on", "rating"),
    fields=(
        ident("review_key", "The review's number; product, day and stars where empty", "R-1", longest=160),
        PRODUCT,
        ANY_SKU,
        day("business_on", "Day of the review", required=True),
        _STARS,
        UPDATED,
    ),
)

SURVEYS = Dataset(
    key="surveys",
    title="Answers to surveys",
    record=SurveyRecord,
    natural_key=("survey_key",),
    streams=("surveys",),
    stale_after=timedelta(days=33),
    fix=_survey,
    fields=(
        ident("survey_key", "The answer's number", "S-1", required=True, longest=160),
        choice("kind", "What was asked", SurveyKind, required=True),
        day("business_on", "Day of the answer", required=True),
        Field("score", Kind.COUNT, "CSAT 1 to 5, NPS 0 to 10", "5", required=True, minimum=Decimal(0)),
        UPDATED,
    ),
)

CLAIMS = Dataset(
    key="claims",
    title="Claims against orders",
    record=ClaimRecord,
    natural_key=("claim_key",),
    streams=("claims",),
    stale_after=_WEEKLY,
    day_from=("opened_at",),
    fields=(
        ident("claim_key", "The claim's number", "CL-1", required=True, longest=160),
        ORDER,
        choice("kind", "What is claimed", ClaimKind, required=True),
        instant("opened_at", "When it was raised", required=True),
        flag("is_seller_fault", "Is it the seller's fault?"),
        flag("is_excluded", "Does the platform leave it out?", "no"),
        UPDATED,
    ),
)

FEEDBACK = Dataset(
    key="feedback",
    title="Ratings of the seller",
    record=FeedbackRecord,
    natural_key=("feedback_key",),
    streams=("seller_feedback",),
    stale_after=_WEEKLY,
    key_field="feedback_key",
    key_from=("order_id",),
    fields=(
        ident("feedback_key", "The rating's number; the order's where empty", "F-1", longest=80),
        ORDER,
        day("business_on", "Day of the rating", required=True),
        _STARS,
        UPDATED,
    ),
)

PERFORMANCE = Dataset(
    key="performance",
    title="The platform's own figures about the account",
    record=PerformanceRecord,
    natural_key=("metric", "scope", "reported_on"),
    streams=("performance", "account_health"),
    stale_after=_WEEKLY,
    day="reported_on",
    fix=_window,
    fields=(
        ident("metric", "Our key of the figure", "late_shipment_rate", required=True, longest=48),
        text("scope", "What it is about; empty for the account", "", longest=24),
        day("reported_on", "Day of the report", required=True),
        day("window_start_on", "First day it counts", "2026-10-03"),
        day("window_end_on", "Last day it counts"),
        Field("rate", Kind.RATE, "The figure; 1.5% or 0.015. The counts' ratio where empty", "1.5%"),
        Field("target", Kind.RATE, "What the platform asks for", "4%"),
        text("target_condition", "LESS_THAN or GREATER_THAN", "LESS_THAN", longest=24),
        _whole("numerator", "Cases"),
        _whole("denominator", "Of how many"),
        text("status", "The platform's verdict", "GOOD", longest=24),
        UPDATED,
    ),
)
