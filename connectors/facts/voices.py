"""What buyers ask, rate, answer and claim, without their words."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact


class Conversation(Fact):
    """See `connectors.records.ConversationRecord` for the meaning of every column."""

    conversation_key = models.CharField(max_length=160)
    platform_order_id = models.CharField(max_length=40)
    buyer_hash = models.CharField(max_length=64)
    business_on = models.DateField()
    opened_at = models.DateTimeField()
    first_response_at = models.DateTimeField(null=True)
    is_presale = models.BooleanField()
    needs_reply = models.BooleanField()

    class Meta:
        db_table = "fact_conversation"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "conversation_key"], name="fact_conversation_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="conversation_day"),
        ]


class Review(Fact):
    """See `connectors.records.ReviewRecord` for the meaning of every column."""

    review_key = models.CharField(max_length=160)
    product_id = models.CharField(max_length=40)
    sku = models.CharField(max_length=100)
    business_on = models.DateField()
    rating = models.IntegerField()

    class Meta:
        db_table = "fact_review"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "review_key"], name="fact_review_natural_key"),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="review_day"),
        ]


class Survey(Fact):
    """See `connectors.records.SurveyRecord` for the meaning of every column."""

    survey_key = models.CharField(max_length=160)
    kind = models.CharField(max_length=24)
    business_on = models.DateField()
    score = models.IntegerField()

    class Meta:
        db_table = "fact_survey"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "survey_key"], name="fact_survey_natural_key"),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="survey_day"),
        ]


class Claim(Fact):
    """See `connectors.records.ClaimRecord` for the meaning of every column."""

    claim_key = models.CharField(max_length=160)
    platform_order_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=24)
    business_on = models.DateField()
    opened_at = models.DateTimeField()
    is_seller_fault = models.BooleanField()
    is_excluded = models.BooleanField()
    cohort_on = models.DateField(null=True)

    class Meta:
        db_table = "fact_claim"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "claim_key"], name="fact_claim_natural_key"),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="claim_day"),
            models.Index(fields=["store_id", "cohort_on"], name="claim_cohort"),
            models.Index(fields=["store_id", "platform_order_id"], name="claim_order"),
        ]
