"""A store's approval policy over HTTP: who may approve which price, and when the client decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from connectors.selectors.stores import get_store
from pricing.api.approval_forms import ApprovalPolicyInput, ApprovalPolicySerializer
from pricing.api.boundary import bounded
from pricing.engine.approval import Level, Range
from pricing.engine.approval_policy import Policy, dump
from pricing.engine.windows import Window
from pricing.selectors.approvals import PolicyVersion, get_policy, latest_version
from pricing.services.approval_policies import set_policy
from tenants.http import TenantView
from tenants.permissions import Capability

_EXAMPLE = {
    "effective_on": "2026-12-01",
    "ranges": [
        {"level": "operator", "largest_change": "0.05", "needs_target": True},
        {"level": "account_manager", "largest_change": "0.10", "needs_target": True, "second": "client"},
        {"level": "client"},
    ],
    "four_eyes": True,
    "execution_hours": 24,
    "execution_days": 7,
    "window": {
        "time_zone": "Asia/Tokyo",
        "weekdays": [1, 2, 3, 4, 5],
        "opens": "09:00",
        "closes": "18:00",
        "deadline_hours": 8,
        "reminder_hours": [4, 1],
    },
}


class ApprovalPolicyView(TenantView):
    """The matrix and the window of a store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "PUT": Capability.PRICE_POLICY_WRITE,
    }
    looks = "approval_policies"

    @extend_schema(
        operation_id="get_approval_policy",
        responses=ApprovalPolicySerializer,
        tags=["pricing: approval"],
    )
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """Show the policy in force today; the ETag is that of the version recorded last."""
        store = get_store(store_id)
        found = get_policy(store_id, clock.today(store.time_zone))
        return self.ok(_body(found), etag=etag_of(latest_version(store_id)))

    @extend_schema(
        operation_id="set_approval_policy",
        request=ApprovalPolicyInput,
        responses=ApprovalPolicySerializer,
        examples=[OpenApiExample("Two levels", value=_EXAMPLE, request_only=True)],
        tags=["pricing: approval"],
    )
    def put(self, request: Request, client: str, store_id: int) -> Response:
        """Record a new version from a day on; If-Match carries the ETag of the last one, "0" for none."""
        get_store(store_id)
        version = latest_version(store_id)
        require_if_match(request, version)
        asked = self.body(ApprovalPolicyInput)
        recorded = set_policy(
            store_id=store_id, policy=_policy(asked), effective_on=asked["effective_on"], version=version
        )
        return self.ok(_body(recorded), etag=etag_of(recorded.version))


def _policy(asked: Mapping[str, Any]) -> Policy:
    window = asked["window"]
    ranges = [
        Range(
            **{
                **each,
                "level": Level(each["level"]),
                "second": None if each["second"] is None else Level(each["second"]),
            }
        )
        for each in asked["ranges"]
    ]
    return Policy(
        ranges=tuple(ranges),
        four_eyes=asked["four_eyes"],
        execution_hours=asked["execution_hours"],
        execution_days=asked["execution_days"],
        window=None
        if window is None
        else Window(
            **{
                **window,
                "opens": time.fromisoformat(window["opens"]),
                "closes": time.fromisoformat(window["closes"]),
                "weekdays": tuple(sorted(set(window["weekdays"]))),
                "reminder_hours": tuple(sorted(set(window["reminder_hours"]), reverse=True)),
            }
        ),
    )


def _body(found: PolicyVersion) -> dict[str, Any]:
    return bounded(
        {
            "store_id": found.store_id,
            "version": found.version,
            "effective_on": found.effective_on,
            **dump(found.policy),
            "recorded_at": found.recorded_at,
            "recorded_by": found.recorded_by,
        }
    )
