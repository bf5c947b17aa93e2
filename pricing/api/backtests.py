"""Backtests over HTTP: what a rule set would have done with listings in the last days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.money import Money
from pricing.api.backtest_forms import (
    BacktestAcceptedSerializer,
    BacktestDetailQuery,
    BacktestHeadSerializer,
    BacktestInput,
    BacktestQuery,
    PriceBacktestSerializer,
)
from pricing.api.boundary import bounded
from pricing.selectors.backtests import BacktestState, backtests_query, get_backtest
from pricing.services.backtests import BacktestDraft, start_backtest
from tenants.http import TenantView
from tenants.permissions import Capability
from tenants.selectors.jobs import get_job
from tenants.serializers import job_body

TAGS = ["pricing: backtests"]
_HIDDEN = ("document", "rule_set_key", "items")


def head_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A backtest without what it found."""
    return bounded(
        {
            **{name: value for name, value in row.items() if name not in _HIDDEN},
            "rule_set": row["rule_set_key"] or None,
            "elasticity": None if row["elasticity"] is None else f"{row['elasticity'].normalize():f}",
            "state": _state(row).value,
        }
    )


def backtest_body(row: Mapping[str, Any], *, has_days: bool) -> dict[str, Any]:
    """A backtest with what it found; `has_days`: day by day."""
    items = [
        {
            "sku": item["sku"],
            "problem": item["problem"] or None,
            "summary": item["summary"],
            "days": _days(item) if has_days else None,
        }
        for item in row["items"]
    ]
    return {**head_body(row), "costs": "today", "items": items}


class BacktestsView(TenantView):
    """The backtests of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "POST": Capability.PRICE_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": BacktestQuery.of(BacktestHeadSerializer)}

    @extend_schema(operation_id="list_price_backtests", responses=page_of(BacktestHeadSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the backtests, the newest first."""
        rows = backtests_query(store_id=self.query.get("store"), rule_set=self.query.get("rule_set"))
        return self.page(rows, shape=head_body)

    @extend_schema(
        operation_id="start_price_backtest",
        request=BacktestInput,
        responses={201: PriceBacktestSerializer, 202: BacktestAcceptedSerializer},
        examples=[
            OpenApiExample(
                "One listing",
                value={"store_id": 1, "rule_set": "follow-buy-box", "skus": ["TENT"]},
                request_only=True,
            )
        ],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Replay a rule set over the last days: one listing at once (201), more of them by a job (202).

        Demand is taken to follow a constant elasticity, whose source is named; without one units stay as they
        were. Costs, fees and floors are today's.
        """
        asked = self.body(BacktestInput)
        row = start_backtest(
            BacktestDraft(
                store_id=asked["store_id"],
                document=asked.get("document"),
                key=asked.get("rule_set", ""),
                version=asked.get("version"),
                skus=asked["skus"],
                days=asked["days"],
                elasticity=asked["elasticity"],
            )
        )
        where = f"{self.base_path}/price-backtests/{row['id']}"
        if row["job_id"] is None:
            return self.created(backtest_body(row, has_days=True), where)
        body = bounded({"backtest": head_body(row), "job": job_body(get_job(row["job_id"]))})
        return Response(body, status=202, headers={"Location": where, "Retry-After": "2"})


class BacktestDetailView(TenantView):
    """One backtest."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": BacktestDetailQuery}

    @extend_schema(operation_id="get_price_backtest", responses=PriceBacktestSerializer, tags=TAGS)
    def get(self, request: Request, client: str, backtest_id: int) -> Response:
        """Show what a backtest found of the listings that are done; `days=true` shows every day."""
        return self.ok(backtest_body(get_backtest(backtest_id), has_days=self.query["days"]))


def _state(row: Mapping[str, Any]) -> BacktestState:
    return BacktestState.RUNNING if row["finished_at"] is None else BacktestState.FINISHED


def _days(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    summary = item["summary"]
    if summary is None:
        return []
    return [
        {
            **day,
            "price": Money.parse(day["price"], summary["currency"]),
            "actual_price": Money.parse(day["actual_price"], summary["currency"]),
        }
        for day in item["days"]
    ]
