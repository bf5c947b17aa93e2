"""Deciding on suggestions over HTTP: one by one, many at once, what waits and what the waiting costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.errors import FieldError, Invalid
from config.lib.money import Money
from pricing.api.approval_forms import (
    ApprovalInput,
    BulkApprovalInput,
    BulkApprovalSerializer,
    DecidedSerializer,
    DecisionReason,
    DecisionSerializer,
    EscalationInput,
    QueueItemSerializer,
    QueueQuery,
    QueueTotalsSerializer,
    TotalsQuery,
)
from pricing.api.boundary import bounded
from pricing.engine.approval import Level
from pricing.selectors.approvals import (
    cost_of_delay,
    decisions_query,
    get_stand,
    pending_query,
    total_delay,
)
from pricing.services.approvals import (
    Approver,
    Decided,
    SuggestionNoLongerHolds,
    approve,
    escalate,
    reject,
    withdraw,
)
from pricing.services.bulk_approvals import Choice, approve_many
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: approval"]
_OVERRIDE = {"price": {"amount": "27.50", "currency": "USD"}, "reason": "The client wants a round step."}
_QUEUE_COLUMNS = (
    *("id", "store_id", "sku", "headline", "kind", "state", "version", "level_needed", "currency"),
    *("current_amount", "suggested_amount", "gain_per_day_amount", "inputs"),
    *("opened_at", "due_at", "expires_at"),
)


class _DecisionView(TenantView):
    """What the four decisions share: If-Match, and who decides."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_APPROVE}
    conditional_methods: ClassVar[frozenset[str]] = frozenset({"POST"})

    def approver(self) -> Approver:
        """The caller with role and rights; Denied for a key: prices are approved by people."""
        return Approver(self.person.id, self.membership_role, self.can(Capability.PRICE_CLEAR))

    def seen(self, recommendation_id: int) -> int:
        """The version the caller decides on; 412 if it is another one by now."""
        version = get_stand(recommendation_id).version
        require_if_match(self.request, version)
        return version

    def told(self, decided: Decided) -> Response:
        """The answer, with the new version."""
        return self.ok(bounded(asdict(decided)), etag=etag_of(decided.version))


class ApprovalView(_DecisionView):
    """Approving."""

    @extend_schema(
        operation_id="approve_recommendation",
        request=ApprovalInput,
        responses=DecidedSerializer,
        examples=[OpenApiExample("Another price", value=_OVERRIDE, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str, recommendation_id: int) -> Response:
        """Sign a suggestion, which is checked again with today's figures; nothing is sent to any platform.

        403 `outside_your_range` names whose signature it needs, 409 `approval_not_now` what passes by itself;
        both change nothing. 409 `suggestion_no_longer_holds` names what changed, and the suggestion has
        expired. Where two have to sign, the first signature hands it on.
        """
        version = self.seen(recommendation_id)
        asked = self.body(ApprovalInput)
        price = _price(asked["price"], get_stand(recommendation_id).currency)
        try:
            decided = approve(
                recommendation_id=recommendation_id,
                version=version,
                approver=self.approver(),
                price=price,
                reason=asked["reason"],
            )
        except SuggestionNoLongerHolds as error:
            # Answered, not raised: raising would take back that it has expired.
            return self.handle_exception(error)
        return self.told(decided)


class RejectionView(_DecisionView):
    """Rejecting."""

    @extend_schema(
        operation_id="reject_recommendation",
        request=DecisionReason,
        responses=DecidedSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, recommendation_id: int) -> Response:
        """Refuse a suggestion, with the reason."""
        version = self.seen(recommendation_id)
        reason = self.body(DecisionReason)["reason"]
        return self.told(
            reject(
                recommendation_id=recommendation_id, version=version, approver=self.approver(), reason=reason
            )
        )


class EscalationView(_DecisionView):
    """Handing on."""

    @extend_schema(
        operation_id="escalate_recommendation",
        request=EscalationInput,
        responses=DecidedSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, recommendation_id: int) -> Response:
        """Hand a suggestion to a higher level; the client's window begins when it reaches the client."""
        version = self.seen(recommendation_id)
        asked = self.body(EscalationInput)
        to = None if asked["to"] is None else Level(asked["to"])
        decided = escalate(
            recommendation_id=recommendation_id,
            version=version,
            approver=self.approver(),
            reason=asked["reason"],
            to=to,
        )
        return self.told(decided)


class WithdrawalView(_DecisionView):
    """Taking back."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_WRITE}

    @extend_schema(
        operation_id="withdraw_recommendation",
        request=DecisionReason,
        responses=DecidedSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, recommendation_id: int) -> Response:
        """Take a live suggestion back, an approved one included."""
        version = self.seen(recommendation_id)
        reason = self.body(DecisionReason)["reason"]
        return self.told(
            withdraw(
                recommendation_id=recommendation_id, version=version, approver=self.approver(), reason=reason
            )
        )


class BulkApprovalView(TenantView):
    """Approving many."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_APPROVE}

    @extend_schema(
        operation_id="approve_recommendations",
        request=BulkApprovalInput,
        responses=BulkApprovalSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Sign all waiting suggestions that the filter chooses, at most 1,000, each checked as if alone."""
        asked = self.body(BulkApprovalInput)
        chosen = {**asked["filter"]}
        if chosen.get("ids") is not None:
            chosen["ids"] = tuple(chosen["ids"])
        results = approve_many(
            choice=Choice(**chosen),
            approver=Approver(self.person.id, self.membership_role, self.can(Capability.PRICE_CLEAR)),
            reason=asked["reason"],
            dry_run=asked["dry_run"],
            atomic=asked["atomic"],
        )
        failed = sum(each.status >= 400 for each in results)
        body = {
            "dry_run": asked["dry_run"],
            "approved": len(results) - failed,
            "failed": failed,
            "items": [asdict(each) for each in results],
        }
        return self.ok(bounded(body))


class DecisionsView(TenantView):
    """Who decided what."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}

    @extend_schema(
        operation_id="list_recommendation_decisions", responses=page_of(DecisionSerializer), tags=TAGS
    )
    def get(self, request: Request, client: str, recommendation_id: int) -> Response:
        """List the decisions on a suggestion, the newest first."""
        currency = get_stand(recommendation_id).currency
        return self.page(
            decisions_query(recommendation_id),
            shape=lambda row: bounded({**row, "amount": _money(row["amount"], currency)}),
        )


class ApprovalQueueView(TenantView):
    """What waits."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": QueueQuery.of(QueueItemSerializer)}
    looks = "price_approvals"

    @extend_schema(operation_id="list_approval_queue", responses=page_of(QueueItemSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List what waits for a signature, the newest first, each with what the waiting costs."""
        asked = self.query
        rows = pending_query(
            store_id=asked.get("store"), level=asked.get("level"), due_before=asked.get("due_before")
        )
        return self.page(rows.values(*_QUEUE_COLUMNS), shape=_queue_item())


class QueueTotalsView(TenantView):
    """What all the waiting costs."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": TotalsQuery}

    @extend_schema(operation_id="get_approval_delay", responses=QueueTotalsSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Sum what waiting costs, by currency: per hour and since the suggestions were made."""
        totals = total_delay(self.query.get("store"), clock.now())
        data = [
            {
                "items": each.items,
                "unknown": each.unknown,
                "cost_per_hour": Money(each.per_hour, each.currency).to_json(),
                "cost_so_far": Money(each.so_far, each.currency).to_json(),
            }
            for each in totals
        ]
        return self.ok(bounded({"data": data}))


def _queue_item() -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    now = clock.now()

    def shown(row: Mapping[str, Any]) -> dict[str, Any]:
        cost = cost_of_delay(row, now)
        plain = {
            name: row[name]
            for name in _QUEUE_COLUMNS
            if name not in ("currency", "inputs") and not name.endswith("_amount")
        }
        return bounded(
            {
                **plain,
                "current": _money(row["current_amount"], row["currency"]),
                "suggested": _money(row["suggested_amount"], row["currency"]),
                "hours_waiting": format(cost.hours.quantize(Decimal("0.01")), "f"),
                "cost_per_hour": _money(cost.per_hour, row["currency"]),
                "cost_so_far": _money(cost.total, row["currency"]),
            }
        )

    return shown


def _money(amount: Decimal | None, currency: str) -> dict[str, str] | None:
    return None if amount is None else Money(amount, currency).to_json()


def _price(given: Money | None, currency: str) -> Decimal | None:
    if given is not None and given.currency != currency:
        fault = FieldError("/price/currency", f"The listing's prices are in {currency}.", "currency")
        raise Invalid(errors=[fault])
    return None if given is None else given.amount
