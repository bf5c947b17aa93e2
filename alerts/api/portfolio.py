"""The agency over all its clients: who needs somebody today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.types import Severity
from config.lib import clock
from config.lib.api.pagination import from_rows
from config.lib.api.query import PageQuery, QuerySerializer, SortField
from config.lib.api.schema import EnumField, page_of
from tenants.http import PublicView
from tenants.permissions import AgencyCapability
from tenants.selectors.portfolio import PortfolioEntry, list_portfolio
from tenants.types import HealthBand, PacingBand

TAGS = ["alerts: agency"]
OUTDATED_AFTER = timedelta(minutes=30)
_COUNTS = ("stale_streams", "overdue_actions", "overdue_approvals", "breached_clocks")
# The worst is wanted first; who was never counted comes last.
_BANDS = {PacingBand.BAD: 3, PacingBand.WATCH: 2, PacingBand.GOOD: 1, PacingBand.UNKNOWN: 0}
_HEALTH = {HealthBand.BAD: 3, HealthBand.WATCH: 2, HealthBand.GOOD: 1, HealthBand.UNKNOWN: 0}
_FURTHEST_AHEAD = Decimal(-1000)
_DEFAULT_ORDER = ("-band_rank", "-behind", "-id")


class OpenAlertsSerializer(serializers.Serializer[Any]):
    """How many alerts fire or are acknowledged."""

    info = serializers.IntegerField()
    warning = serializers.IntegerField()
    critical = serializers.IntegerField()


class PortfolioSerializer(serializers.Serializer[Any]):
    """A client at a glance; counts are null before the first count."""

    client = serializers.CharField(help_text="The client's slug.")
    name = serializers.CharField()
    band = EnumField(PacingBand, help_text="good: sales under 5 % behind target; watch: to 20 %; bad: more.")
    shortfall = serializers.CharField(
        allow_null=True, help_text="Sales of the last whole week behind target, as a fraction; < 0: ahead."
    )
    health = EnumField(HealthBand, help_text="The worst of platforms' figures and their open warnings.")
    alerts = OpenAlertsSerializer(allow_null=True)
    stale_streams = serializers.IntegerField(allow_null=True, help_text="Data older than they may be.")
    overdue_actions = serializers.IntegerField(allow_null=True)
    overdue_approvals = serializers.IntegerField(allow_null=True)
    breached_clocks = serializers.IntegerField(allow_null=True, help_text="Answers owed beyond the promise.")
    as_of = serializers.DateTimeField(allow_null=True)
    is_outdated = serializers.BooleanField(help_text="Not counted for half an hour: do not rely on it.")


class PortfolioQuery(PageQuery):
    """Which clients, and in which order."""

    band = EnumField(PacingBand, required=False)
    health = EnumField(HealthBand, required=False)
    alerts = EnumField(Severity, required=False, help_text="Only clients with an open alert like this.")
    has = serializers.ChoiceField(
        choices=_COUNTS, required=False, help_text="Only clients with any of these."
    )
    sort = SortField(
        {
            "band": "band_rank",
            "shortfall": "behind",
            "health": "health_rank",
            "critical": "alerts_critical",
            **{name: name for name in _COUNTS},
            "name": "name",
        }
    )


class BandTotalSerializer(serializers.Serializer[Any]):
    """The clients of a band, summed up."""

    band = EnumField(PacingBand)
    clients = serializers.IntegerField()
    alerts = OpenAlertsSerializer()
    stale_streams = serializers.IntegerField()
    overdue_actions = serializers.IntegerField()
    overdue_approvals = serializers.IntegerField()
    breached_clocks = serializers.IntegerField()


class PortfolioTotalsSerializer(serializers.Serializer[Any]):
    """All clients that the caller may see, by band."""

    clients = serializers.IntegerField()
    outdated = serializers.IntegerField(help_text="Clients not counted for half an hour.")
    bands = BandTotalSerializer(many=True)


class PortfolioView(PublicView):
    """Every client that the caller may see."""

    capabilities: ClassVar[Mapping[str, AgencyCapability]] = {"GET": AgencyCapability.PORTFOLIO_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PortfolioQuery.of(PortfolioSerializer)}

    @extend_schema(operation_id="list_portfolio", responses=page_of(PortfolioSerializer), tags=TAGS)
    def get(self, request: Request) -> Response:
        """List the clients, the worst pace first. Only aggregates are kept here, a row per client, counted
        anew after news and every five minutes."""
        rows = [row for row in map(_row, list_portfolio(self.principal)) if _is_asked(row, self.query)]
        return self.page(from_rows(rows), ordering=self.query.get("sort") or _DEFAULT_ORDER, shape=_shape)


class PortfolioTotalsView(PublicView):
    """The same, summed up."""

    capabilities: ClassVar[Mapping[str, AgencyCapability]] = {"GET": AgencyCapability.PORTFOLIO_READ}

    @extend_schema(operation_id="get_portfolio_totals", responses=PortfolioTotalsSerializer, tags=TAGS)
    def get(self, request: Request) -> Response:
        """Sum up the clients that the caller may see, by band."""
        rows = [_row(entry) for entry in list_portfolio(self.principal)]
        return self.ok(
            {
                "clients": len(rows),
                "outdated": sum(_is_outdated(row) for row in rows),
                "bands": [_total(band, [row for row in rows if row["band"] is band]) for band in PacingBand],
            }
        )


def _row(entry: PortfolioEntry) -> dict[str, Any]:
    """A client as it is filtered and sorted; never counted is nothing known, and counts as none."""
    figures = entry.figures
    band = figures.band if figures else PacingBand.UNKNOWN
    health = figures.health if figures else HealthBand.UNKNOWN
    behind = figures.shortfall if figures else None
    counts = (*_COUNTS, *(f"alerts_{severity.value}" for severity in Severity))
    return {
        "id": entry.id,
        "client": entry.slug,
        "name": entry.name,
        "band": band,
        "band_rank": _BANDS[band],
        "health": health,
        "health_rank": _HEALTH[health],
        "shortfall": behind,
        "behind": _FURTHEST_AHEAD if behind is None else behind,
        **{name: getattr(figures, name) if figures else 0 for name in counts},
        "as_of": figures.as_of if figures else None,
    }


def _is_asked(row: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    return (
        all(asked.get(name) in (None, row[name]) for name in ("band", "health"))
        and ("alerts" not in asked or row[f"alerts_{asked['alerts']}"] > 0)
        and ("has" not in asked or row[asked["has"]] > 0)
    )


def _shape(row: Mapping[str, Any]) -> dict[str, Any]:
    is_counted = row["as_of"] is not None
    return {
        "client": row["client"],
        "name": row["name"],
        "band": row["band"],
        "shortfall": None if row["shortfall"] is None else format(row["shortfall"], "f"),
        "health": row["health"],
        "alerts": _alerts([row]) if is_counted else None,
        **{name: row[name] if is_counted else None for name in _COUNTS},
        "as_of": row["as_of"],
        "is_outdated": _is_outdated(row),
    }


def _total(band: PacingBand, rows: list[dict[str, Any]]) -> dict[str, Any]:
    sums = {name: sum(row[name] for row in rows) for name in _COUNTS}
    return {"band": band, "clients": len(rows), "alerts": _alerts(rows), **sums}


def _alerts(rows: list[Any]) -> dict[str, int]:
    return {each.value: sum(row[f"alerts_{each.value}"] for row in rows) for each in Severity}


def _is_outdated(row: Mapping[str, Any]) -> bool:
    return row["as_of"] is None or clock.now() - row["as_of"] > OUTDATED_AFTER
