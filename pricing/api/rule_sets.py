"""Rule sets over HTTP: the language, the library, versions, activation, differences and dry runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import page_of
from pricing.api.boundary import bounded
from pricing.api.rule_bodies import detail_body, dry_run_body, version_body
from pricing.api.rule_set_forms import (
    ActivationInput,
    DiffQuery,
    DryRunInput,
    DryRunSerializer,
    RetirementInput,
    RuleSchemaSerializer,
    RuleSetDetailSerializer,
    RuleSetDiffSerializer,
    RuleSetInput,
    RuleSetQuery,
    RuleSetSerializer,
    RuleSetVersionInput,
    RuleSetVersionSerializer,
    RuleTemplatesSerializer,
)
from pricing.rules.diff import diff
from pricing.rules.parse import parse_rule_set
from pricing.rules.presets import PRESETS
from pricing.rules.schema import json_schema
from pricing.rules.scope import parse_scope
from pricing.selectors.dry_runs import dry_run
from pricing.selectors.rule_sets import get_rule_set, get_version, rule_sets_query, versions_query
from pricing.services.rule_sets import activate, create_rule_set, retire, save_version
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: rules"]
_READ: Mapping[str, Capability] = {"GET": Capability.PRICE_READ}
_CREATE = {
    "key": "competitor-five-percent",
    "document": PRESETS["source_document"].document,
    "scope": {"markets": ["US"]},
    "note": "As agreed in the kick-off.",
}


class RuleSchemaView(TenantView):
    """The rule language."""

    capabilities = _READ

    @extend_schema(operation_id="get_rule_schema", responses=RuleSchemaSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Show the JSON Schema of a rule set's document: every signal, operator, action and limit."""
        return self.ok(bounded({"schema": json_schema()}))


class RuleTemplatesView(TenantView):
    """Rule sets to start from."""

    capabilities = _READ

    @extend_schema(operation_id="list_rule_templates", responses=RuleTemplatesSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the library of rule sets; the list is short and not paged."""
        data = [
            {"key": preset.key, "meaning": preset.meaning, "document": preset.document}
            for preset in PRESETS.values()
        ]
        return self.ok(bounded({"data": data}))


class RuleSetsView(TenantView):
    """The rule sets of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "POST": Capability.PRICE_RULE_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": RuleSetQuery.of(RuleSetSerializer)}
    looks = "rule_sets"

    @extend_schema(operation_id="list_rule_sets", responses=page_of(RuleSetSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the rule sets, the newest first."""
        return self.page(rule_sets_query(state=self.query.get("state")), shape=bounded)

    @extend_schema(
        operation_id="create_rule_set",
        request=RuleSetInput,
        responses={201: RuleSetDetailSerializer},
        examples=[OpenApiExample("The rule of the source document", value=_CREATE, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Save a new rule set as a draft; every fault of the document is told at once."""
        asked = self.body(RuleSetInput)
        row = create_rule_set(
            key=asked["key"], document=asked["document"], scope=asked["scope"], note=asked["note"]
        )
        return self.created(
            detail_body(row), f"{self.base_path}/rule-sets/{row['key']}", etag=etag_of(row["version"])
        )


class RuleSetDetailView(TenantView):
    """One rule set."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "PUT": Capability.PRICE_RULE_WRITE,
    }
    looks = "rule_sets"

    @extend_schema(operation_id="get_rule_set", responses=RuleSetDetailSerializer, tags=TAGS)
    def get(self, request: Request, client: str, key: str) -> Response:
        """Show a rule set with its latest version and what was proved when it was last activated."""
        return _shown(self, get_rule_set(key))

    @extend_schema(
        operation_id="save_rule_set_version",
        request=RuleSetVersionInput,
        responses=RuleSetDetailSerializer,
        tags=TAGS,
    )
    def put(self, request: Request, client: str, key: str) -> Response:
        """Save a new version; the one in force stays in force until the new one is activated."""
        row = get_rule_set(key)
        require_if_match(request, row["version"])
        asked = self.body(RuleSetVersionInput)
        scope = asked.get("scope")
        if scope is None:
            scope = get_version(key, row["latest_version"])["scope"]
        saved = save_version(
            key=key, document=asked["document"], scope=scope, version=row["version"], note=asked["note"]
        )
        return _shown(self, saved)


class RuleSetVersionsView(TenantView):
    """Everything a rule set ever said."""

    capabilities = _READ
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PageQuery.of(RuleSetVersionSerializer)}

    @extend_schema(
        operation_id="list_rule_set_versions", responses=page_of(RuleSetVersionSerializer), tags=TAGS
    )
    def get(self, request: Request, client: str, key: str) -> Response:
        """List the versions, the newest first."""
        return self.page(versions_query(key), shape=version_body)


class RuleSetVersionView(TenantView):
    """One version."""

    capabilities = _READ

    @extend_schema(operation_id="get_rule_set_version", responses=RuleSetVersionSerializer, tags=TAGS)
    def get(self, request: Request, client: str, key: str, number: int) -> Response:
        """Show what a version said; it never changes."""
        return self.ok(version_body(get_version(key, number)), etag=etag_of(number))


class RuleSetDiffView(TenantView):
    """What changed between two versions."""

    capabilities = _READ
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": DiffQuery}

    @extend_schema(operation_id="diff_rule_set", responses=RuleSetDiffSerializer, tags=TAGS)
    def get(self, request: Request, client: str, key: str) -> Response:
        """Show every place in which two versions differ; rules are compared by their keys."""
        before, after = self.query["before"], self.query["after"]
        old, new = get_version(key, before), get_version(key, after)
        found = diff({**old["document"], "scope": old["scope"]}, {**new["document"], "scope": new["scope"]})
        data = [
            {"pointer": each.pointer, "kind": each.kind, "before": each.before, "after": each.after}
            for each in found
        ]
        return self.ok(bounded({"key": key, "before": before, "after": after, "data": data}))


class RuleSetActivationView(TenantView):
    """Putting a version in force."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_RULE_WRITE}
    conditional_methods = frozenset({"POST"})

    @extend_schema(
        operation_id="activate_rule_set",
        request=ActivationInput,
        responses=RuleSetDetailSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, key: str) -> Response:
        """Verify a version and put it in force; 422 with every problem that forbids it.

        Checked are contradictions, loops, unreachable rules, the proof of the floor, the museum of historical
        disasters and price wars against the library's bots.
        """
        row = get_rule_set(key)
        require_if_match(request, row["version"])
        chosen = int(self.body(ActivationInput).get("version") or row["latest_version"])
        return _shown(self, activate(key=key, chosen=chosen, version=row["version"]))


class RuleSetRetirementView(TenantView):
    """Taking a rule set out of force."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_RULE_WRITE}
    conditional_methods = frozenset({"POST"})

    @extend_schema(
        operation_id="retire_rule_set",
        request=RetirementInput,
        responses=RuleSetDetailSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, key: str) -> Response:
        """Take a rule set out of force; it can be activated again."""
        row = get_rule_set(key)
        require_if_match(request, row["version"])
        reason = self.body(RetirementInput)["reason"]
        return _shown(self, retire(key=key, reason=reason, version=row["version"]))


class RuleSetDryRunView(TenantView):
    """Trying a rule set on a store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_READ}

    @extend_schema(
        operation_id="dry_run_rule_set",
        request=DryRunInput,
        responses=DryRunSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, key: str) -> Response:
        """Show what a version, draft or not, would do with a store's listings now; nothing is written."""
        row = get_rule_set(key)
        asked = self.body(DryRunInput)
        saved = get_version(key, int(asked.get("version") or row["latest_version"]))
        found = dry_run(
            store_id=asked["store_id"],
            rule_set=parse_rule_set(saved["document"]),
            scope=parse_scope(saved["scope"]),
            skus=asked["skus"],
            from_sku=asked["from_sku"],
            most=asked["limit"],
        )
        body = dry_run_body(key, saved["version"], asked["store_id"], found, has_trace=asked["trace"])
        return self.ok(body)


def _shown(view: TenantView, row: dict[str, Any]) -> Response:
    return view.ok(detail_body(row), etag=etag_of(row["version"]))
