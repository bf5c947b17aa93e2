"""Incentives over HTTP: the rule, frozen statements, one's own, and objections to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import page_of
from config.lib.calendars import Period
from kpis.api.incentive_forms import (
    AppealDecision,
    AppealInput,
    AppealQuery,
    AppealSerializer,
    IncentiveRuleSerializer,
    IncentiveStatementDetailSerializer,
    IncentiveStatementSerializer,
    MadeStatementsSerializer,
    OwnStatementQuery,
    RuleInput,
    StatementQuery,
    StatementsInput,
)
from kpis.engine.action_states import AppealState
from kpis.selectors.incentives import (
    appeals_query,
    get_appeal,
    get_rule,
    get_statement,
    newest_rule_version,
    rules_query,
    statements_query,
)
from kpis.services.incentives import Correction, decide_appeal, file_appeal, make_statements, save_rule
from tenants.http import TenantView
from tenants.permissions import Capability
from tenants.principals import Person

_RULE = {
    "name": "Operations 2027",
    "effective_on": "2027-01-01",
    "bands": [{"attained_from": "0.80", "points": "50"}, {"attained_from": "1.00", "points": "100"}],
    "weights": {"gross_margin_pct": "2"},
    "cap": "120",
    "bonus_per_point": {"amount": "3.00", "currency": "USD"},
}
# No id belongs to nobody: a key, which is no person, has no statements of its own.
_NOBODY = 0


class IncentiveRulesView(TenantView):
    """Every version of the rule."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.INCENTIVE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PageQuery.of(IncentiveRuleSerializer)}

    @extend_schema(
        operation_id="list_incentive_rules", responses=page_of(IncentiveRuleSerializer), tags=["incentives"]
    )
    def get(self, request: Request, client: str) -> Response:
        """List the versions of the rule, the latest first."""
        return self.page(rules_query(), shape=dict)


class IncentiveRuleView(TenantView):
    """The rule that was recorded last."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.INCENTIVE_READ,
        "PUT": Capability.INCENTIVE_WRITE,
    }

    @extend_schema(operation_id="get_incentive_rule", responses=IncentiveRuleSerializer, tags=["incentives"])
    def get(self, request: Request, client: str) -> Response:
        """Show the rule recorded last, whether it is in force already or only later."""
        row = get_rule(newest_rule_version())
        return self.ok(row, etag=etag_of(row["version"]))

    @extend_schema(
        operation_id="save_incentive_rule",
        request=RuleInput,
        responses=IncentiveRuleSerializer,
        examples=[OpenApiExample("Two bands", value=_RULE, request_only=True)],
        tags=["incentives"],
    )
    def put(self, request: Request, client: str) -> Response:
        """Record a new version; If-Match carries the ETag of the present one, "0" for none."""
        version = newest_rule_version()
        require_if_match(request, version)
        asked = self.body(RuleInput)
        row = save_rule(
            version=version,
            name=asked["name"],
            effective_on=asked["effective_on"],
            document=_document(asked),
        )
        return self.ok(row, etag=etag_of(row["version"]))


class IncentiveStatementsView(TenantView):
    """What figures were worth to whom."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.INCENTIVE_READ,
        "POST": Capability.INCENTIVE_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {
        "GET": StatementQuery.of(IncentiveStatementSerializer)
    }
    looks = "incentives"

    @extend_schema(
        operation_id="list_incentive_statements",
        responses=page_of(IncentiveStatementSerializer),
        tags=["incentives"],
    )
    def get(self, request: Request, client: str) -> Response:
        """List everybody's statements, the newest first."""
        rows = statements_query(user_id=self.query.get("user"), month=self.query.get("month"))
        return self.page(rows, shape=dict)

    @extend_schema(
        operation_id="make_incentive_statements",
        request=StatementsInput,
        responses=MadeStatementsSerializer,
        examples=[OpenApiExample("A month", value={"month": "2026-10"}, request_only=True)],
        tags=["incentives"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Freeze the statements of a month whose review was held; who has one keeps it."""
        month = Period.parse(self.body(StatementsInput)["month"], self.client.week_start)
        return self.ok({"made": make_statements(month)})


class IncentiveStatementDetailView(TenantView):
    """One statement."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.INCENTIVE_READ}
    looks = "incentives"

    @extend_schema(
        operation_id="get_incentive_statement",
        responses=IncentiveStatementDetailSerializer,
        tags=["incentives"],
    )
    def get(self, request: Request, client: str, statement_id: int) -> Response:
        """Show a statement as it was frozen."""
        return self.ok(get_statement(statement_id))


class OwnStatementsView(TenantView):
    """The caller's own statements."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ACTION_WRITE}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {
        "GET": OwnStatementQuery.of(IncentiveStatementSerializer)
    }

    @extend_schema(
        operation_id="list_own_incentive_statements",
        responses=page_of(IncentiveStatementSerializer),
        tags=["incentives"],
    )
    def get(self, request: Request, client: str) -> Response:
        """List the caller's own statements, the newest first; a key has none."""
        return self.page(statements_query(user_id=_own_id(self), month=self.query.get("month")), shape=dict)


class OwnStatementDetailView(TenantView):
    """One statement of the caller's."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ACTION_WRITE}

    @extend_schema(
        operation_id="get_own_incentive_statement",
        responses=IncentiveStatementDetailSerializer,
        tags=["incentives"],
    )
    def get(self, request: Request, client: str, statement_id: int) -> Response:
        """Show one of the caller's own statements; anybody else's is not found."""
        return self.ok(get_statement(statement_id, user_id=_own_id(self)))


class OwnStatementAppealView(TenantView):
    """Objecting."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.ACTION_WRITE}

    @extend_schema(
        operation_id="file_incentive_appeal",
        request=AppealInput,
        responses={201: AppealSerializer},
        examples=[
            OpenApiExample("An outage", value={"reason": "The report was missing."}, request_only=True)
        ],
        tags=["incentives"],
    )
    def post(self, request: Request, client: str, statement_id: int) -> Response:
        """Object to one's own latest statement of a month, once."""
        reason = self.body(AppealInput)["reason"]
        row = file_appeal(statement_id=statement_id, user_id=_own_id(self), reason=reason)
        return self.created(
            row, f"{self.base_path}/incentive-appeals/{row['id']}", etag=etag_of(row["version"])
        )


class AppealsView(TenantView):
    """Objections."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.INCENTIVE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": AppealQuery.of(AppealSerializer)}

    @extend_schema(
        operation_id="list_incentive_appeals", responses=page_of(AppealSerializer), tags=["incentives"]
    )
    def get(self, request: Request, client: str) -> Response:
        """List the objections, the newest first."""
        return self.page(appeals_query(state=self.query.get("state")), shape=dict)


class AppealDetailView(TenantView):
    """One objection."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.INCENTIVE_READ,
        "PATCH": Capability.INCENTIVE_WRITE,
    }

    @extend_schema(operation_id="get_incentive_appeal", responses=AppealSerializer, tags=["incentives"])
    def get(self, request: Request, client: str, appeal_id: int) -> Response:
        """Show an objection."""
        row = get_appeal(appeal_id)
        return self.ok(row, etag=etag_of(row["version"]))

    @extend_schema(
        operation_id="decide_incentive_appeal",
        request=AppealDecision,
        responses=AppealSerializer,
        examples=[
            OpenApiExample(
                "Not this time",
                value={"state": "rejected", "decision": "The report was there."},
                request_only=True,
            )
        ],
        tags=["incentives"],
    )
    def patch(self, request: Request, client: str, appeal_id: int) -> Response:
        """Reject an objection, or accept it with corrections, which makes the statement's next version."""
        version = get_appeal(appeal_id)["version"]
        require_if_match(request, version)
        asked = self.body(AppealDecision)
        row = decide_appeal(
            appeal_id=appeal_id,
            version=version,
            to=AppealState(asked["state"]),
            decision=asked["decision"],
            corrections=[Correction(**each) for each in asked["corrections"]],
        )
        return self.ok(row, etag=etag_of(row["version"]))


def _own_id(view: TenantView) -> int:
    return view.principal.id if isinstance(view.principal, Person) else _NOBODY


def _document(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The rule as it is stored: numbers as text."""
    bonus = asked["bonus_per_point"]
    return {
        "bands": [{name: format(value, "f") for name, value in band.items()} for band in asked["bands"]],
        "weights": {kpi: format(weight, "f") for kpi, weight in asked["weights"].items()},
        "cap": format(asked["cap"], "f"),
        "bonus_per_point": bonus.to_json() if bonus else None,
    }
