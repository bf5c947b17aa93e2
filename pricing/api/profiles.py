"""What is stated of listings, and how a store prices, over HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.api.validation import body_errors
from config.lib.errors import FieldError, Invalid, NotFound
from config.lib.money import Money
from connectors.selectors.stores import get_store
from pricing.api.boundary import bounded
from pricing.api.profile_forms import (
    OnQuery,
    PricingPoliciesSerializer,
    PricingPolicyForm,
    PricingPolicySerializer,
    ProfileBatchEnvelope,
    ProfileBatchForm,
    ProfileBatchSerializer,
    ProfileForm,
    ProfileItemForm,
    ProfileQuery,
    ProfileSerializer,
    amount_in,
    columns_of,
    profile_body,
    unstated,
)
from pricing.engine.terms import Planned, StatedPolicy, Terms
from pricing.selectors.policies import TERM_COLUMNS, find_policy, list_policies
from pricing.selectors.profiles import get_profile_row, profiles_of, profiles_query
from pricing.services.policies import set_policy
from pricing.services.profiles import ProfileOutcome, ProfileResult, set_profile, set_profiles
from pricing.types import Tier
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: listings"]
POLICY_TAGS = ["pricing: policies"]
WHOLE_STORE = "store"
_PROFILE = {
    "fee_category": "home_kitchen",
    "length_cm": "30",
    "width_cm": "20",
    "height_cm": "10",
    "weight_grams": "900",
    "origin": "CN",
    "duty_rate": "0.034",
    "extra_duty_rate": "0.25",
    "return_rate": "0.05",
    "lowest": {"amount": "24.90", "currency": "USD"},
    "tier": "hero",
    "target_margin": "0.18",
}
_POLICY = {"effective_on": "2026-12-01", "target_margin": "0.22", "floor_margin": "0.05", "cost_days": 60}


class ProfilesView(TenantView):
    """The profiles of a store's listings."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ProfileQuery.of(ProfileSerializer)}
    looks = "listing_profiles"

    @extend_schema(operation_id="list_listing_profiles", responses=page_of(ProfileSerializer), tags=TAGS)
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """List what is stated of a store's listings, by SKU."""
        store = get_store(store_id)
        rows = profiles_query(store_id, tier=self.query.get("tier"), family=self.query.get("family"))
        return self.page(
            rows,
            ordering=("sku", "id"),
            shape=lambda row: bounded(profile_body(row, store.currency, store_id)),
        )


class ProfileDetailView(TenantView):
    """The profile of one listing."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "PUT": Capability.PRICE_POLICY_WRITE,
    }
    looks = "listing_profiles"

    @extend_schema(operation_id="get_listing_profile", responses=ProfileSerializer, tags=TAGS)
    def get(self, request: Request, client: str, store_id: int, sku: str) -> Response:
        """Show what is stated of a listing."""
        store = get_store(store_id)
        row = get_profile_row(store_id, sku)
        return self.ok(
            bounded(profile_body(row, store.currency, store_id)),
            etag=etag_of(row["version"]),
        )

    @extend_schema(
        operation_id="set_listing_profile",
        request=ProfileForm,
        responses=ProfileSerializer,
        examples=[OpenApiExample("A hero from China", value=_PROFILE, request_only=True)],
        tags=TAGS,
    )
    def put(self, request: Request, client: str, store_id: int, sku: str) -> Response:
        """State a listing's profile as a whole; If-Match carries the present one's ETag, "0" for none."""
        store = get_store(store_id)
        present = profiles_of(store_id, [sku]).get(sku)
        version = present.version if present else 0
        require_if_match(request, version)
        values = columns_of(self.body(ProfileForm), store.currency)
        row = set_profile(store_id=store_id, sku=sku, values=values, version=version)
        return self.ok(
            bounded(profile_body(row, store.currency, store_id)),
            etag=etag_of(row["version"]),
        )


class ProfileBatchView(TenantView):
    """Many profiles at once."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_POLICY_WRITE}

    @extend_schema(
        operation_id="set_listing_profiles",
        request=ProfileBatchForm,
        responses=ProfileBatchSerializer,
        examples=[OpenApiExample("One", value={"items": [{"sku": "TENT", **_PROFILE}]}, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str, store_id: int) -> Response:
        """State up to a thousand profiles; the answer tells what became of each. One that is wrong keeps no
        other out, and one that says what is stated already changes nothing."""
        store = get_store(store_id)
        read = [_judge(item, store.currency) for item in self.body(ProfileBatchEnvelope)["items"]]
        taken = iter(
            set_profiles(
                store_id=store_id, items=[each for each in read if not isinstance(each, ProfileResult)]
            )
        )
        results = [each if isinstance(each, ProfileResult) else next(taken) for each in read]
        counts = Counter(result.outcome for result in results)
        return self.ok(
            bounded(
                {
                    **{outcome.value: counts[outcome] for outcome in ProfileOutcome},
                    "data": [_result_body(n, result) for n, result in enumerate(results)],
                }
            )
        )


class PoliciesView(TenantView):
    """How a store prices."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": OnQuery}
    looks = "pricing_policies"

    @extend_schema(
        operation_id="list_pricing_policies", responses=PricingPoliciesSerializer, tags=POLICY_TAGS
    )
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """List the policies in force on a day: at most one per tier and one for all; short and not paged."""
        store = get_store(store_id)
        on = self.query.get("on") or clock.today(store.time_zone)
        found = [_policy_body(policy, store.currency) for policy in list_policies(store_id, on)]
        return self.ok(bounded({"on": on, "data": found}))


class PolicyDetailView(TenantView):
    """The policy of one tier of a store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "PUT": Capability.PRICE_POLICY_WRITE,
    }
    looks = "pricing_policies"

    @extend_schema(operation_id="get_pricing_policy", responses=PricingPolicySerializer, tags=POLICY_TAGS)
    def get(self, request: Request, client: str, store_id: int, tier: str) -> Response:
        """Show the policy recorded last for a tier ("store": all tiers), in force already or only later."""
        store = get_store(store_id)
        found = find_policy(store_id, _tier(tier))
        if found is None:
            raise NotFound(f"store {store_id} has no pricing policy for {tier}")
        return self.ok(_policy_body(found, store.currency), etag=etag_of(found.version))

    @extend_schema(
        operation_id="set_pricing_policy",
        request=PricingPolicyForm,
        responses=PricingPolicySerializer,
        examples=[OpenApiExample("Higher margin", value=_POLICY, request_only=True)],
        tags=POLICY_TAGS,
    )
    def put(self, request: Request, client: str, store_id: int, tier: str) -> Response:
        """Record a policy from a day on; If-Match carries the ETag of the one recorded last, "0" for none."""
        store = get_store(store_id)
        name = _tier(tier)
        present = find_policy(store_id, name)
        version = present.version if present else 0
        require_if_match(request, version)
        values = self.body(PricingPolicyForm)
        saved = set_policy(
            store_id=store_id,
            tier=name,
            effective_on=values["effective_on"],
            terms=_terms(values, store.currency),
            version=version,
        )
        return self.ok(_policy_body(saved, store.currency), etag=etag_of(saved.version))


def _tier(name: str) -> str:
    if name == WHOLE_STORE:
        return ""
    if name not in tuple(Tier):
        raise NotFound(f"there is no tier {name!r}", remedy=f"Known: {WHOLE_STORE}, {', '.join(Tier)}.")
    return name


def _terms(values: Mapping[str, Any], currency: str) -> Terms:
    planning = {
        line: Planned(
            amount_in(planned.get("amount"), currency, f"/planning/{line}/amount"), planned.get("rate")
        )
        for line, planned in values.get("planning", {}).items()
    }
    values = unstated(values)
    required = values.get("required")
    return Terms(
        **{name: values[name] for name in TERM_COLUMNS if name in values},
        planning=planning,
        required=None if required is None else tuple(dict.fromkeys(required)),
    )


def _policy_body(policy: StatedPolicy, currency: str) -> dict[str, Any]:
    terms = policy.terms
    planning = {
        line: {
            "amount": None if planned.amount is None else Money(planned.amount, currency).to_json(),
            "rate": planned.rate,
        }
        for line, planned in terms.planning.items()
    }
    return bounded(
        {
            "store_id": policy.store_id,
            "tier": policy.tier or WHOLE_STORE,
            "version": policy.version,
            "effective_on": policy.effective_on,
            "recorded_at": policy.recorded_at,
            "recorded_by": policy.recorded_by,
            **{
                name: None if value == "" else value
                for name in TERM_COLUMNS
                for value in (getattr(terms, name),)
            },
            "planning": planning,
            "required": None if terms.required is None else list(terms.required),
        }
    )


def _judge(item: Any, currency: str) -> dict[str, Any] | ProfileResult:
    form = ProfileItemForm(data=item)
    sku = str(item.get("sku", ""))[:100] if isinstance(item, dict) else ""
    if not form.is_valid():
        return ProfileResult(sku, ProfileOutcome.INVALID, errors=tuple(body_errors(form.errors)))
    unknown = sorted(set(item) - set(form.fields))
    if unknown:
        faults = [FieldError(f"/{name}", "There is no such member.", "unknown_member") for name in unknown]
        return ProfileResult(sku, ProfileOutcome.INVALID, errors=tuple(faults))
    try:
        return columns_of(form.validated_data, currency)
    except Invalid as error:
        return ProfileResult(sku, ProfileOutcome.INVALID, errors=tuple(error.errors))


def _result_body(index: int, result: ProfileResult) -> dict[str, Any]:
    return {
        "index": index,
        "sku": result.sku,
        "status": result.outcome,
        "version": result.version,
        "errors": [
            {"pointer": f"/items/{index}{error.pointer}", "detail": error.detail, "code": error.code}
            for error in result.errors
        ],
    }
