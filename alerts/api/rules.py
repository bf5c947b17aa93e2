"""Alert rules over HTTP: detectors, rules with their versions, trials on history, the library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api.rule_forms import (
    ActivatedRuleSerializer,
    AlertRuleBody,
    AlertRuleInput,
    AlertRuleQuery,
    AlertRuleSerializer,
    AlertRuleVersionSerializer,
    DetectorsSerializer,
    InstalledSerializer,
    InstallInput,
    RuleDeactivationInput,
    RuleTrialInput,
    RuleTrialSerializer,
)
from alerts.detectors import DETECTORS
from alerts.engine import parameters as forms
from alerts.engine.saying import plain
from alerts.selectors.backtest import Trial, try_rule
from alerts.selectors.rules import get_rule_row, rules_query, to_view, versions_query, write_policy
from alerts.services.rules import (
    RuleInput,
    activate,
    create_rule,
    deactivate,
    draft_rule,
    install_defaults,
    save_version,
)
from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import page_of
from config.lib.errors import FieldError, Invalid
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["alerts: rules"]
_READ: Mapping[str, Capability] = {"GET": Capability.ALERT_READ}
_WRITE: Mapping[str, Capability] = {"POST": Capability.ALERT_RULE_WRITE}
_RULE = {
    "key": "too-many-out-of-stock",
    "detector": "kpi_threshold",
    "title": "More than 5 % of the SKUs are out of stock",
    "parameters": {"kpi": "stockout_rate", "against": "absolute", "limit": "0.05", "clear_limit": "0.04"},
    "policy": {"breaches": 2, "of_checks": 3},
    "owner": "warehouse",
}


class AlertDetectorsView(TenantView):
    """The detectors."""

    capabilities = _READ

    @extend_schema(operation_id="list_alert_detectors", responses=DetectorsSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List every detector with the schema of its parameters; the list is short and not paged."""
        data = [
            {
                "key": each.key,
                "title": gettext(each.title),
                "meaning": gettext(each.meaning),
                "severity": each.severity.value,
                "policy": write_policy(each.policy),
                "cadence_minutes": int(each.cadence.total_seconds() // 60),
                "listens": sorted(each.listens),
                "can_look_back": each.can_look_back,
                "parameters": forms.schema(each.parameters),
            }
            for each in DETECTORS.all().values()
        ]
        return self.ok({"data": data})


class AlertRulesView(TenantView):
    """The rules of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {**_READ, **_WRITE}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": AlertRuleQuery.of(AlertRuleSerializer)}
    looks = "alert_rules"

    @extend_schema(operation_id="list_alert_rules", responses=page_of(AlertRuleSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the rules, the newest first."""
        asked = {name: self.query.get(name) for name in ("detector", "severity", "is_active")}
        return self.page(rules_query(**asked), shape=rule_body)

    @extend_schema(
        operation_id="create_alert_rule",
        request=AlertRuleInput,
        responses={201: AlertRuleSerializer},
        examples=[OpenApiExample("Stock-out above 5 %", value=_RULE, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Save a new rule, not yet in force; every fault is told at once."""
        asked = self.body(AlertRuleInput)
        row = create_rule(key=asked["key"], detector=asked["detector"], said=said_of(asked))
        return self.created(
            rule_body(row), f"{self.base_path}/alert-rules/{row['key']}", etag=etag_of(row["version"])
        )


class AlertRuleDetailView(TenantView):
    """One rule."""

    capabilities: ClassVar[Mapping[str, Capability]] = {**_READ, "PUT": Capability.ALERT_RULE_WRITE}
    looks = "alert_rules"

    @extend_schema(operation_id="get_alert_rule", responses=AlertRuleSerializer, tags=TAGS)
    def get(self, request: Request, client: str, key: str) -> Response:
        """Show a rule with what it says now and how its last looks went."""
        return _shown(self, get_rule_row(key))

    @extend_schema(
        operation_id="save_alert_rule", request=AlertRuleBody, responses=AlertRuleSerializer, tags=TAGS
    )
    def put(self, request: Request, client: str, key: str) -> Response:
        """Save a new version; it counts at once if the rule is in force. The detector stays."""
        row = get_rule_row(key)
        require_if_match(request, row["version"])
        said = said_of(self.body(AlertRuleBody))
        return _shown(self, save_version(key=key, said=said, version=row["version"]))


class AlertRuleVersionsView(TenantView):
    """Everything a rule ever said."""

    capabilities = _READ
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PageQuery.of(AlertRuleVersionSerializer)}

    @extend_schema(
        operation_id="list_alert_rule_versions", responses=page_of(AlertRuleVersionSerializer), tags=TAGS
    )
    def get(self, request: Request, client: str, key: str) -> Response:
        """List the versions, the newest first."""
        return self.page(versions_query(key))


class AlertRuleActivationView(TenantView):
    """Putting a rule in force."""

    capabilities = _WRITE
    conditional_methods = frozenset({"POST"})

    @extend_schema(
        operation_id="activate_alert_rule", request=None, responses=ActivatedRuleSerializer, tags=TAGS
    )
    def post(self, request: Request, client: str, key: str) -> Response:
        """Put a rule in force, and tell what it would have done; 422 if a required one would reach nobody."""
        row = get_rule_row(key)
        require_if_match(request, row["version"])
        activated = activate(key=key, version=row["version"])
        trial = try_rule(to_view(activated), clock.now())
        body = {**rule_body(activated), "trial": trial_body(trial)}
        return self.ok(body, etag=etag_of(activated["version"]))


class AlertRuleDeactivationView(TenantView):
    """Taking a rule out of force."""

    capabilities = _WRITE
    conditional_methods = frozenset({"POST"})

    @extend_schema(
        operation_id="deactivate_alert_rule",
        request=RuleDeactivationInput,
        responses=AlertRuleSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, key: str) -> Response:
        """Take a rule out of force; its alerts end. It can be put in force again."""
        row = get_rule_row(key)
        require_if_match(request, row["version"])
        reason = self.body(RuleDeactivationInput)["reason"]
        return _shown(self, deactivate(key=key, reason=reason, version=row["version"]))


class AlertRuleTrialView(TenantView):
    """Trying a rule on history."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.ALERT_READ}

    @extend_schema(
        operation_id="backtest_alert_rule",
        request=RuleTrialInput,
        responses=RuleTrialSerializer,
        examples=[OpenApiExample("A saved rule", value={"key": "sales-fell"}, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Tell what a rule, saved or only written down, would have done; nothing is written."""
        asked = self.body(RuleTrialInput)
        if "key" in asked:
            rule = to_view(get_rule_row(asked["key"]))
        elif "detector" in asked and "rule" in asked:
            rule = draft_rule(key="trial", detector=asked["detector"], said=said_of(asked["rule"]))
        else:
            detail = "Give the key of a rule, or a detector and a rule."
            raise Invalid(detail, errors=[FieldError("/key", detail, "required")])
        return self.ok(trial_body(try_rule(rule, clock.now(), days=asked["days"])))


class AlertRuleInstallView(TenantView):
    """The library of rules."""

    capabilities = _WRITE

    @extend_schema(
        operation_id="install_alert_rules", request=InstallInput, responses=InstalledSerializer, tags=TAGS
    )
    def post(self, request: Request, client: str) -> Response:
        """Make the rules of the library that the client does not have, and put them in force."""
        return self.ok(asdict(install_defaults(keys=self.body(InstallInput).get("keys"))))


def said_of(asked: Mapping[str, Any]) -> RuleInput:
    """Make what a rule is to say of a request's body."""
    return RuleInput(
        title=asked["title"],
        parameters=asked["parameters"],
        store_ids=asked["store_ids"],
        severity=asked.get("severity"),
        policy=asked.get("policy"),
        owner=asked["owner"],
        is_required=asked["is_required"],
        note=asked["note"],
    )


def rule_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A rule's row as it is shown."""
    return dict(row)


def trial_body(trial: Trial) -> dict[str, Any]:
    """A trial as it is shown."""
    return {
        "text": trial.text,
        "is_possible": not trial.why_not,
        "days": trial.days,
        "first_at": trial.first_at,
        "last_at": trial.last_at,
        "fired": trial.fired,
        "notices": trial.notices,
        "checks": trial.checks,
        "without_data": trial.without_data,
        "episodes": [
            {**asdict(each), "observed": _number(each.observed), "limit": _number(each.limit)}
            for each in trial.episodes
        ],
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _shown(view: TenantView, row: dict[str, Any]) -> Response:
    return view.ok(rule_body(row), etag=etag_of(row["version"]))
