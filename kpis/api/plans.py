"""A store's plan as a whole, over HTTP: try it, set it at once, see its history, baselines and weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import problems
from config.lib.calendars import Period
from config.lib.errors import FieldError, Invalid
from connectors.selectors.stores import get_store
from kpis.api.queries import TargetsQuery
from kpis.api.scorecards import within_time
from kpis.api.target_bodies import (
    baseline_body,
    draft_of,
    plan_body,
    problem_body,
    target_body,
    version_body,
)
from kpis.api.target_forms import (
    BaselineCertificateSerializer,
    BaselineInput,
    BaselineListSerializer,
    CheckedPlanSerializer,
    ParallelScoreAnswer,
    PeriodQuery,
    SensitivitySerializer,
    StorePlanSerializer,
    TargetVersionListSerializer,
    WholePlanInput,
)
from kpis.engine.score import ScorecardScore
from kpis.engine.sensitivity import STEP
from kpis.selectors.baselines import get_baseline, list_baselines
from kpis.selectors.lines import text
from kpis.selectors.plans import direction_of, find_plan, list_targets
from kpis.selectors.weights import (
    find_parallel_score,
    list_swings,
    list_target_versions,
    plan_version,
)
from kpis.services.baselines import enter_baseline
from kpis.services.targets import CheckedPlan, TargetDraft, check_plan, set_plan
from kpis.types import TargetView
from tenants.context import require_client
from tenants.http import TenantView
from tenants.permissions import Capability

_EXAMPLE = OpenApiExample(
    "Three core KPIs",
    value={
        "effective_on": "2026-12-01",
        "lines": [
            {
                "kpi": kpi,
                "role": "core",
                "weight": weight,
                "target": target,
                "warn": warn,
                "owner": "Li Na",
                "source": "contract of 2026-11-20",
                "deadline": "2027-03-31",
            }
            for kpi, weight, target, warn in (
                ("gross_margin_pct", "40", "0.25", "0.20"),
                ("acos", "30", "0.25", "0.35"),
                ("stockout_rate", "30", "0.03", "0.05"),
            )
        ],
    },
    request_only=True,
)


class StorePlanView(TenantView):
    """A store's plan as a whole."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.KPI_READ,
        "PUT": Capability.TARGET_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": TargetsQuery}
    looks = "targets"

    @extend_schema(operation_id="get_store_plan", responses=StorePlanSerializer, tags=["targets"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """Show the lines in force on a day, with everything that the checks find wrong with them today."""
        store = get_store(store_id)
        on = self.query.get("on") or clock.today(store.time_zone)
        targets = list_targets(store_id, on)
        drafts = {target.kpi: _as_draft(target) for target in targets}
        found = check_plan(store_id=store_id, drafts=drafts, effective_on=on)
        return self._shown(store_id, on, targets, found)

    @extend_schema(
        operation_id="set_store_plan",
        request=WholePlanInput,
        responses=StorePlanSerializer,
        examples=[_EXAMPLE],
        tags=["targets"],
    )
    def put(self, request: Request, client: str, store_id: int) -> Response:
        """Set all lines from a day on, or none; If-Match carries the ETag of the plan, "0" for none.

        What is not named is taken off. Every error is told at once; warnings come with the answer.
        """
        get_store(store_id)
        version = plan_version(store_id)
        require_if_match(request, version)
        asked = self.body(WholePlanInput)
        on, drafts = asked["effective_on"], _drafts(asked)
        found = set_plan(store_id=store_id, drafts=drafts, effective_on=on, version=version)
        return self._shown(store_id, on, list_targets(store_id, on), found)

    def _shown(self, store_id: int, on: Any, targets: list[TargetView], found: CheckedPlan) -> Response:
        version, plan = plan_version(store_id), find_plan(store_id, on)
        places = {target.kpi: f"/data/{n}" for n, target in enumerate(targets)}
        body = {
            "on": on,
            "plan": plan_body(plan) if plan else None,
            "weight_total": text(sum((target.weight for target in targets), start=STEP * 0)),
            "data": [target_body(target) for target in targets],
            "version": version,
            "problems": [problem_body(problem, places) for problem in found.problems],
        }
        return self.ok(body, etag=etag_of(version))


class PlanValidationView(TenantView):
    """Trying a plan."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.KPI_READ}
    idempotent_methods: ClassVar[frozenset[str]] = frozenset()

    @extend_schema(
        operation_id="validate_store_plan",
        request=WholePlanInput,
        responses=CheckedPlanSerializer,
        examples=[_EXAMPLE],
        tags=["targets"],
    )
    def post(self, request: Request, client: str, store_id: int) -> Response:
        """Say everything that is wrong with a whole plan; nothing is saved, so no key is needed.

        A plan with errors is answered with 200 and all of them: finding them is what was asked.
        """
        asked = self.body(WholePlanInput)
        drafts = _drafts(asked)
        found = check_plan(store_id=store_id, drafts=drafts, effective_on=asked["effective_on"])
        places = {kpi: f"/lines/{n}" for n, kpi in enumerate(drafts)}
        return self.ok(
            {
                "is_valid": found.is_valid,
                "problems": [problem_body(problem, places) for problem in found.problems],
            }
        )


class TargetVersionsView(TenantView):
    """How a target and its weight came to be what they are."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}

    @extend_schema(
        operation_id="list_target_versions", responses=TargetVersionListSerializer, tags=["targets"]
    )
    def get(self, request: Request, client: str, store_id: int, key: str) -> Response:
        """List every version of a target, the latest first; the list is short and not paged."""
        get_store(store_id)
        direction_of(key)
        return self.ok({"data": [version_body(row) for row in list_target_versions(store_id, key)]})


class BaselinesView(TenantView):
    """Where the KPIs of a store stood."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.KPI_READ}

    @extend_schema(operation_id="list_baselines", responses=BaselineListSerializer, tags=["targets"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """List the frozen baselines, and the KPIs with a target that have none yet; not paged."""
        store = get_store(store_id)
        found = list_baselines(store_id)
        known = {each.kpi for each in found}
        targets = list_targets(store_id, clock.today(store.time_zone))
        missing = [target.kpi for target in targets if target.goal.is_set and target.kpi not in known]
        return self.ok({"data": [baseline_body(each) for each in found], "missing": missing})


class BaselineView(TenantView):
    """The certificate of one baseline."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.KPI_READ,
        "PUT": Capability.TARGET_WRITE,
    }

    @extend_schema(operation_id="get_baseline", responses=BaselineCertificateSerializer, tags=["targets"])
    def get(self, request: Request, client: str, store_id: int, key: str) -> Response:
        """Show where a KPI stood when its first target was set, and how that is known."""
        get_store(store_id)
        return self.ok(baseline_body(get_baseline(store_id, key)), etag=etag_of(1))

    @extend_schema(
        operation_id="enter_baseline",
        request=BaselineInput,
        responses={200: BaselineCertificateSerializer, **problems(409)},
        examples=[
            OpenApiExample(
                "A figure of the industry",
                value={"value": "0.28", "source": "Marketplace report 2026, home category"},
                request_only=True,
            )
        ],
        tags=["targets"],
    )
    def put(self, request: Request, client: str, store_id: int, key: str) -> Response:
        """Enter a baseline where the own history is too short; If-Match is "0": it is frozen at once."""
        require_if_match(request, 0)
        asked = self.body(BaselineInput)
        view = enter_baseline(store_id=store_id, kpi=key, value=asked["value"], source=asked["source"])
        return self.ok(baseline_body(view), etag=etag_of(1))


class SensitivityView(TenantView):
    """What a score hangs on."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.SCORECARD_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PeriodQuery}

    @extend_schema(operation_id="get_score_sensitivity", responses=SensitivitySerializer, tags=["targets"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """Show a period's score with each weight 5 points lower and higher, the others giving way in step."""
        store = get_store(store_id)
        period = _period(self.query["period"])
        rows = [
            {
                "kpi": swing.kpi,
                "weight": text(swing.weight),
                "lower": text(swing.lower, 4),
                "higher": text(swing.higher, 4),
                "span": text(swing.span, 4),
            }
            for swing in list_swings(store, period)
        ]
        return self.ok({"period": period.id, "step": text(STEP), "data": rows})


class ParallelScoreView(TenantView):
    """A score before and after a change of the plan."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.SCORECARD_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PeriodQuery}

    @extend_schema(operation_id="get_parallel_score", responses=ParallelScoreAnswer, tags=["targets"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """Show a period's score under the plan in force and the former one, for a quarter after a change."""
        store = get_store(store_id)
        period = _period(self.query["period"])
        found = find_parallel_score(store, period)
        body = None
        if found is not None:
            body = {
                "changed_on": found.changed_on,
                "until": found.until,
                "changed": list(found.changed),
                "present": _side(found.present),
                "former": _side(found.former),
            }
        return self.ok({"period": period.id, "parallel": body})


def _side(score: ScorecardScore) -> dict[str, Any]:
    return {
        "score": text(score.score, 4),
        "share_with_data": text(score.share_with_data, 4),
        "status": score.status,
    }


def _period(written: str) -> Period:
    return within_time(Period.parse(written, require_client().week_start))


def _drafts(asked: Mapping[str, Any]) -> dict[str, TargetDraft]:
    """The lines by KPI; the same KPI twice is refused, because one would be lost."""
    twice = [
        FieldError(f"/lines/{n}/kpi", "It stands there twice.", "twice")
        for n, line in enumerate(asked["lines"])
        if line["kpi"] in {other["kpi"] for other in asked["lines"][:n]}
    ]
    if twice:
        raise Invalid("Each KPI has one line.", errors=twice)
    return {line["kpi"]: draft_of({**line, "effective_on": asked["effective_on"]}) for line in asked["lines"]}


def _as_draft(target: TargetView) -> TargetDraft:
    goal = target.goal
    bounds = {
        name: bound
        for name in ("target", "warn", "target_low", "target_high", "warn_low", "warn_high")
        if (bound := getattr(goal, name)) is not None
    }
    return TargetDraft(
        target.role,
        target.weight,
        bounds,
        target.effective_on,
        target.owner,
        target.source,
        target.deadline_on,
    )
