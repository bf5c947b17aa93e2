"""Proving rule sets, sending them through the museum, and playing them against bots, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from pricing.api.boundary import bounded
from pricing.api.verification_forms import (
    PriceWarInput,
    PriceWarSerializer,
    RuleDocumentInput,
    VerificationSerializer,
)
from pricing.rules.bots import BOTS
from pricing.rules.presets import PRESETS
from pricing.rules.verdicts import document
from pricing.selectors.verification import play_war, verify_document
from tenants.http import TenantView
from tenants.permissions import Capability

_DOCUMENT = PRESETS["source_document"].document


class RuleVerificationView(TenantView):
    """Whether a rule set could be activated."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_READ}
    idempotent_methods: ClassVar[frozenset[str]] = frozenset()

    @extend_schema(
        operation_id="verify_rule_set",
        request=RuleDocumentInput,
        responses=VerificationSerializer,
        examples=[
            OpenApiExample("The source document's rule", value={"document": _DOCUMENT}, request_only=True)
        ],
        tags=["pricing: rules"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Examine a rule set, saved or not: contradictions, loops, the proof of its floor, the museum.

        Nothing is saved, so no key is needed. A rule set with errors is answered with 200 and all of them.
        """
        return self.ok(bounded(document(verify_document(self.body(RuleDocumentInput)["document"]))))


class PriceWarsView(TenantView):
    """A month against a rival's program."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_READ}
    idempotent_methods: ClassVar[frozenset[str]] = frozenset()

    @extend_schema(
        operation_id="play_price_war",
        request=PriceWarInput,
        responses=PriceWarSerializer,
        examples=[
            OpenApiExample(
                "Against a bot that undercuts by 1 %",
                value={
                    "document": _DOCUMENT,
                    "store_id": 1,
                    "sku": "MUG-01",
                    "bot": "undercut_share",
                    "rival": "24.90",
                    "rival_least": "18.00",
                    "days": 30,
                },
                request_only=True,
            )
        ],
        tags=["pricing: rules"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Play a rule set with a listing against a library bot, turn by turn; nothing is saved."""
        asked = self.body(PriceWarInput)
        played = play_war(**asked)
        war = played.war
        return self.ok(
            bounded(
                {
                    "bot": asked["bot"],
                    "title": BOTS[asked["bot"]].title,
                    "ending": war.ending.value,
                    "cycle": war.cycle,
                    "currency": played.currency,
                    "floor": played.floor,
                    "lowest": war.lowest,
                    "changes": war.changes,
                    "lost": None if war.lost is None else round(war.lost, 4),
                    "turns": [{"turn": one.turn, "own": one.own, "rival": one.rival} for one in war.turns],
                }
            )
        )
