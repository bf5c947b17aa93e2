"""Scorecards over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import weak_etag_of
from config.lib.api.query import QuerySerializer
from config.lib.api.renderer import dumps
from config.lib.api.schema import problems
from config.lib.api.times import FIRST_YEAR, LAST_YEAR
from config.lib.calendars import BadPeriod, Period, PeriodKind
from config.lib.errors import BadRequest, FieldError
from kpis.api.language import language_of_answer
from kpis.api.queries import ScorecardQuery
from kpis.api.serializers import ScorecardSerializer
from kpis.selectors.scorecards import write_scorecard
from tenants.http import TenantView
from tenants.permissions import Capability

F = TypeVar("F", bound=Callable[..., Any])


class _ScorecardView(TenantView):
    """What weekly and monthly scorecards share."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.SCORECARD_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ScorecardQuery}
    looks = "scorecards"
    kind: ClassVar[PeriodKind]
    example: ClassVar[str]

    def show(self, request: Request) -> Response:
        """Answer with the scorecard of the period, stores and instant asked for."""
        asked = self.query
        body = write_scorecard(
            self._period(asked["period"]),
            store_ids=asked.get("store", ()),
            as_known_at=asked.get("as_known_at"),
            language=language_of_answer(),
            explain=asked.get("explain", False),
        )
        # When it was written is in the answer, and changes nothing for who has the rest of it already.
        lasting = {name: part for name, part in body.items() if name != "generated_at"}
        return self.ok(body, etag=weak_etag_of(dumps(lasting)))

    def _period(self, text: str) -> Period:
        period = Period.parse(text, self.client.week_start)
        if period.kind is not self.kind:
            raise BadRequest(
                f"{text} is not a {self.kind.value}.",
                errors=[FieldError("", f"Write it like {self.example}.", "period", parameter="period")],
            )
        if not FIRST_YEAR < period.start.year < LAST_YEAR:
            raise BadPeriod(f"{text!r} lies outside our time")
        return period


def _scorecard_schema(operation_id: str) -> Callable[[F], F]:
    return extend_schema(
        operation_id=operation_id,
        responses={200: ScorecardSerializer, **problems(422)},
        tags=["scorecards"],
    )


class WeeklyScorecardView(_ScorecardView):
    """A week against its targets."""

    kind = PeriodKind.WEEK
    example = "2026-W47"

    @_scorecard_schema("get_weekly_scorecard")
    def get(self, request: Request, client: str) -> Response:
        """Show a week, with the week before and the same week a year ago."""
        return self.show(request)


class MonthlyScorecardView(_ScorecardView):
    """A month against its targets."""

    kind = PeriodKind.MONTH
    example = "2026-11"

    @_scorecard_schema("get_monthly_scorecard")
    def get(self, request: Request, client: str) -> Response:
        """Show a month, with the month before and the same month a year ago."""
        return self.show(request)
