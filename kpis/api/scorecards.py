"""Scorecards over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import weak_etag_of
from config.lib.api.query import QuerySerializer
from config.lib.api.renderer import dumps
from config.lib.api.schema import problems
from config.lib.api.times import FIRST_YEAR, LAST_YEAR
from config.lib.calendars import BadPeriod, Period, PeriodKind
from config.lib.errors import BadRequest, FieldError
from kpis.api.card_forms import ComparedScorecardsSerializer, ComparisonsSerializer, ScorecardSerializer
from kpis.api.language import language_of_answer
from kpis.api.queries import ComparedQuery, ComparisonQuery, RollingQuery, ScorecardQuery, slice_of
from kpis.selectors.comparisons import get_comparisons
from kpis.selectors.groups import compare_groups
from kpis.selectors.scorecards import write_scorecard
from tenants.http import TenantView
from tenants.permissions import Capability

F = TypeVar("F", bound=Callable[..., Any])


class _CardView(TenantView):
    """What all scorecards share."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.SCORECARD_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ScorecardQuery}
    looks = "scorecards"

    def show(self, period: Period) -> Response:
        """Answer with the scorecard of a period for the slice and instant asked for."""
        asked = self.query
        body = write_scorecard(
            within_time(period),
            within=slice_of(asked),
            as_known_at=asked.get("as_known_at"),
            language=language_of_answer(),
            explain=asked.get("explain", False),
            trend=asked.get("trend", 0),
        )
        # When it was written is in the answer, and changes nothing for who has the rest of it already.
        lasting = {name: part for name, part in body.items() if name != "generated_at"}
        return self.ok(body, etag=weak_etag_of(dumps(lasting)))


class _CalendarView(_CardView):
    """A period that the calendar names."""

    kind: ClassVar[PeriodKind]
    example: ClassVar[str]

    def period(self) -> Period:
        """The period asked for; BadRequest where it is of another kind."""
        text = self.query["period"]
        period = Period.parse(text, self.client.week_start)
        if period.kind is not self.kind:
            raise BadRequest(
                f"{text} is not a {self.kind.value}.",
                errors=[FieldError("", f"Write it like {self.example}.", "period", parameter="period")],
            )
        return period


def within_time(period: Period) -> Period:
    """The period itself; BadPeriod where the same a year ago would lie outside the calendar."""
    if not FIRST_YEAR < period.start.year < LAST_YEAR:
        raise BadPeriod(f"{period.id!r} lies outside our time")
    return period


def _scorecard_schema(operation_id: str) -> Callable[[F], F]:
    return extend_schema(
        operation_id=operation_id,
        responses={200: ScorecardSerializer, **problems(422)},
        tags=["scorecards"],
    )


class DailyScorecardView(_CalendarView):
    """A day against its targets."""

    kind = PeriodKind.DAY
    example = "2026-11-21"

    @_scorecard_schema("get_daily_scorecard")
    def get(self, request: Request, client: str) -> Response:
        """Show a shop day, with the day before and the same weekday a year ago."""
        return self.show(self.period())


class WeeklyScorecardView(_CalendarView):
    """A week against its targets."""

    kind = PeriodKind.WEEK
    example = "2026-W47"

    @_scorecard_schema("get_weekly_scorecard")
    def get(self, request: Request, client: str) -> Response:
        """Show a week, with the week before and the same week a year ago."""
        return self.show(self.period())


class MonthlyScorecardView(_CalendarView):
    """A month against its targets."""

    kind = PeriodKind.MONTH
    example = "2026-11"

    @_scorecard_schema("get_monthly_scorecard")
    def get(self, request: Request, client: str) -> Response:
        """Show a month, with the month before and the same month a year ago."""
        return self.show(self.period())


class QuarterlyScorecardView(_CalendarView):
    """A quarter against its targets."""

    kind = PeriodKind.QUARTER
    example = "2026-Q4"

    @_scorecard_schema("get_quarterly_scorecard")
    def get(self, request: Request, client: str) -> Response:
        """Show a quarter, with the quarter before and the same quarter a year ago."""
        return self.show(self.period())


class RollingScorecardView(_CardView):
    """The last so many days against their targets."""

    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": RollingQuery}

    @_scorecard_schema("get_rolling_scorecard")
    def get(self, request: Request, client: str) -> Response:
        """Show a window of days that ends on one, with the window before and the one 364 days earlier.

        Measures that look back themselves (trailing ones) are those of the last week or month end in it.
        """
        end = self.query.get("end") or clock.today(self.client.time_zone) - timedelta(days=1)
        return self.show(Period.rolling(end, self.query["days"], self.client.week_start))


class ComparedScorecardsView(TenantView):
    """Scorecards beside each other."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.SCORECARD_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ComparedQuery}
    looks = "scorecards"

    @extend_schema(
        operation_id="compare_scorecards",
        responses={200: ComparedScorecardsSerializer, **problems(422)},
        tags=["scorecards"],
    )
    def get(self, request: Request, client: str) -> Response:
        """Show the score and short lines of every store, market, brand or person, from one reading."""
        asked = self.query
        body = compare_groups(
            within_time(Period.parse(asked["period"], self.client.week_start)),
            asked["by"],
            within=slice_of(asked),
            kpis=asked.get("kpi", ()),
            as_known_at=asked.get("as_known_at"),
            language=language_of_answer(),
        )
        return self.ok(body)


class ComparisonsView(TenantView):
    """A period against others, raw and adjusted."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.SCORECARD_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ComparisonQuery}
    looks = "scorecards"

    @extend_schema(
        operation_id="get_scorecard_comparisons",
        responses={200: ComparisonsSerializer, **problems(422)},
        tags=["scorecards"],
    )
    def get(self, request: Request, client: str) -> Response:
        """Show each KPI against the period before and a year ago, as it fell and adjusted for the calendar.

        Adjusted puts days beside days like them: the same weekday, or the same day of the same event. Days
        without a like are left out on both sides and named. A period under way faces the same days of others.
        """
        period = within_time(Period.parse(self.query["period"], self.client.week_start))
        return self.ok(get_comparisons(period, within=slice_of(self.query), language=language_of_answer()))
