"""Actions over HTTP: open, step by step to done, handed between departments, and what they achieved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from kpis.api.action_forms import (
    ActionChange,
    ActionInput,
    ActionQuery,
    ActionSerializer,
    HandOffAnswer,
    HandOffInput,
    HandOffQuery,
    HandOffSerializer,
    StepsSerializer,
)
from kpis.engine.action_states import ActionState, HandOffState
from kpis.selectors.actions import actions_query, get_action, get_hand_off, hand_offs_query, list_steps
from kpis.selectors.lines import Row
from kpis.services.actions import ActionDraft, create_action, step_action
from kpis.services.effects import measure_effect
from kpis.services.hand_offs import answer_hand_off, hand_over
from tenants.http import TenantView
from tenants.permissions import Capability

_EXAMPLE = {
    "title": "Lower the price of TENT by 4 %",
    "kpi": "units",
    "store_ids": [1],
    "skus": ["TENT"],
    "department": "operations",
    "owner": "Li Na",
    "due_on": "2026-11-27",
    "direction": "up",
    "expected_size": "0.15",
}


class ActionsView(TenantView):
    """What is being done."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ACTION_READ,
        "POST": Capability.ACTION_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ActionQuery.of(ActionSerializer)}
    looks = "actions"

    @extend_schema(operation_id="list_actions", responses=page_of(ActionSerializer), tags=["actions"])
    def get(self, request: Request, client: str) -> Response:
        """List the actions, the newest first."""
        asked = self.query
        rows = actions_query(
            owner_id=asked.get("owner"),
            state=asked.get("state"),
            store_id=asked.get("store"),
            kpi=asked.get("kpi"),
            issue_id=asked.get("issue"),
            overdue=asked.get("overdue"),
        )
        return self.page(rows, shape=dict)

    @extend_schema(
        operation_id="create_action",
        request=ActionInput,
        responses={201: ActionSerializer},
        examples=[OpenApiExample("A price", value=_EXAMPLE, request_only=True)],
        tags=["actions"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Open an action; its issue, if it has one, is in action from then on."""
        row = create_action(ActionDraft(**self.body(ActionInput)))
        return self.created(row, f"{self.base_path}/actions/{row['id']}", etag=etag_of(row["version"]))


class ActionDetailView(TenantView):
    """One action."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ACTION_READ,
        "PATCH": Capability.ACTION_WRITE,
    }
    looks = "actions"

    @extend_schema(operation_id="get_action", responses=ActionSerializer, tags=["actions"])
    def get(self, request: Request, client: str, action_id: int) -> Response:
        """Show an action, with the estimate of its effect once there is one."""
        return _shown(self, get_action(action_id))

    @extend_schema(
        operation_id="step_action",
        request=ActionChange,
        responses=ActionSerializer,
        examples=[OpenApiExample("Done", value={"state": "done"}, request_only=True)],
        tags=["actions"],
    )
    def patch(self, request: Request, client: str, action_id: int) -> Response:
        """Accept, finish or cancel an action; 409 for a step that does not follow from its state.

        open → accepted → done → verified; open or accepted → cancelled. Only a measured effect verifies.
        """
        version = get_action(action_id)["version"]
        require_if_match(request, version)
        asked = self.body(ActionChange)
        to = ActionState(asked["state"])
        return _shown(self, step_action(action_id=action_id, version=version, to=to, note=asked["note"]))


class ActionStepsView(TenantView):
    """How an action got where it is."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ACTION_READ}

    @extend_schema(operation_id="list_action_steps", responses=StepsSerializer, tags=["actions"])
    def get(self, request: Request, client: str, action_id: int) -> Response:
        """List every step of an action, the first one first; the list is short and not paged."""
        return self.ok({"data": list_steps(action_id)})


class ActionEffectView(TenantView):
    """Whether an action worked."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.ACTION_WRITE}

    @extend_schema(
        operation_id="measure_action_effect", request=None, responses=ActionSerializer, tags=["actions"]
    )
    def post(self, request: Request, client: str, action_id: int) -> Response:
        """Estimate a finished action's effect now; this also happens by itself once its weeks are over.

        The treated SKUs (or stores) are compared with those left alone; the verdict is final unless the
        figures are not.
        """
        return _shown(self, measure_effect(action_id=action_id))


class ActionHandOffsView(TenantView):
    """Handing an action over."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.ACTION_WRITE}

    @extend_schema(
        operation_id="hand_over_action",
        request=HandOffInput,
        responses={201: HandOffSerializer},
        examples=[
            OpenApiExample(
                "To the warehouse", value={"department": "warehouse", "hours": 24}, request_only=True
            )
        ],
        tags=["actions"],
    )
    def post(self, request: Request, client: str, action_id: int) -> Response:
        """Offer an unfinished action to another department; from now on its clock runs."""
        asked = self.body(HandOffInput)
        row = hand_over(action_id=action_id, to=asked["department"], hours=asked["hours"], note=asked["note"])
        return self.created(row, f"{self.base_path}/hand-offs/{row['id']}", etag=etag_of(row["version"]))


class HandOffsView(TenantView):
    """What departments have to answer."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ACTION_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": HandOffQuery.of(HandOffSerializer)}

    @extend_schema(operation_id="list_hand_offs", responses=page_of(HandOffSerializer), tags=["actions"])
    def get(self, request: Request, client: str) -> Response:
        """List the hand-offs, the newest first; `overdue=true` those nobody answered in time."""
        asked = self.query
        rows = hand_offs_query(
            department=asked.get("department"), state=asked.get("state"), overdue=asked.get("overdue")
        )
        return self.page(rows, shape=dict)


class HandOffDetailView(TenantView):
    """One hand-off."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.ACTION_READ,
        "PATCH": Capability.ACTION_WRITE,
    }

    @extend_schema(operation_id="get_hand_off", responses=HandOffSerializer, tags=["actions"])
    def get(self, request: Request, client: str, hand_off_id: int) -> Response:
        """Show a hand-off."""
        return _shown(self, get_hand_off(hand_off_id))

    @extend_schema(
        operation_id="answer_hand_off",
        request=HandOffAnswer,
        responses=HandOffSerializer,
        examples=[OpenApiExample("Yes", value={"state": "accepted"}, request_only=True)],
        tags=["actions"],
    )
    def patch(self, request: Request, client: str, hand_off_id: int) -> Response:
        """Accept an offer, which moves the action to the department, or decline it with a reason."""
        version = get_hand_off(hand_off_id)["version"]
        require_if_match(request, version)
        asked = self.body(HandOffAnswer)
        to = HandOffState(asked["state"])
        return _shown(
            self, answer_hand_off(hand_off_id=hand_off_id, version=version, to=to, reason=asked["reason"])
        )


def _shown(view: TenantView, row: Row) -> Response:
    return view.ok(row, etag=etag_of(row["version"]))
