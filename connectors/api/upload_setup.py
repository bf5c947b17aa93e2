"""What can be handed in, in which layouts, and what was agreed to come how often, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from connectors.api.upload_forms import (
    ProfilesQuery,
    UploadDatasetsSerializer,
    UploadPlanInput,
    UploadPlanSerializer,
    UploadPlansSerializer,
    UploadProfileInput,
    UploadProfileSerializer,
    UploadProfilesSerializer,
)
from connectors.platforms.csv_upload.datasets import DATASETS
from connectors.platforms.csv_upload.fields import Dataset, Sink
from connectors.platforms.csv_upload.layout import layout_of
from connectors.platforms.csv_upload.profile import Profile
from connectors.platforms.csv_upload.profiles import PROFILES
from connectors.selectors.stores import get_store
from connectors.selectors.upload_plans import PlanView, find_plan, get_plan, list_plans
from connectors.selectors.uploads import find_own_profile, get_profile, list_profiles
from connectors.services.upload_plans import set_plan
from connectors.services.upload_profiles import save_profile
from tenants.http import TenantView
from tenants.permissions import Capability

_LAYOUT = {
    "title": "店小秘 订单导出",
    "dataset": "orders",
    "layout": {
        "columns": {
            "order_id": {"names": ["订单号"]},
            "sku": {"names": ["商品编码", "SKU"]},
            "ordered_at": {"names": ["下单时间"]},
            "quantity": {"names": ["数量"]},
            "price_amount": {"names": ["商品金额"]},
        },
        "constants": {"currency": "USD"},
        "time_zone": "Asia/Shanghai",
        "encoding": "gb18030",
    },
}


class DatasetsView(TenantView):
    """What can be handed in."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.CONNECTION_READ}

    @extend_schema(operation_id="list_upload_datasets", responses=UploadDatasetsSerializer, tags=["uploads"])
    def get(self, request: Request, client: str) -> Response:
        """List the datasets with their fields; `template` is the header of a file in our own layout."""
        return self.ok({"data": [_dataset_body(dataset) for dataset in DATASETS.values()]})


class ProfilesView(TenantView):
    """In which layouts files may come."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.CONNECTION_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ProfilesQuery}

    @extend_schema(operation_id="list_upload_profiles", responses=UploadProfilesSerializer, tags=["uploads"])
    def get(self, request: Request, client: str) -> Response:
        """List the client's own layouts and the built-in ones."""
        found = list_profiles(dataset=self.query.get("dataset"))
        return self.ok({"data": [_profile_body(profile) for profile in found]})


class ProfileDetailView(TenantView):
    """One layout."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.CONNECTION_READ,
        "PUT": Capability.UPLOAD_WRITE,
    }

    @extend_schema(operation_id="get_upload_profile", responses=UploadProfileSerializer, tags=["uploads"])
    def get(self, request: Request, client: str, key: str) -> Response:
        """Show a layout; a built-in one may be the beginning of an own one."""
        return self._shown(get_profile(key))

    @extend_schema(
        operation_id="save_upload_profile",
        request=UploadProfileInput,
        responses=UploadProfileSerializer,
        examples=[OpenApiExample("An ERP's export", value=_LAYOUT, request_only=True)],
        tags=["uploads"],
    )
    def put(self, request: Request, client: str, key: str) -> Response:
        """Save a new version of an own layout; If-Match carries the ETag of the present one, "0" for none."""
        present = find_own_profile(key)
        version = present.version if present else 0
        require_if_match(request, version)
        values = self.body(UploadProfileInput)
        saved = save_profile(
            key=key,
            title=values["title"],
            dataset=values["dataset"],
            layout=values["layout"],
            version=version,
            is_archived=values["is_archived"],
        )
        return self._shown(saved)

    def _shown(self, profile: Profile) -> Response:
        return self.ok(_profile_body(profile), etag=etag_of(profile.version))


class PlansView(TenantView):
    """What was agreed for a store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.CONNECTION_READ}

    @extend_schema(operation_id="list_upload_plans", responses=UploadPlansSerializer, tags=["uploads"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """List which datasets of a store are handed in how often."""
        return self.ok({"data": [_plan_body(plan) for plan in list_plans([get_store(store_id).id])]})


class PlanDetailView(TenantView):
    """What was agreed for one dataset of a store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.CONNECTION_READ,
        "PUT": Capability.UPLOAD_WRITE,
    }

    @extend_schema(operation_id="get_upload_plan", responses=UploadPlanSerializer, tags=["uploads"])
    def get(self, request: Request, client: str, store_id: int, dataset: str) -> Response:
        """Show a plan."""
        get_store(store_id)
        return self._shown(get_plan(store_id=store_id, dataset=dataset))

    @extend_schema(
        operation_id="set_upload_plan",
        request=UploadPlanInput,
        responses=UploadPlanSerializer,
        examples=[
            OpenApiExample(
                "Every Monday",
                value={"cadence_days": 7, "grace_days": 1, "first_due_on": "2026-11-23", "owner": "lin"},
                request_only=True,
            )
        ],
        tags=["uploads"],
    )
    def put(self, request: Request, client: str, store_id: int, dataset: str) -> Response:
        """Agree how often a dataset is handed in; If-Match carries the present ETag, "0" for none.

        When a file is overdue its KPIs are stale: they show no number rather than zero.
        """
        get_store(store_id)
        present = find_plan(store_id=store_id, dataset=dataset)
        version = present.version if present else 0
        require_if_match(request, version)
        values = self.body(UploadPlanInput)
        return self._shown(set_plan(store_id=store_id, dataset=dataset, version=version, **values))

    def _shown(self, plan: PlanView) -> Response:
        return self.ok(_plan_body(plan), etag=etag_of(plan.version))


def _dataset_body(dataset: Dataset) -> dict[str, Any]:
    return {
        "key": dataset.key,
        "title": dataset.title,
        "needs_store": dataset.sink is Sink.FACTS,
        "natural_key": list(dataset.natural_key),
        "streams": list(dataset.streams),
        "stale_after_days": dataset.stale_after.days,
        "template": ",".join(each.name for each in dataset.fields),
        "fields": [
            {
                "name": each.name,
                "kind": each.kind,
                "meaning": each.meaning,
                "example": each.example,
                "required": each.required,
                "unit": each.unit,
                "choices": list(each.choices),
            }
            for each in dataset.fields
        ],
    }


def _profile_body(profile: Profile) -> dict[str, Any]:
    return {
        "key": profile.key,
        "version": profile.version,
        "title": profile.title,
        "dataset": profile.dataset,
        "platform": profile.platform,
        "source": profile.source,
        "is_own": profile.key not in PROFILES,
        "verified": profile.verified,
        "layout": layout_of(profile),
    }


def _plan_body(plan: PlanView) -> dict[str, Any]:
    return {
        "store_id": plan.store_id,
        "dataset": plan.dataset,
        "cadence_days": plan.cadence_days,
        "grace_days": plan.grace_days,
        "first_due_on": plan.first_due_on,
        "owner": plan.owner,
        "is_active": plan.is_active,
        "version": plan.version,
        "updated_at": plan.updated_at,
    }
