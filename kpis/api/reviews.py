"""Reviews and issues over HTTP: build, look, hold, and what to do about what was red."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.calendars import Period
from kpis.api.review_forms import (
    HoldInput,
    IssueChange,
    IssueQuery,
    IssueSerializer,
    RestatedSerializer,
    ReviewDetailSerializer,
    ReviewInput,
    ReviewQuery,
    ReviewSerializer,
    SuggestionsSerializer,
)
from kpis.engine.action_states import IssueState
from kpis.selectors.lines import Row
from kpis.selectors.playbooks import suggest
from kpis.selectors.reviews import (
    get_issue,
    get_review,
    issues_query,
    list_restated,
    reviews_query,
)
from kpis.services.issues import close_issue
from kpis.services.reviews import Minutes, build_review, hold_review, refresh_review
from tenants.http import TenantView
from tenants.permissions import Capability
from tenants.types import STAFF_ROLES

_HOLD = {
    "attendees": ["Li Na", "Sato Ken"],
    "minutes": "Margin fell with the duty; the price test goes on.",
    "decisions": "Raise the price of TENT by 4 %.",
}


class _ReviewView(TenantView):
    """What the views of reviews share: a client's login sees only what was held."""

    @property
    def held_only(self) -> bool:
        """Whether the caller sees held reviews only."""
        return self.membership_role not in STAFF_ROLES and not self.can(Capability.REVIEW_WRITE)

    def shown(self, row: Row) -> Response:
        """A review with its ETag."""
        return self.ok(row, etag=etag_of(row["version"]))


class ReviewsView(_ReviewView):
    """The reviews of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.REVIEW_READ,
        "POST": Capability.REVIEW_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ReviewQuery.of(ReviewSerializer)}
    looks = "reviews"

    @extend_schema(operation_id="list_reviews", responses=page_of(ReviewSerializer), tags=["reviews"])
    def get(self, request: Request, client: str) -> Response:
        """List the reviews, the newest first, without their packs. Client logins see those that were held."""
        return self.page(reviews_query(held_only=self.held_only, kind=self.query.get("kind")), shape=dict)

    @extend_schema(
        operation_id="build_review",
        request=ReviewInput,
        responses={201: ReviewDetailSerializer},
        examples=[OpenApiExample("A week", value={"period": "2026-W46"}, request_only=True)],
        tags=["reviews"],
    )
    def post(self, request: Request, client: str) -> Response:
        """Build the pack of a period that is over, and open issues for its red lines.

        Weekly and monthly packs come by themselves once the streams had their time.
        """
        row = build_review(Period.parse(self.body(ReviewInput)["period"], self.client.week_start))
        return self.created(row, f"{self.base_path}/reviews/{row['id']}", etag=etag_of(row["version"]))


class ReviewDetailView(_ReviewView):
    """One review."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.REVIEW_READ}
    looks = "reviews"

    @extend_schema(operation_id="get_review", responses=ReviewDetailSerializer, tags=["reviews"])
    def get(self, request: Request, client: str, review_id: int) -> Response:
        """Show a review with its pack; `sha256` is that of the pack's canonical JSON."""
        return self.shown(get_review(review_id, held_only=self.held_only))


class ReviewRefreshView(_ReviewView):
    """A draft with what is known now."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.REVIEW_WRITE}
    conditional_methods: ClassVar[frozenset[str] | set[str]] = frozenset({"POST"})

    @extend_schema(
        operation_id="refresh_review", request=None, responses=ReviewDetailSerializer, tags=["reviews"]
    )
    def post(self, request: Request, client: str, review_id: int) -> Response:
        """Build a draft's pack anew; refused once the review was held."""
        version = get_review(review_id)["version"]
        require_if_match(request, version)
        return self.shown(refresh_review(review_id=review_id, version=version))


class ReviewHoldView(_ReviewView):
    """Holding the meeting."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"PUT": Capability.REVIEW_WRITE}

    @extend_schema(
        operation_id="hold_review",
        request=HoldInput,
        responses=ReviewDetailSerializer,
        examples=[OpenApiExample("A meeting", value=_HOLD, request_only=True)],
        tags=["reviews"],
    )
    def put(self, request: Request, client: str, review_id: int) -> Response:
        """Freeze the pack that the ETag names, with the meeting's minutes. It never changes afterwards."""
        version = get_review(review_id)["version"]
        require_if_match(request, version)
        minutes = Minutes(**self.body(HoldInput))
        return self.shown(hold_review(review_id=review_id, version=version, minutes=minutes))


class ReviewRestatedView(_ReviewView):
    """What came later."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.REVIEW_READ}

    @extend_schema(operation_id="list_restated_lines", responses=RestatedSerializer, tags=["reviews"])
    def get(self, request: Request, client: str, review_id: int) -> Response:
        """List the lines that are others today than in the pack; the list is short and not paged."""
        return self.ok({"data": list_restated(get_review(review_id, held_only=self.held_only))})


class IssuesView(TenantView):
    """What was red."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.REVIEW_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": IssueQuery.of(IssueSerializer)}

    @extend_schema(operation_id="list_issues", responses=page_of(IssueSerializer), tags=["reviews"])
    def get(self, request: Request, client: str) -> Response:
        """List the issues, the newest first."""
        asked = self.query
        rows = issues_query(store_id=asked.get("store"), state=asked.get("state"), kpi=asked.get("kpi"))
        return self.page(rows, shape=_issue)


class IssueDetailView(TenantView):
    """One issue."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.REVIEW_READ,
        "PATCH": Capability.REVIEW_WRITE,
    }

    @extend_schema(operation_id="get_issue", responses=IssueSerializer, tags=["reviews"])
    def get(self, request: Request, client: str, issue_id: int) -> Response:
        """Show an issue with the numbers that caused it."""
        return self._shown(get_issue(issue_id))

    @extend_schema(
        operation_id="close_issue",
        request=IssueChange,
        responses=IssueSerializer,
        examples=[
            OpenApiExample(
                "Not ours",
                value={"state": "dismissed", "reason": "The market was closed."},
                request_only=True,
            )
        ],
        tags=["reviews"],
    )
    def patch(self, request: Request, client: str, issue_id: int) -> Response:
        """Resolve an issue, or dismiss it with a reason. Its actions resolve it by themselves."""
        version = get_issue(issue_id)["version"]
        require_if_match(request, version)
        asked = self.body(IssueChange)
        to = IssueState(asked["state"])
        return self._shown(close_issue(issue_id=issue_id, version=version, to=to, reason=asked["reason"]))

    def _shown(self, row: Row) -> Response:
        return self.ok(_issue(row), etag=etag_of(row["version"]))


class IssueSuggestionsView(TenantView):
    """What helped elsewhere."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.ACTION_READ}

    @extend_schema(operation_id="suggest_playbooks", responses=SuggestionsSerializer, tags=["playbooks"])
    def get(self, request: Request, client: str, issue_id: int) -> Response:
        """List the playbooks for an issue's KPI, those that surely worked most often first; not paged."""
        kept = ("id", "kpi", "title", "steps", "department", "direction", "success")
        return self.ok({"data": [{name: row[name] for name in kept} for row in suggest(issue_id)]})


def _issue(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "recurrences": len(row["seen_in"]) - 1}
